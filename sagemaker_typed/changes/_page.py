"""The text of the pages: the heading, and the operations with their additions."""

from __future__ import annotations

import pprint
from datetime import date

from sagemaker_typed.changes._delta import Delta, UpdatedOperation

__all__ = ["heading", "page", "text_of"]

_WIDTH = 80


class _Printer(pprint.PrettyPrinter):
    """A printer that always sorts sets. pprint only does so when a set does not fit on the line."""

    def format(
        self, object: object, context: dict[int, int], maxlevels: int, level: int
    ) -> tuple[str, bool, bool]:  # the parameter names are pprint's
        if isinstance(object, set):
            return "{" + ", ".join(sorted(map(repr, object))) + "}", True, False  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return super().format(object, context, maxlevels, level)


def text_of(delta: Delta) -> str:
    """Return a delta as the pages print it."""
    return _Printer(width=_WIDTH).pformat(delta)


def heading(new: int, updated: int) -> str:
    """Return the heading: `1 new 3 updated api methods`."""
    counts = [f"{count} {word}" for count, word in ((new, "new"), (updated, "updated")) if count]
    return " ".join([*counts, "api methods"]) if counts else "no new or updated api methods"


def page(title: str, day: date | None, new: tuple[str, ...], updated: dict[str, UpdatedOperation]) -> str:
    """Return the whole page, without a line end."""
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
