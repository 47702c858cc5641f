"""Values for the structures of the service model: the known values that fit, and samples of required ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from sagemaker_typed.testing._model import ServiceTables, Shape
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Fitter", "Unfit"]


class Unfit(Exception):
    """No part of a value fits the shape."""


class Fitter:
    """Reduces values to shapes. `sample(shape, member)` returns a value for a required member that is not known."""

    def __init__(self, model: ServiceTables, sample: Callable[[str, str], Any]) -> None:
        self._model = model
        self._sample = sample

    def structure(self, shape: str, known: Callable[[str, str], Any]) -> dict[str, Any]:
        """Return the known members (None means unknown) and the required members.

        `known(member, shape)` returns the known value of a member.
        """
        return self._completed(shape, self._fitting(shape, known))

    def fitted(self, shape: str, value: Any) -> Any:
        """Return the value reduced to the shape. None if it does not fit."""
        if value is None:
            return None
        try:
            return self._cut(shape, value)
        except Unfit:
            return None

    def _cut(self, shape: str, value: Any) -> Any:
        about = self._model.shape(shape)
        match about["type"]:
            case "structure" if about.get("document"):
                return value
            case "structure" if isinstance(value, dict):
                return self._cut_structure(shape, cast("dict[str, Any]", value))
            case "list" if isinstance(value, list):
                return [self._cut(about["member"]["shape"], item) for item in cast("list[object]", value)]
            case "map" if isinstance(value, dict):
                pairs = cast("dict[str, Any]", value).items()
                return {key: self._cut(about["value"]["shape"], item) for key, item in pairs}
            case "timestamp" if isinstance(value, int | float | str):
                return to_epoch(value)
            case kind if _is_scalar(kind, about, value):
                return value
            case _:
                raise Unfit(shape)

    def _cut_structure(self, shape: str, value: Mapping[str, Any]) -> dict[str, Any]:
        about = self._model.shape(shape)
        shared = [name for name in about["members"] if value.get(name) is not None]
        if about.get("union") and len(shared) != 1:
            raise Unfit(shape)
        kept = self._fitting(shape, lambda name, _: value.get(name))
        if value and not kept and about["members"]:
            raise Unfit(shape)
        return self._completed(shape, kept)

    def _fitting(self, shape: str, known: Callable[[str, str], Any]) -> dict[str, Any]:
        """Return the known members that fit."""
        members = self._model.shape(shape)["members"]
        cut = {name: self.fitted(member["shape"], known(name, member["shape"])) for name, member in members.items()}
        return {name: value for name, value in cut.items() if value is not None}

    def _completed(self, shape: str, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members with samples added for missing required ones."""
        about = self._model.shape(shape)
        missing = [name for name in about.get("required", ()) if name not in kept]
        return {**kept, **{name: self._sample(about["members"][name]["shape"], name) for name in missing}}


def _is_scalar(kind: str, about: Shape, value: object) -> bool:
    if kind in {"string", "blob"}:
        return isinstance(value, str) and value in about.get("enum", [value])
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in {"integer", "long"}:
        return isinstance(value, int) and not isinstance(value, bool)
    return kind in {"float", "double"} and isinstance(value, int | float) and not isinstance(value, bool)
