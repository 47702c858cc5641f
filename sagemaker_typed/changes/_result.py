"""The result of a comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import attrs

from sagemaker_typed.changes import _page
from sagemaker_typed.changes._compare import Finding, Kind, Severity
from sagemaker_typed.changes._delta import UpdatedOperation, as_json

__all__ = ["Additions", "ModelChanges", "Verdict"]

Verdict = Literal["breaking", "compatible"]
_SEVERITIES: Sequence[Severity] = ("breaking", "conditional", "compatible")


@attrs.frozen(kw_only=True)
class Additions:
    """The names that code generated from the old model lacks. Shapes are left out: an operation or a member leads to each."""

    operations: tuple[str, ...]
    """New operations."""
    members: tuple[str, ...]
    """New members of existing structures: `CreateModelInput.Tags`."""
    values: dict[str, tuple[str, ...]]
    """New values of existing enums, by enum."""

    def __bool__(self) -> bool:
        """Whether there are any additions."""
        return bool(self.operations or self.members or self.values)

    @property
    def heading(self) -> str:
        """`2 operations, 1 member, 5 enum values`, or `nothing new`."""
        numbers = (len(self.operations), len(self.members), sum(map(len, self.values.values())))
        named = zip(numbers, ("operation", "member", "enum value"), strict=True)
        counts = [f"{number} {noun}{'s' if number > 1 else ''}" for number, noun in named if number]
        return ", ".join(counts) or "nothing new"


@attrs.frozen(kw_only=True)
class ModelChanges:
    """The differences between two models of a service."""

    service: str
    """The service's full name: `Amazon SageMaker Service`."""
    old: str
    """The label of the old model: a file's name, or `botocore 1.44.5`."""
    new: str
    """The label of the new model."""
    new_operations: tuple[str, ...]
    """The operations that only the new model has."""
    updated_operations: dict[str, UpdatedOperation]
    """The operations of both models with additions to their request or response, by name."""
    findings: tuple[Finding, ...]
    """Every difference, including those that the pages do not show; breaking ones first."""

    @property
    def heading(self) -> str:
        """`1 new 3 updated api methods`."""
        return _page.heading(len(self.new_operations), len(self.updated_operations))

    @property
    def verdict(self) -> Verdict:
        """`breaking` if any finding is breaking, else `compatible`."""
        return "breaking" if any(each.severity == "breaking" for each in self.findings) else "compatible"

    def of(self, *kinds: Kind) -> tuple[Finding, ...]:
        """Return the findings of the given kinds."""
        return tuple(each for each in self.findings if each.kind in kinds)

    @property
    def additions(self) -> Additions:
        """The names that code generated from the old model lacks."""
        values: dict[str, tuple[str, ...]] = {each.where: tuple(each.new) for each in self.of("enum_introduced")}
        for each in self.of("enum_value_added"):
            values[each.where] = (*values.get(each.where, ()), str(each.value))
        members = self.of("member_added", "required_member_added")
        return Additions(
            operations=self.new_operations,
            members=tuple(sorted(each.where for each in members)),
            values=dict(sorted(values.items())),
        )

    def page(self, *, day: date | None = None) -> str:
        """Return the page of API changes as text: the new operations, and the updated ones with their additions.

        `day` puts a date at the beginning of the heading.
        """
        return _page.page(self.service, day, self.new_operations, self.updated_operations)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `to_json()` as dicts and lists."""
        return {
            "heading": self.heading,
            "new": list(self.new_operations),
            "updated": {
                name: {
                    side: {"delta": as_json(delta), "text": _page.text_of(delta)}
                    for side, delta in operation.sides.items()
                }
                for name, operation in self.updated_operations.items()
            },
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return everything as JSON.

        In a `delta`, added enum values are written as `{"$enum_added": [...]}`, and recursions as `{"$recursive": true}`.
        """
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def to_markdown(self) -> str:
        """Return everything as Markdown: the verdict and its reasons, then the additions."""
        blocks = [
            f"# {self.service}: {self.heading}",
            f"From {self.old} to {self.new}: **{self.verdict}**.",
        ]
        # Compatible findings need no action, and the operations below show them.
        for severity in _SEVERITIES[:2]:
            blocks += self._section(severity)
        if self.new_operations:
            blocks += ["## New operations", "\n".join(f"- {_code(name)}" for name in self.new_operations)]
        if self.updated_operations:
            blocks.append("## Updated operations")
        for operation in self.updated_operations.values():
            for side, delta in operation.sides.items():
                blocks += [f"### {operation.name} ({side})", f"```python\n{_page.text_of(delta)}\n```"]
        blocks += self._section("compatible")
        return "\n\n".join(blocks) + "\n"

    def _section(self, severity: Severity) -> list[str]:
        lines = [_line(each) for each in self.findings if each.severity == severity]
        return [f"## {severity.capitalize()}", "\n".join(lines)] if lines else []


_NAMED = 3


def _line(finding: Finding) -> str:
    """`- name: what happened (some operations; sides)`."""
    where, _, what = str(finding).partition(": ")
    by = [name for name in finding.operations if name != where]
    more = [f"and {len(by) - _NAMED} more"] if len(by) > _NAMED else []
    reach = ", ".join([*map(_code, by[:_NAMED]), *more])
    return f"- {_code(where)}: {_escaped(what)}" + (f" ({reach}; {', '.join(finding.sides)})" if reach else "")


def _code(text: str) -> str:
    return f"`{text}`"


def _escaped(text: str) -> str:
    """Escape Markdown's signs, and turn line ends into blanks."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in " ".join(text.split()))
