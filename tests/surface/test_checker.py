"""The checker itself, on made-up packages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from sagemaker_typed.changes._surface.annotations import fits
from sagemaker_typed.changes._surface.breaks import Break, breaks
from sagemaker_typed.changes._surface.entries import Surface, dump, parse
from tests.surface.__main__ import at, last_tag
from tests.surface.accepted import Accepted, may_break
from tests.surface.read import read

Reading = Callable[..., Surface]


@pytest.fixture
def package(tmp_path: Path) -> Reading:
    """Reads a package of given modules, by way of its text: that is what is kept of an old one."""
    made = iter(range(1000))

    def reading(source: str = "", **modules: str) -> Surface:
        folder = tmp_path / str(next(made))
        for name, text in {"__init__": source, **modules}.items():
            path = folder / "made" / (name.replace("__stub", ".pyi") if name.endswith("__stub") else f"{name}.py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        found = read(folder, "made")
        assert parse(dump(found)) == found
        return found

    return reading


ENUM = "from enum import StrEnum\nclass Device(StrEnum):\n    A = 'a'\n"
ATTRS = "import attrs\n@attrs.frozen{options}\nclass Point:\n    x: int\n    y: int = 0\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("def f(): ...", "", "f: removed"),
        ("class A: ...", "", "A: removed"),
        ("LIMIT: int = 3", "", "LIMIT: removed"),
        ("def f(): ...", "class f: ...", "f: was a function, is now a class"),
        ("def f(): ...", "async def f(): ...", "f: is now async"),
        ("class A:\n def f(self): ...", "class A: ...", "A.f: removed"),
        ("class A:\n x: int", "class A:\n def x(self) -> int: ...", "A.x: was an attribute, is now a function"),
        ("class A:\n def __iter__(self): ...", "class A: ...", "A.__iter__: removed"),
        ("class A(ValueError): ...", "class A(Exception): ...", "A: is no longer a ValueError"),
        ("class A(Base['X']): ...", "class A(Base['Y']): ...", "A: was a Base['X'], is now a Base['Y']"),
        # parameters
        ("def f(a): ...", "def f(): ...", "f: parameter a removed"),
        ("def f(*, a: int): ...", "def f(*, b: int): ...", "f: parameter a renamed to b"),
        ("def f(a): ...", "def f(a, b): ...", "f: parameter b added, and required"),
        ("def f(): ...", "def f(*, b): ...", "f: parameter b added, and required"),
        ("def f(a=1): ...", "def f(a): ...", "f: parameter a is now required"),
        ("def f(a=1): ...", "def f(a=2): ...", "f: parameter a: default 1 is now 2"),
        ("def f(a): ...", "def f(*, a): ...", "f: parameter a is now keyword only"),
        ("def f(a): ...", "def f(a, /): ...", "f: parameter a is now positional only"),
        ("def f(a, b=0): ...", "def f(c=0, a=0, b=0): ...", "f: parameter a was at place 1, is now at 2"),
        ("def f(*a): ...", "def f(): ...", "f: no longer takes *a"),
        ("def f(**a): ...", "def f(): ...", "f: no longer takes **a"),
        ("def f(a, b, /): ...", "def f(a, /): ...", "f: parameter b removed"),
        # types
        ("def f(a: int | str): ...", "def f(a: int): ...", "f: parameter a: type int | str is now int"),
        ("def f() -> int: ...", "def f() -> int | None: ...", "f: returned int, now int | None"),
        ("class A:\n x: int", "class A:\n x: int | None", "A.x: type int is now int | None"),
        (
            "class A:\n @property\n def x(self) -> int: ...",
            "class A:\n @property\n def x(self) -> str: ...",
            "A.x: type int is now str",
        ),
        (
            "class A:\n def __init__(self): self.x: int = 0",
            "class A:\n def __init__(self): self.x: str = ''",
            "A.x: type int is now str",
        ),
        ("from typing import Literal\nL = Literal['a', 'b']", "from typing import Literal\nL = Literal['a']", None),
        # enums and attrs
        (ENUM + "    B = 'b'", ENUM, "Device.B: removed"),
        (ENUM, ENUM.replace("'a'", "'b'"), "Device.A: value 'a' is now 'b'"),
        (
            ATTRS.format(options=""),
            ATTRS.format(options="(kw_only=True)"),
            "Point.__init__: parameter x is now keyword only",
        ),
        (
            ATTRS.format(options="(kw_only=True)"),
            ATTRS.format(options="(kw_only=True)") + "    z: int",
            "Point.__init__: parameter z added, and required",
        ),
    ],
)
def test_a_break_is_named(package: Reading, old: str, new: str, expected: str | None) -> None:
    found = [str(each) for each in breaks(package(old), package(new))]
    assert expected in found if expected else found
    assert len({each.partition(":")[0] for each in found}) <= 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "def f(): ...\nclass A: ...\nLIMIT: int = 3"),
        ("def f(): ...", "def f(a=1, *b, c=2, **d): ..."),
        ("def f(a): ...", "def f(a=1): ..."),
        ("def f(*, a, b): ...", "def f(*, b, a): ..."),
        ("def f(*, a): ...", "def f(a): ..."),
        ("def f(a, /): ...", "def f(b, /): ..."),
        ("def f(a): ...", "def f(*args, **kwargs): ..."),
        ("def f(a: int) -> int | None: ...", "def f(a: int | str) -> int: ..."),
        ("def f(a: list[int]): ...", "def f(a: Sequence[int]): ..."),
        ("def f() -> None: ...", "def f() -> int: ..."),
        ("def f(): ...", "def f() -> int: ..."),
        ("def f(a: Optional[int]): ...", "def f(a: 'int | None'): ..."),
        ("def _f(): ...\nclass A:\n def _g(self): ...", "class A: ..."),
        ("__all__ = ['f']\ndef f(): ...\ndef g(): ...", "__all__ = ['f']\ndef f(): ..."),
        ("class A:\n x: int\n def f(self): ...", "class B:\n def f(self): ...\nclass A(B):\n x: int"),
        ("class A:\n def f(self): ...", "class _B:\n def f(self): ...\nclass A(_B): ..."),
        ("class A:\n x: str", ENUM + "class A:\n x: Device"),
        ("class A:\n x: int", "class A:\n @property\n def x(self) -> int: ..."),
        (ENUM, ENUM + "    B = 'b'"),
        (ATTRS.format(options=""), ATTRS.format(options="") + "    z: int = 1"),
        ("__version__ = '1'", "__version__ = '2'"),
    ],
)
def test_what_breaks_nothing_is_fine(package: Reading, old: str, new: str) -> None:
    assert breaks(package(old), package(new)) == []


LAZY = """
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from made.things import Thing as Thing
    else:
        from made._lazy import attach
        __getattr__, __dir__ = attach(__name__)
