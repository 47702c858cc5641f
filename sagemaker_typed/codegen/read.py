"""Reads service models as botocore ships them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import botocore
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

from .targets import MAIN

Json = dict[str, Any]


@dataclass(frozen=True)
class BotocoreModel:
    """The service model, botocore's paginators, and their source."""

    version: str
    api_version: str
    shapes: dict[str, Json]
    operations: dict[str, Json]
    paginators: dict[str, Json]
    raw: dict[str, Json]
    """Every file of the model under its name without extension, as botocore's loader gives it."""
    endpoints: Json
    """botocore's table of the endpoints of all services."""
    service: str = MAIN.service
    """botocore's name of the service."""

    def renamed(self, names: Mapping[str, str]) -> BotocoreModel:
        """Return the model with some shapes renamed. `raw` stays unchanged."""

        def rename(value: Any) -> Any:
            if isinstance(value, dict):
                pairs = cast("Json", value).items()
                # A member may be called "shape" too; its value is then a mapping instead of a name.
                return {
                    key: names.get(item, item) if isinstance(item, str) and key == "shape" else rename(item)
                    for key, item in pairs
                }
            return [rename(item) for item in cast("Sequence[Any]", value)] if isinstance(value, list) else value

        return replace(
            self,
            shapes={names.get(name, name): rename(body) for name, body in self.shapes.items()},
            operations={name: rename(body) for name, body in self.operations.items()},
        )

    def without(self, operations: Collection[str]) -> BotocoreModel:
        """Return the model without some operations and the shapes that only they reach. `raw` stays unchanged."""

        def reached(names: Iterable[str]) -> set[str]:
            roots = [root for name in names for root in (self.input(name), self.output(name))]
            return {shape for root in roots for shape in self.reach(root)}

        left = {name: body for name, body in self.operations.items() if name not in operations}
        gone = reached(self.operations.keys() - left.keys()) - reached(left)
        shapes = {name: body for name, body in self.shapes.items() if name not in gone}
        return replace(self, shapes=shapes, operations=left)

    def shape(self, name: str) -> Json:
        return self.shapes[name]

    def members(self, name: str | None) -> dict[str, Json]:
        return self.shapes[name].get("members", {}) if name else {}

    def input(self, operation: str) -> str | None:
        return _shape_of(self.operations[operation].get("input"))

    def output(self, operation: str) -> str | None:
        return _shape_of(self.operations[operation].get("output"))

    def targets(self, shape: str) -> list[str]:
        """Return the shapes that `shape` refers to, in the model's order."""
        return targets_of(self.shapes[shape])

    def reach(self, root: str | None) -> set[str]:
        """Return every shape reached from `root`, including `root`."""
        seen: set[str] = set()
        todo = [root] if root else []
        while todo:
            shape = todo.pop()
            if shape not in seen:
                seen.add(shape)
                todo.extend(self.targets(shape))
        return seen


def targets_of(body: Json) -> list[str]:
    """Return the shapes that the body of a shape refers to, in its order."""
    refs = [*body.get("members", {}).values()]
    refs += [body[part] for part in ("member", "key", "value") if part in body]
    return [str(ref["shape"]) for ref in refs]


def _shape_of(ref: Json | None) -> str | None:
    return None if ref is None else str(ref["shape"])


FILES = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")


def read_installed(service: str = MAIN.service) -> BotocoreModel:
    """Return the installed botocore's model of a service."""
    loader: Any = Loader()
    api_version: str = loader.determine_latest_version(service, "service-2")
    raw: dict[str, Any] = {}
    for name in FILES:
        try:
            raw[name] = loader.load_service_model(service, name, api_version)
        except DataNotFoundError:
            continue  # not every service has waiters
    model = raw["service-2"]
    return BotocoreModel(
        version=botocore.__version__,
        api_version=api_version,
        shapes=model["shapes"],
        operations=model["operations"],
        paginators=raw["paginators-1"]["pagination"],
        raw=raw,
        endpoints=loader.load_data("endpoints"),
        service=service,
    )


def available() -> frozenset[str]:
    """Return the services that the installed botocore has."""
    loader: Any = Loader()
    return frozenset(loader.list_available_services("service-2"))
