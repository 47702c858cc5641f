"""`NamedTuple` against `typing.NamedTuple`, which makes the same classes."""

from __future__ import annotations

import pickle
import typing
from inspect import signature
from typing import Any

import pytest

from sagemaker_typed._core import tuples
from sagemaker_typed._core.service import Phrase
from sagemaker_typed._waiting.spec import Waiter


def made(base: Any) -> Any:
    class Point(base):  # type: ignore[misc]
        """A point."""

        x: int
        y: typing.Sequence[int] | None = None
        name: str = "p"

        SIZE = 2

        @property
        def both(self) -> tuple[int, Any]:
            return self.x, self.y

        @classmethod
        def of(cls, x: int) -> Any:
            return cls(x, [x])

        def __str__(self) -> str:
            return f"<{self.x}>"

    return Point


OURS, THEIRS = made(tuples.NamedTuple), made(typing.NamedTuple)


def test_the_classes_are_the_same() -> None:
    assert vars(OURS).keys() == vars(THEIRS).keys()
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__qualname__", "__match_args__", "__bases__"):
        assert getattr(OURS, name) == getattr(THEIRS, name), name
    assert [(each.name, each.default) for each in signature(OURS).parameters.values()] == [
        (each.name, each.default) for each in signature(THEIRS).parameters.values()
    ]
    assert typing.get_type_hints(OURS) == typing.get_type_hints(THEIRS)


def test_a_generic_class() -> None:
    assert Waiter.__bases__ == (tuple, typing.Generic)
    assert typing.get_origin(Waiter[int]) is Waiter
    assert typing.get_args(Waiter[int]) == (int,)
    assert Waiter.__annotations__["noun"] == "str"


def test_their_objects_are_the_same() -> None:
    for cls in (OURS, THEIRS):
        point = cls(1, name="q")
        assert point == (1, None, "q") == cls._make((1, None, "q"))
        assert (point.both, cls.of(3).y, cls.SIZE, str(point)) == ((1, None), [3], 2, "<1>")
        assert repr(point) == "Point(x=1, y=None, name='q')"
        assert point._replace(x=2)._asdict() == {"x": 2, "y": None, "name": "q"}
        assert hash(point) == hash((1, None, "q"))
    assert pickle.loads(pickle.dumps(Phrase("a"))) == Phrase("a", ())


@pytest.mark.parametrize("base", [tuples.NamedTuple, typing.NamedTuple])
def test_a_field_without_a_default_comes_first(base: Any) -> None:
    with pytest.raises(TypeError, match="default"):

        class _(base):  # type: ignore[misc]
            x: int = 1
            y: int
