"""Loads our own copy of a service model for botocore, parsing only the parts that are used."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import botocore
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from sagemaker_typed._core.service import Service

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["ModelLoader", "endpoints", "knows_other", "name_methods", "united"]


class ModelLoader:
    """A botocore loader that replaces the model of one service by ours. All other data comes from the general loader.

    With `whole`, the model is ours plus everything that only the general loader's model has.
    """

    def __init__(self, general: Any, service: Service, *, whole: bool = False) -> None:
        self._general = general
        self._service = service
        self._whole = whole

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        if service_name != self._service.name:
            return self._general.load_service_model(service_name, type_name, api_version)
        # Our model has one version. ~/.aws/models or a later botocore may have others.
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
            return bundled  # this botocore does not have the service
        return found if type_name == "endpoint-rule-set-1" else united(found, bundled)

    def list_available_services(self, type_name: str) -> list[str]:
        return [self._service.name]  # botocore would search four hundred folders for it

    def load_data_with_path(self, name: str) -> Any:
        if name == "endpoints" and not self._has_endpoints():
            # The path of botocore's own table, which contains ours.
            return endpoints(self._service), os.path.join(Loader.BUILTIN_DATA_PATH, "endpoints")
        return self._general.load_data_with_path(name)

    def _has_endpoints(self) -> bool:
        """Whether the user has their own table of endpoints: in ~/.aws/models, in AWS_DATA_PATH or from a custom loader."""
        if self._general.__class__ is not Loader:
            return True
        folders: list[str] = [path for path in self._general.search_paths if path != Loader.BUILTIN_DATA_PATH]
        return any(self._general.file_loader.exists(os.path.join(folder, "endpoints")) for folder in folders)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._general, name)


def knows_other(general: Any, service: Service) -> bool:
    """Whether a general loader has a model of the service that differs from ours."""
    if (
        general.__class__ is not Loader
        or botocore.__version__ != (service.model / "botocore-version").read_text().strip()
    ):
        return True
    folders: list[str] = [path for path in general.search_paths if path != Loader.BUILTIN_DATA_PATH]
    return any(os.path.isdir(os.path.join(folder, service.name)) for folder in folders)


def united(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the operations, shapes and members of two models. If both have an entry, the first model's entry wins."""
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
    """Return the endpoints of the service from botocore's table of all services."""
    return json.loads((service.model / service.name / "endpoints.json").read_bytes())


def name_methods(service: Service) -> None:
    """Put the names of boto3's methods into botocore's cache of such names.

    To make a client, botocore turns the name of each operation into a method's by regular expressions, which takes 2 % of
    a first call. Names that it knows already stay as they are.
    """
    cache: Any = getattr(botocore, "_xform_cache", None)
    if isinstance(cache, dict):
        names = cast("dict[tuple[str, str], str]", cache)
        methods: dict[str, str] = json.loads((service.model / service.name / "methods.json").read_bytes())
        for operation, method in methods.items():
            names.setdefault((operation, "_"), method)


def _service_model(path: Traversable) -> dict[str, Any]:
    """The service model. A call needs some ten of its three thousand shapes, so each is parsed when it is asked for."""
    before, _, rest = path.read_text(encoding="utf-8").partition(_SHAPES)
    shapes, _, after = rest.rpartition("\n }")
    document: dict[str, Any] = json.loads(f"{before}{_SHAPES} }}{after}")
    return document | {"shapes": _ShapesByName(shapes)}


# The generator writes sections in this form, with one shape per line, in the order of their names. No section with more than
# one line follows.
_SHAPES = ' "shapes": {\n'
_BEFORE_NAME = len('  "')


class _ShapesByName(Mapping[str, Any]):
    def __init__(self, lines: str) -> None:
        self._lines = lines
        self._parsed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        shape = self._parsed.get(name)
        if shape is None:
            shape = self._parsed[name] = json.loads(self._text(name))
        return shape

    def _text(self, name: str) -> str:
        """Search for the JSON text of a shape. Making a dict of all shapes would take a millisecond."""
        lines = self._lines
        low, high = 0, len(lines)
        while low < high:
            middle = (low + high) // 2
            start = max(low, lines.rfind("\n", low, middle) + 1)
            end = lines.find("\n", middle)
            end = len(lines) if end < 0 else end
            found = _name_at(lines, start)
            if found == name:
                return lines[start + _BEFORE_NAME + len(name) + len('": ') : end].removesuffix(",")
            if found < name:
                low = end + 1
            else:
                high = start
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        start = 0
        while start < len(self._lines):
            yield _name_at(self._lines, start)
            start = self._lines.find("\n", start) + 1 or len(self._lines)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _name_at(lines: str, start: int) -> str:
    """Return the name at the start of a line."""
    start += _BEFORE_NAME
    return lines[start : lines.index('"', start)]
