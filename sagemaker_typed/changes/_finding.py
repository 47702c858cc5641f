"""One difference between two models, and its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from sagemaker_typed.changes._model import Side

__all__ = ["SIDES", "Finding", "Kind", "Severity", "Site"]

SIDES: tuple[Side, ...] = ("request", "response")

Severity = Literal["breaking", "conditional", "compatible"]
Kind = Literal[
    "operation_added",
    "operation_removed",
    "operation_input_shape_renamed",
    "operation_output_added",
    "operation_output_removed",
    "error_added",
    "error_removed",
    "shape_added",
    "shape_removed",
    "member_added",
    "required_member_added",
    "member_removed",
    "member_made_required",
    "member_no_longer_required",
    "member_type_changed",
    "member_shape_renamed",
    "member_trait_changed",
    "trait_changed",
    "enum_value_added",
    "enum_value_removed",
    "enum_reordered",
    "enum_introduced",
    "enum_dropped",
    "min_changed",
    "max_changed",
    "pattern_changed",
]


@attrs.frozen(kw_only=True)
class Finding:
    """One difference between two models."""

    kind: Kind
    """The kind of the difference."""
    severity: Severity
    """`breaking`: working code may fail; `conditional`: it depends on the code; `compatible`: working code keeps working."""
    where: str
    """The operation, the shape, or `Shape.Member`. The members of a list are `Shape.member`, those of a map `Shape.key`
    and `Shape.value`."""
    operations: tuple[str, ...] = ()
    """The operations that use it in either model, sorted."""
    sides: tuple[Side, ...] = ()
    """Whether requests or responses contain it. An error is a response."""
    value: str | None = None
    """The enum value, or the name of the trait."""
    old: Any = attrs.field(default=None, hash=False)
    """The old value, or None if there was none: a limit, a pattern, a type, the name of a shape, the value of a trait, or the
    values of an enum."""
    new: Any = attrs.field(default=None, hash=False)
    """The new value."""
    type: str | None = None
    """The type of the shape or the member that was added or removed: `structure`, `string`, ..."""
    error: str | None = None
    """The error that an operation declares now, or no longer declares."""

    def __str__(self) -> str:
        """One line, without the severity: `TargetDevice: value 'ml_m4' removed`."""
        return f"{self.where}: {_WORDS[self.kind].format(self)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as in the JSON form. Of `value`, `old`, `new`, `type` and `error`, it has those of its kind."""
        document: dict[str, Any] = {
            "kind": self.kind,
            "severity": self.severity,
            "where": self.where,
            "operations": list(self.operations),
            "sides": list(self.sides),
        }
        return document | {part: getattr(self, part) for part in _parts(self.kind)}


@attrs.frozen(kw_only=True)
class Site:
    """The place of a difference, and the operations that use it."""

    where: str
    operations: tuple[str, ...]
    sides: tuple[Side, ...]

    def found(self, kind: Kind, severity: Severity, member: str = "", **facts: Any) -> Finding:
        """Return a finding at this place, or at a member of it."""
        where = f"{self.where}.{member}" if member else self.where
        return Finding(kind=kind, severity=severity, where=where, operations=self.operations, sides=self.sides, **facts)

    def at(self, member: str) -> Site:
        """Return the place of a member."""
        return attrs.evolve(self, where=f"{self.where}.{member}")

    def if_asked(self, severity: Severity) -> Severity:
        """Return the severity of a difference that only matters in requests."""
        return severity if "request" in self.sides else "compatible"

    def if_answered(self, severity: Severity) -> Severity:
        """Return the severity of a difference that only matters in responses."""
        return severity if "response" in self.sides else "compatible"


_WORDS: Mapping[Kind, str] = {
    "operation_added": "operation added",
    "operation_removed": "operation removed",
    "operation_input_shape_renamed": "input {0.old} is now {0.new}",
    "operation_output_added": "output {0.new} added",
    "operation_output_removed": "output {0.old} removed",
    "error_added": "error {0.error} added",
    "error_removed": "error {0.error} removed",
    "shape_added": "{0.type} added",
    "shape_removed": "{0.type} removed",
    "member_added": "member added ({0.type})",
    "required_member_added": "required member added ({0.type})",
    "member_removed": "member removed ({0.type})",
    "member_made_required": "is now required",
    "member_no_longer_required": "is no longer required",
    "member_type_changed": "type {0.old} is now {0.new}",
    "member_shape_renamed": "shape {0.old} is now {0.new}",
    "member_trait_changed": "{0.value}: {0.old!r} is now {0.new!r}",
    "trait_changed": "{0.value}: {0.old!r} is now {0.new!r}",
    "enum_value_added": "value {0.value!r} added",
    "enum_value_removed": "value {0.value!r} removed",
    "enum_reordered": "values in another order",
    "enum_introduced": "is now an enum",
    "enum_dropped": "is no longer an enum",
    "min_changed": "min {0.old} is now {0.new}",
    "max_changed": "max {0.old} is now {0.new}",
    "pattern_changed": "pattern {0.old!r} is now {0.new!r}",
}


def _parts(kind: Kind) -> tuple[str, ...]:
    """Return the facts of a kind of findings. They are written even if they are None."""
    match kind:
        case "operation_added" | "operation_removed" | "member_made_required" | "member_no_longer_required":
            return ()
        case "shape_added" | "shape_removed" | "member_added" | "required_member_added" | "member_removed":
            return ("type",)
        case "error_added" | "error_removed":
            return ("error",)
        case "enum_value_added" | "enum_value_removed":
            return ("value",)
        case "operation_output_added" | "enum_introduced":
            return ("new",)
        case "operation_output_removed" | "enum_dropped":
            return ("old",)
        case "member_trait_changed" | "trait_changed":
            return ("value", "old", "new")
        case _:
            return ("old", "new")
