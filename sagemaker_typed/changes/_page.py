"""The text of the pages: heading, operations, and what was added to each."""

from __future__ import annotations

import pprint
from datetime import date

from sagemaker_typed.changes._delta import Delta, UpdatedOperation

__all__ = ["heading", "page", "text_of"]

_WIDTH = 80


class _Printer(pprint.PrettyPrinter):
    """pprint sorts a set only where it does not fit into the line."""

    def format(
        self, object: object, context: dict[int, int], maxlevels: int, level: int
    ) -> tuple[str, bool, bool]:  # the parameters have pprint's own names
        if isinstance(object, set):
            return "{" + ", ".join(sorted(map(repr, object))) + "}", True, False  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return super().format(object, context, maxlevels, level)


def text_of(delta: Delta) -> str:
    """As the pages print it."""
    return _Printer(width=_WIDTH).pformat(delta)


def heading(new: int, updated: int) -> str:
    """`1 new 3 updated api methods`."""
    counts = [f"{count} {word}" for count, word in ((new, "new"), (updated, "updated")) if count]
    return " ".join([*counts, "api methods"]) if counts else "no new or updated api methods"


def page(title: str, day: date | None, new: tuple[str, ...], updated: dict[str, UpdatedOperation]) -> str:
    """The whole page, without a line end."""
    parts = [f"{day:%Y/%m/%d}"] if day is not None else []
    blocks = [title, " - ".join([*parts, title, heading(len(new), len(updated))])]
    blocks += [f"{name} (new)" for name in new]
    blocks += [_updated(operation) for operation in updated.values()]
    return "\n\n".join(blocks)


def _updated(operation: UpdatedOperation) -> str:
    sides = operation.sides
    lines = [f"{operation.name} (updated)", f"Changes ({', '.join(sides)})"]
    for side, delta in sides.items():
        if len(sides) > 1:
            lines.append(side.capitalize())
        lines.append(text_of(delta))
    return "\n".join(lines)