"""
THING = """
    from typing import TYPE_CHECKING
    class Thing:
        name: str
        if TYPE_CHECKING:
            def __init__(self, *, name: str{more}) -> None: ...
        else:
            _members = ()
"""


def test_lazy_names_and_inits_for_type_checkers(package: Reading) -> None:
    old = package(LAZY, things=THING.format(more=""), _lazy="def attach(name): ...")
    assert {"Thing", "things.Thing"} == old.entries.keys()
    new = package(LAZY, things=THING.format(more=", age: int"), _lazy="def attach(name): ...")
    assert breaks(old, new) == [Break("things.Thing.__init__", "parameter age added, and required")]


def test_stubs_beside_modules_say_the_same(package: Reading) -> None:
    thing = THING.format(more="")
    stub = "class Thing:\n    name: str\n    def __init__(self, *, name: str) -> None: ...\n"
    alone = package(LAZY, things=thing, _lazy="def attach(name): ...")
    both = package(LAZY, things=thing, things__stub=stub, _lazy="def attach(name): ...")
    assert breaks(alone, both) == breaks(both, alone) == []


def test_a_class_may_move_to_another_module(package: Reading) -> None:
    thing = "class Thing:\n    name: str\n"
    old = package("from made._a import Thing\n__all__ = ['Thing']", _a=thing)
    new = package("from made.b import Thing\n__all__ = ['Thing']", b=thing)
    assert breaks(old, new) == []
    less = package("from made.b import Thing\n__all__ = ['Thing']", b="class Thing: ...")
    assert breaks(old, less) == [Break("Thing.name", "removed")]


def test_what_is_read_does_not_depend_on_where(
    package: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = package("def f(): ...")
    monkeypatch.chdir(tmp_path / "0")
    assert breaks(old, package("")) == [Break("f", "removed")]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("int", "int | None", True),
        ("int | None", "int", False),
        ("bool", "float", True),
        ("Literal['a']", "Literal['a', 'b']", True),
        ("Literal['a', 'c']", "Literal['a', 'b']", False),
        ("Literal['a']", "str", True),
        ("Literal[1]", "str", False),
        ("dict[str, int]", "Mapping[str, int | None]", True),
        ("list", "Iterable[int]", True),
        ("datetime.datetime", "date", True),
        ("Callable[[object], int]", "Callable[[str], object]", True),
        ("Callable[[str], int]", "Callable[[object], int]", False),
        ("tuple[int, int]", "tuple[int]", False),
        ("Thing", "Any", True),
        ("Thing", "Other", False),
    ],
)
def test_types(part: str, whole: str, expected: bool) -> None:
    assert fits(part, whole) is expected


MODEL = """
    class Structure: ...
    class Request(Structure): ...
    class Response(Structure): ...
    class Asked(Structure):
        a: int{none}
        def __init__(self, *, a: int{none}{default}) -> None: ...
    class Answered(Structure):
        b: int{none}
        def __init__(self, *, b: int{none}{default}) -> None: ...
    class Ask(Request):
        asked: list[Asked] | None
        def __init__(self, *, asked: list[Asked] | None = None) -> None: ...
    class Answer(Response):
        answered: list[Answered] | None
        def __init__(self, *, answered: list[Answered] | None = None) -> None: ...
