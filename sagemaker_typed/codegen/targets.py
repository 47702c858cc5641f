"""Which services are generated, what each is called, and where its code goes."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

PACKAGE = "sagemaker_typed"


@dataclass(frozen=True)
class Target:
    """One service, as botocore knows it and as the library does."""

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
        """Where its classes stand, below the library."""
        return self.package.removeprefix(f"{PACKAGE}.").replace(".", "/")

    @property
    def overlay(self) -> str:
        """The overlay file that holds all decisions about the service; empty where each kind of decision has a file."""
        return self.attribute


MAIN = Target(
    service="sagemaker",
    package=f"{PACKAGE}.types",
    documentation="https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{}.html",
)
"""The service whose resources are the attributes of `SageMaker`."""


def sibling(service: str, attribute: str, said: dict[str, Any]) -> Target:
    """The service behind one attribute of `SageMaker`; `said` is what its overlay file says of it as a whole."""
    return Target(
        service=service,
        package=f"{PACKAGE}.services.{attribute}",
        documentation=str(said["documentation"]),
        attribute=attribute,
        class_name=str(said["class"]),
        words=str(said["words"]),
    )


def undecided(available: Iterable[str], decided: Container[str]) -> list[str]:
    """A complaint for each service of botocore's that belongs to SageMaker, as its name says, and is in no table."""
    return [
        f"service {service} is not decided about (if it is left out: under [without], and why); "
        f'add to overlay/services.toml: [generated] {service} = "attribute"'
        for service in sorted(available)
        if service.startswith(MAIN.service) and service != MAIN.service and service not in decided
    ]
