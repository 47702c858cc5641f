"""The service model as plain mappings, and the shared botocore loader.

The loader is shared with the sessions that `LocalSageMaker` hands out: reading the model takes 0.1 s and more.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Collection, Mapping, Sequence
from importlib import resources
from typing import Any, cast

__all__ = ["ServiceTables", "Shape", "botocore_loader", "known_regions", "load_model", "service_tables"]

Shape = Mapping[str, Any]


class ServiceTables:
    """Operations and shapes by name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._operations = cast("Mapping[str, Mapping[str, Any]]", document["operations"])
        self._shapes = cast("Mapping[str, Shape]", document["shapes"])

    @property
    def operations(self) -> Collection[str]:
        return self._operations.keys()

    def shape(self, name: str) -> Shape:
        return self._shapes[name]

    def input_shape(self, operation: str) -> Shape | None:
        reference = self._operations[operation].get("input")
        return None if reference is None else self._shapes[reference["shape"]]

    def has_output(self, operation: str) -> bool:
        return "output" in self._operations[operation]

    def has_shape(self, name: str) -> bool:
        return name in self._shapes

    def output_name(self, operation: str) -> str:
        return str(self._operations[operation]["output"]["shape"])

    def item_shape(self, operation: str, result_key: str) -> str:
        """Return the shape of the items that a list operation returns."""
        listed = self._shapes[self.output_name(operation)]["members"][result_key]["shape"]
        return str(self._shapes[listed]["member"]["shape"])

    def errors(self, operation: str) -> Collection[str]:
        """Return the error codes that an operation declares."""
        return [error["shape"] for error in self._operations[operation].get("errors", ())]

    def cleaned_output(self, operation: str, body: str) -> dict[str, Any] | None:
        """Return the members of an answer of moto that the operation's output has, without nulls.

        moto 5.0 encodes some answers twice, and writes times as texts.
        """
        if "output" not in self._operations[operation]:
            return None
        parsed: object = json.loads(body or "{}")
        if isinstance(parsed, str):
            parsed = json.loads(parsed or "{}")
        if not isinstance(parsed, dict):
            raise ValueError(f"an answer of {operation} is not a JSON object: {body[:200]}")
        return cast("dict[str, Any]", self._cleaned(self.output_name(operation), cast("object", parsed)))

    def _cleaned(self, shape: str, value: object) -> Any:
        about = self._shapes[shape]
        if about["type"] == "structure" and isinstance(value, dict):
            return self._cleaned_members(about["members"], cast("dict[str, object]", value))
        if about["type"] == "map" and isinstance(value, dict):
            pairs = cast("dict[str, object]", value).items()
            return {key: self._cleaned(about["value"]["shape"], item) for key, item in pairs if item is not None}
        if about["type"] == "list" and isinstance(value, list):
            return [self._cleaned(about["member"]["shape"], item) for item in cast("list[object]", value)]
        if about["type"] == "timestamp" and isinstance(value, str):
            return _epoch(value)
        return value

    def _cleaned_members(self, members: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
        return {
            name: self._cleaned(member["shape"], given[name])
            for name, member in members.items()
            if given.get(name) is not None
        }

    def members(self, shape: str) -> Collection[str]:
        return cast("Collection[str]", self._shapes[shape]["members"].keys())

    def project(self, shape: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of a document that a structure has members for."""
        return {name: document[name] for name in self._shapes[shape]["members"] if name in document}

    def enum(self, shape: str) -> Sequence[str]:
        return cast("Sequence[str]", self._shapes[shape]["enum"])

    def error_message_member(self, code: str) -> str:
        """Return the member that carries an error's message. Errors that the model declares use "Message"."""
        shape = self._shapes.get(code, {})
        return "Message" if shape.get("exception") and "Message" in shape.get("members", {}) else "message"


def _epoch(text: str) -> float:
    moment = datetime.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()


@functools.cache
def botocore_loader() -> Any:
    import botocore.loaders

    loaders: Any = botocore.loaders
    return loaders.create_loader()


@functools.cache
def load_model() -> ServiceTables:
    """Load the newer of the installed and the bundled model, which includes everything in the older one.

    A raw boto3 client uses the installed botocore's model, a `SageMaker` client the bundled one. The server must accept
    the requests of both.
    """
    import botocore

    ours = resources.files("sagemaker_typed") / "model"
    if _numbers((ours / "botocore-version").read_text()) > _numbers(cast("Any", botocore).__version__):
        text = (ours / "sagemaker" / "2017-07-24" / "service-2.json").read_text(encoding="utf-8")
        return ServiceTables(json.loads(text))
    return ServiceTables(botocore_loader().load_service_model("sagemaker", "service-2"))


@functools.cache
def service_tables(service: str) -> ServiceTables:
    """Return the installed botocore's model of another service."""
    return ServiceTables(botocore_loader().load_service_model(service, "service-2"))


@functools.cache
def known_regions() -> Collection[str]:
    """Return the regions of all partitions that botocore lists."""
    partitions = botocore_loader().load_data("endpoints")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.strip().split(".") if part.isdigit())
