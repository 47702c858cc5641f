"""What AWS took back warns the user who names or sets it, at their line, and nobody who reads, copies or prints."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from sagemaker_typed._core.leaving import LeavingMember, deprecated

MESSAGE = "Thing.old is deprecated"


@attrs.define
class Thing:
    old: int | None = None
    new: int | None = None


# As generated classes do once they are made.
setattr(Thing, "old", LeavingMember(Thing.__dict__["old"], "old", MESSAGE))  # noqa: B010  # checkers know the slot
THING: Any = Thing


def told(use: Callable[[], object]) -> list[tuple[str, str]]:
    """The texts of the warnings, each with the file that it points to."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        use()
    return [(str(each.message), each.filename) for each in found]


def quiet() -> Thing:
    thing = Thing()
    Thing.__dict__["old"]._slot.__set__(thing, 1)
    return thing


HERE = [(MESSAGE, __file__)]


def run_as(module: str, file: str, code: str, **names: Any) -> Callable[[], Any]:
    """A function of another module and file."""
    space: dict[str, Any] = {"__name__": module, **names}
    exec(compile(f"def run():\n    return {code}", file, "exec"), space)
    found: Callable[[], Any] = space["run"]
    return found


def test_whoever_names_it_is_warned() -> None:
    thing = quiet()
    assert told(lambda: thing.old) == HERE
    assert thing.new is None
    with pytest.warns(DeprecationWarning, match=MESSAGE):
        assert thing.old == 1


@pytest.mark.parametrize(
    "use",
    [
        lambda: THING.old,
        lambda: repr(quiet()),
        lambda: attrs.asdict(quiet()),
        lambda: copy.copy(quiet()),
        lambda: copy.deepcopy(quiet()),
        lambda: pickle.loads(pickle.dumps(quiet())),
        lambda: [getattr(quiet(), name) for name in dir(quiet())],
        lambda: quiet() == quiet(),
        run_as("sagemaker_typed.some", "some.py", "thing.old", thing=quiet()),
        run_as("attr._make", "_make.py", "thing.old", thing=quiet()),
        run_as("mine", "<attrs generated init Thing>", "thing.old", thing=quiet()),
        run_as("sagemaker_typed.some", "some.py", "attrs.evolve(thing, new=2)", attrs=attrs, thing=quiet()),
        run_as("mine", "<sagemaker_typed read Thing>", "cls(old=1)", cls=Thing),
        lambda: Thing(),
        lambda: Thing(old=None, new=1),
    ],
)
def test_nobody_else_is(use: Callable[[], object]) -> None:
    assert told(use) == []


def test_whoever_sets_it_is_warned_at_their_line() -> None:
    thing = Thing()
    assert told(lambda: Thing(old=1)) == HERE
    assert told(lambda: attrs.evolve(quiet(), new=2)) == HERE
    assert told(lambda: setattr(thing, "old", 2)) == HERE
    assert told(lambda: setattr(thing, "old", None)) == []
    assert told(lambda: delattr(thing, "old")) == []
    with pytest.raises(AttributeError), warnings.catch_warnings(action="ignore"):
        thing.old  # noqa: B018
    make = run_as("sagemaker_typed.some", "some.py", "cls(old=1)", cls=Thing)
    assert told(make) == HERE  # the user has called the library with it


def test_a_class_that_goes_warns_when_it_is_made_and_a_function_when_it_sends() -> None:
    @deprecated("Gone is deprecated")
    @attrs.define
    class Gone:
        value: int = 0

        def __attrs_post_init__(self) -> None: ...

    @deprecated("go is deprecated")
    def go() -> int:
        return 1

    assert told(Gone) == [("Gone is deprecated", __file__)]
    assert told(go) == []
    assert (Gone.__deprecated__, go.__deprecated__) == ("Gone is deprecated", "go is deprecated")  # type: ignore[attr-defined]
