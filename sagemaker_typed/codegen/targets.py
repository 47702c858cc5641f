"""The services to generate, their names, and the places of their code."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PACKAGE = "sagemaker_typed"


@dataclass(frozen=True)
class Target:
    """One service, with its names in botocore and in the library."""

    service: str
    """botocore's name."""
    package: str
    """The package that holds the classes of its structures and enums."""
    documentation: str
    """The address of AWS's page on an operation or a structure, with `{}` for its name."""
    attribute: str = ""
    """The attribute of `SageMaker` whose methods its operations are; empty where resources have attributes of their own."""
    class_name: str = ""
    """The class of that attribute."""
    words: str = ""
    """What the service is for."""

    @property
    def folder(self) -> str:
        """The folder of its classes, below the library's."""
        return self.package.removeprefix(f"{PACKAGE}.").replace(".", "/")

    @property
    def overlay(self) -> str:
        """The overlay file with all decisions about the service. Empty for SageMaker, which has a file for each kind."""
        return self.attribute


MAIN = Target(
    service="sagemaker",
    package=f"{PACKAGE}.types",
    documentation="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{}.html",
)
"""The service whose resources are the attributes of `SageMaker`."""


def sibling(service: str, attribute: str, said: dict[str, Any]) -> Target:
    """Return the service of one attribute of `SageMaker`. `said` is the service table of its overlay file."""
    return Target(
        service=service,
        package=f"{PACKAGE}.services.{attribute}",
        documentation=str(said["documentation"]),
        attribute=attribute,
        class_name=str(said["class"]),
        words=str(said["words"]),
    )


def unwritten(services: Mapping[str, str]) -> list[str]:
    """Return a complaint for each service to generate that has no file of decisions: botocore's name -> the attribute."""
    return [
        f"service {service} has no overlay/{attribute}.toml; write it with [service] class, words and documentation, "
        "as the other services have them"
        for service, attribute in services.items()
    ]


def undecided(available: Iterable[str], decided: Container[str]) -> list[str]:
    """Return a complaint for each of botocore's services whose name belongs to SageMaker and that is in no table."""
    return [
        f"botocore has a new service {service}; to generate it as `sm.ATTRIBUTE`, add to overlay/services.toml: "
        f'[generated] {service} = "ATTRIBUTE"; to leave it out, add {service} = "reason" to [without]'
        for service in sorted(available)
        if service.startswith(MAIN.service) and service != MAIN.service and service not in decided
    ]
