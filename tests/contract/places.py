"""Every place in a typed request where a value stands, so that a test can put another one there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sagemaker_typed.structure import members_of


@dataclass(frozen=True)
class Place:
    path: str
    """As the library names it: `input_config.framework`, `tags[0].key`."""
    shape: Any
    """The shape of what stands there."""
    required: bool
    holder: Any
    """The object, the list or the dict that holds the value."""
    key: Any
    """The attribute, the index or the key that it holds it under."""

    @property
    def value(self) -> Any:
        return getattr(self.holder, self.key) if isinstance(self.key, _Field) else self.holder[self.key]

    @contextmanager
    def holding(self, value: Any) -> Iterator[None]:
        """With `value` there; afterwards it is as it was."""
        before = self.value
        self._put(value)
        yield
        self._put(before)

    def _put(self, value: Any) -> None:
        if isinstance(self.key, _Field):
            setattr(self.holder, self.key, value)
        else:
            self.holder[self.key] = value


class _Field(str):
    """The name of an attribute; a plain text is the key of a map."""

    __slots__ = ()


def places(shape: Any, value: Any) -> Iterator[Place]:
    """Those below `value`. Of equal items, and of equal structures, the first stands for all."""
    yield from _below(shape, value, "", set())


def _below(shape: Any, value: Any, path: str, seen: set[tuple[str, str]]) -> Iterator[Place]:
    match shape.type_name:
        case "structure":
            for member in members_of(type(value)):
                if getattr(value, member.field) is not None and (shape.name, member.wire) not in seen:
                    seen.add((shape.name, member.wire))
                    at = f"{path}.{member.field}" if path else member.field
                    required = member.wire in shape.required_members and not member.token
                    place = Place(at, shape.members[member.wire], required, value, _Field(member.field))
                    yield from _place(place, seen)
        case "list":
            yield from _place(Place(f"{path}[0]", shape.member, False, value, 0), seen)
        case "map":
            first = next(iter(value))
            yield from _place(Place(f"{path}[{str(first)!r}]", shape.value, False, value, first), seen)


def _place(place: Place, seen: set[tuple[str, str]]) -> Iterator[Place]:
    yield place
    yield from _below(place.shape, place.value, place.path, seen)