"""


def test_requests_and_responses_break_in_different_ways(package: Reading) -> None:
    """What requests must have breaks code, not what answers always have; and the other way round."""
    may = package(MODEL.format(none=" | None", default=" = None"))
    must = package(MODEL.format(none="", default=""))
    assert breaks(may, must) == [Break("Asked.__init__", "parameter a is now required")]
    assert breaks(must, may) == [Break("Answered.b", "type int is now int | None")]


# --- what is accepted -------------------------------------------------------------------------------------------------

GONE = Break("types.TargetDevice.ML_M4", "removed")
TOML = 'version = "0.2.0"\n[[accept]]\nreason = "AWS took it back"\nbreaks = ["types.TargetDevice.ML_M4: removed"]\n'


def accepted(tmp_path: Path, text: str) -> Accepted:
    path = tmp_path / "accepted.toml"
    path.write_text(text)
    return Accepted.load(path)


def test_a_break_is_accepted_with_a_reason(tmp_path: Path) -> None:
    assert accepted(tmp_path, "").problems([GONE], "0.1.0") == [str(GONE)]
    assert accepted(tmp_path, TOML).problems([GONE], "0.1.0") == []


def test_an_accepted_break_that_does_not_happen_is_named(tmp_path: Path) -> None:
    problems = accepted(tmp_path, TOML).problems([], "0.1.0")
    assert problems == ["accepted, but it does not happen: types.TargetDevice.ML_M4: removed"]


def test_a_patch_may_break_nothing(tmp_path: Path) -> None:
    (problem,) = accepted(tmp_path, TOML).problems([GONE], "0.2.4")
    assert problem.startswith("0.2.0 may not break what 0.2.4 promised")


@pytest.mark.parametrize(
    "text",
    [
        TOML.replace('reason = "AWS took it back"\n', ""),
        TOML.replace("AWS took it back", " "),
        TOML.replace('version = "0.2.0"\n', ""),
        TOML + TOML.partition("\n")[2],
        "accepted = []",
    ],
)
def test_what_is_not_said_is_asked_for(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"accepted\.toml"):
        accepted(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("0.1.0", "0.1.1", False),
        ("0.1.3", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.2.0", "1.3.0", False),
        ("1.2.0", "2.0.0", True),
        ("0.2.0", "0.1.0", False),
    ],
)
def test_which_versions_may_break(old: str, new: str, expected: bool) -> None:
    assert may_break(old, new) is expected


# --- tags -------------------------------------------------------------------------------------------------------------


def test_a_tag_is_read_from_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    source = tmp_path / "made" / "__init__.py"
    source.parent.mkdir()
    source.write_text("__version__ = '1.0.0'\ndef f(): ...\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert last_tag(tmp_path) is None
    git("tag", "v1.0.0")
    source.write_text("__version__ = '1.0.0'\ndef g(): ...\n")
    git("commit", "-qam", "two")
    tag = last_tag(tmp_path)
    assert tag == "v1.0.0"
    old = at(tag, tmp_path, "made")
    assert old.version == "made 1.0.0"
    assert breaks(old, read(tmp_path, "made")) == [Break("f", "removed")]


def test_a_record_that_cannot_be_read_names_the_line() -> None:
    with pytest.raises(ValueError, match="line 3 "):
        parse("# The public surface of made 1, kept.\n\ndef f(:\n")
