"""Reads our own copy of a service model, as much of it as is used, in the form that botocore takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from sagemaker_typed._core.service import Service

__all__ = ["ModelLoader", "endpoints", "knows_other", "united"]


class ModelLoader:
    """A loader of botocore's in which the model of one service is ours. All other data is the general loader's.

    With `whole`, the model is ours with everything that the general loader's model has beyond it.
    """

    def __init__(self, general: Any, service: Service, *, whole: bool = False) -> None:
        self._general = general
        self._service = service
        self._whole = whole

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        if service_name != self._service.name:
            return self._general.load_service_model(service_name, type_name, api_version)
        # Ours has one version. Another may stand in ~/.aws/models, or in a later botocore.
        if api_version not in (None, self._service.api_version):
            raise DataNotFoundError(data_path=f"{service_name}/{api_version}/{type_name}")
        path = self._service.model / service_name / self._service.api_version / f"{type_name}.json"
        if self._whole:
            return self._together(json.loads(path.read_bytes()), type_name)
        return _service_model(path) if type_name == "service-2" else json.loads(path.read_bytes())

    def _together(self, bundled: Any, type_name: str) -> Any:
        try:
            found = self._general.load_service_model(self._service.name, type_name, self._service.api_version)
        except (DataNotFoundError, UnknownServiceError):
            return bundled  # this botocore has left the service out
        return found if type_name == "endpoint-rule-set-1" else united(found, bundled)

    def list_available_services(self, type_name: str) -> list[str]:
        return [self._service.name]  # botocore would look through four hundred folders for it

    def load_data_with_path(self, name: str) -> Any:
        if name == "endpoints" and not self._has_endpoints():
            # The path is that of botocore's own table, of which ours is a part.
            return endpoints(self._service), os.path.join(Loader.BUILTIN_DATA_PATH, "endpoints")
        return self._general.load_data_with_path(name)

    def _has_endpoints(self) -> bool:
        """Whether the user has a table of endpoints: in ~/.aws/models or AWS_DATA_PATH, or with a loader of their own."""
        if self._general.__class__ is not Loader:
            return True
        folders: list[str] = [path for path in self._general.search_paths if path != Loader.BUILTIN_DATA_PATH]
        return any(self._general.file_loader.exists(os.path.join(folder, "endpoints")) for folder in folders)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._general, name)


def knows_other(general: Any, service: Service) -> bool:
    """Whether a general loader has another model of the service than ours."""
    if (
        general.__class__ is not Loader
        or botocore.__version__ != (service.model / "botocore-version").read_text().strip()
    ):
        return True
    folders: list[str] = [path for path in general.search_paths if path != Loader.BUILTIN_DATA_PATH]
    return any(os.path.isdir(os.path.join(folder, service.name)) for folder in folders)


def united(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two models in one: the operations, shapes and members of both. Where both have something, the first's counts."""
    whole = {**second, **first}
    for section in ("operations", "pagination", "waiters", "shapes"):
        if section in whole:
            whole[section] = {**second.get(section, {}), **first.get(section, {})}
    for name, shape in first.get("shapes", {}).items():
        other = second["shapes"].get(name, shape)
        if "members" in shape or "members" in other:
            members = {**other.get("members", {}), **shape.get("members", {})}
            whole["shapes"][name] = {**shape, "members": members}
    return whole


def endpoints(service: Service) -> Any:
    """The endpoints of the service, from botocore's table of those of all services."""
    return json.loads((service.model / service.name / "endpoints.json").read_bytes())


def _service_model(path: Path) -> dict[str, Any]:
    """The service model. A call needs some ten of its three thousand shapes, so each is parsed when it is asked for."""
    before, _, rest = path.read_text(encoding="utf-8").partition(_SHAPES)
    shapes, _, after = rest.partition("\n }")
    document: dict[str, Any] = json.loads(f"{before}{_SHAPES} }}{after}")
    return document | {"shapes": _ShapesByName(shapes)}


# The generator writes a section so, and one shape a line.
_SHAPES = ' "shapes": {\n'


class _ShapesByName(Mapping[str, Any]):
    def __init__(self, lines: str) -> None:
        # What a shape is: its text until it is asked for, then what was parsed.
        self._shapes: dict[str, Any] = dict(line[3:].split('": ', 1) for line in lines.split("\n"))

    def __getitem__(self, name: str) -> Any:
        shape = self._shapes[name]
        if isinstance(shape, str):
            shape = self._shapes[name] = json.loads(shape.removesuffix(","))
        return shape

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)
