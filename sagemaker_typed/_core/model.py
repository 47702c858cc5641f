"""Reads our own copy of the service model, as much of it as is used, in the form that botocore takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

__all__ = ["SERVICE", "endpoints", "model_loader"]

SERVICE = "sagemaker"
_FOLDER = Path(__file__).parents[1] / "model"
_VERSION = "2017-07-24"


def model_loader() -> Any:
    """botocore's loader for a client of SageMaker. Other data, such as the partitions, is botocore's own."""
    loader: Any = Loader(extra_search_paths=[str(_FOLDER)])
    general = loader.load_service_model

    def load_service_model(service_name: str, type_name: str, api_version: str | None = None) -> Any:
        # Ours has one version. Another may stand in ~/.aws/models, or in a later botocore.
        if api_version not in (None, _VERSION):
            raise DataNotFoundError(data_path=f"{service_name}/{api_version}/{type_name}")
        if type_name == "service-2":
            return _service(_FOLDER / service_name / _VERSION / f"{type_name}.json")
        return general(service_name, type_name, _VERSION)

    def list_available_services(type_name: str) -> list[str]:
        return [SERVICE]  # botocore would look through four hundred folders for it

    loader.load_service_model = load_service_model
    loader.list_available_services = list_available_services
    return loader


def endpoints() -> Any:
    """The endpoints of SageMaker, from botocore's table of those of all services."""
    return json.loads((_FOLDER / "endpoints.json").read_bytes())


def _service(path: Path) -> dict[str, Any]:
    """The service model. A call needs some ten of its three thousand shapes, so each is parsed when it is asked for."""
    before, _, rest = path.read_text(encoding="utf-8").partition(_SHAPES)
    shapes, _, after = rest.partition("\n }")
    document: dict[str, Any] = json.loads(f"{before}{_SHAPES} }}{after}")
    return document | {"shapes": _Shapes(shapes)}


# The generator writes a section so, and one shape a line.
_SHAPES = ' "shapes": {\n'


class _Shapes(Mapping[str, Any]):
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
