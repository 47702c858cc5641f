"""Two made-up versions of this library: what a user of the first must change for the second."""

from __future__ import annotations

import importlib.util
import json
import tarfile
import zipfile
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from sagemaker_typed.changes import LibraryChanges, SurfaceError, compare_libraries
from sagemaker_typed.cli.app import app
from tests.support.command_line import runner

ENUM = "from sagemaker_typed.enums import OpenEnum\nclass Device(OpenEnum):\n    ML_C5 = 'ml_c5'\n"

OLD = {
    "__init__": "__version__ = '0.1.0'",
    "enums": "__all__ = ['OpenEnum']\nclass OpenEnum: ...",
    "types/__init__": "from sagemaker_typed.types.devices import Device\n__all__ = ['Device']",
    "types/devices": ENUM + "    ML_M4 = 'ml_m4'\n",
    "resources/__init__": "",
    "resources/jobs": """
        class Jobs:
            def create(self, name: str, *, role: str, tags: list[str] = ...) -> str: ...
            def stop(self, name: str) -> None: ...
            def stop_job(self, name: str) -> None: ...
    """,
    "helpers": "__all__ = ['pack']\ndef pack(a: int, b: int = 3) -> int: ...",
}
NEW = {
    **OLD,
    "__init__": "__version__ = '0.2.0'",
    "types/devices": ENUM + "    ML_C6 = 'ml_c6'\n",
    "resources/jobs": """
        class Jobs:
            def create(self, name: str, *, role_arn: str, tags: list[str] = ...) -> str: ...
            def stop_jobs(self, name: str) -> None: ...
    """,
    "helpers": "__all__ = ['pack']\nasync def pack(a: int, b: int = 4) -> int: ...",
}


def sources(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        path = folder / "sagemaker_typed" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return sources(tmp_path / "old", OLD)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return sources(tmp_path / "new", NEW)


def test_the_version_may_stand_in_another_module(tmp_path: Path, new: Path) -> None:
    moved = {"_core/__init__": "", "_core/version": "__version__ = '0.3.0'"}
    front = "from sagemaker_typed._core.version import __version__ as __version__"
    later = sources(tmp_path / "later", {**NEW, **moved, "__init__": front})
    assert compare_libraries(new, later).new == "sagemaker_typed 0.3.0"


def test_a_type_variable_may_be_hidden(tmp_path: Path) -> None:
    text = "from typing import TypeVar\n{0} = TypeVar('{0}')\n__all__ = ['same']\ndef same(a: list[{0}]) -> {0}: ..."
    one, other = (sources(tmp_path / name, {**OLD, "helpers": text.format(name)}) for name in ("R", "_R"))
    assert told(compare_libraries(one, other)) == told(compare_libraries(other, one)) == {}


SYNC = """
    class Kites:
        def list(self, *, owner: str | None = None, line: str | None = None, page: int = 1) -> list[str]: ...
        def fly(self, name: str, *, line: str | None = None) -> str: ...
    class AsyncKites(Kites): ...
"""
STUB = """
    from typing import overload
    class Kites:
        @overload
        def list(self, *, owner: str | None = None, page: int = 1) -> list[str]: ...
        @overload
        def list(self, *, line: str | None = None, page: int = 1) -> list[str]: ...
        {sync}
    class AsyncKites:
        @overload
        def list(self, *, owner: str | None = None, page: int = 1) -> set[str]: ...
        @overload
        def list(self, *, line: str | None = None, page: int = 1) -> set[str]: ...
        {both}
"""
PLAIN = "def fly(self, name: str, *, line: str | None = None) -> str: ..."
OVERLOADED = """@overload
        {0}def fly(self, name: str) -> str: ...
        @overload
        {0}def fly(self, name: str, *, line: str | None = None) -> str: ..."""


def test_overloads_of_a_stub_are_read(tmp_path: Path) -> None:
    """As of a request with a member that is kept: the sources have one method, the stubs have overloads."""

    def made(name: str, sync: str, asynchronous: str) -> Path:
        folder = sources(tmp_path / name, {**OLD, "resources/kites": SYNC})
        stub = folder / "sagemaker_typed/resources/kites.pyi"
        stub.write_text(dedent(STUB.format(sync=sync, both=asynchronous)))
        return folder

    before = made("before", PLAIN, f"async {PLAIN}")
    after = made("after", OVERLOADED.format(""), OVERLOADED.format("async "))
    assert told(compare_libraries(before, after)) == told(compare_libraries(after, before)) == {}
    blocking = made("blocking", OVERLOADED.format(""), OVERLOADED.format(""))
    assert [*told(compare_libraries(after, blocking))] == ["sm.kites.fly: is no longer async"]
    fewer = made("fewer", PLAIN, f"async {PLAIN}")
    (fewer / "sagemaker_typed/resources/kites.py").write_text(dedent(SYNC).replace("owner: str | None = None, ", ""))
    assert {str(each) for each in compare_libraries(after, fewer).breaks} == {"sm.kites.list: parameter owner removed"}


def told(found: LibraryChanges) -> dict[str, str]:
    return {str(each): each.advice for each in found.breaks}


def test_what_must_be_changed_and_how(old: Path, new: Path) -> None:
    found = compare_libraries(old, new)
    assert (found.old, found.new, found.verdict) == ("sagemaker_typed 0.1.0", "sagemaker_typed 0.2.0", "breaking")
    assert told(found) == {
        "helpers.pack: is now async": "Await it.",
        "helpers.pack: parameter b: default 3 is now 4": "Pass `b=3` to keep the old behaviour.",
        "sm.jobs.create: parameter role renamed to role_arn": "Pass `role_arn=` instead of `role=`.",
        "sm.jobs.stop: removed": "Remove its uses.",
        "sm.jobs.stop_job: removed": "Use `stop_jobs` if that is its new name.",
        "types.Device.ML_M4: removed": ("AWS removed it. If the service still accepts it, write `Device('ml_m4')`."),
    }
    assert found.additions == ("sm.jobs.stop_jobs", "types.Device.ML_C6")


FROM_PACKS = "Import `Pack` from `sagemaker_typed.packs` instead of `sagemaker_typed.helpers`."
MOVES = [
    # Still importable from the same module: nothing to do.
    ({"helpers": "from sagemaker_typed._pack import Pack", "_pack": "{Pack}"}, {}),
    ({"helpers": "from sagemaker_typed._pack import Pack as Pack", "_pack": "{Pack}"}, {}),
    ({"helpers": "from sagemaker_typed._pack import *", "_pack": "{Pack}"}, {}),
    ({"helpers/__init__": "from sagemaker_typed.helpers.packs import Pack", "helpers/packs": "{Pack}"}, {}),
    ({"helpers": "from sagemaker_typed import _pack\nPack = _pack.Pack", "_pack": "{Pack}", "packs": "{Public}"}, {}),
    ({"helpers": "from sagemaker_typed.packs import Parcel\nPack = Parcel", "packs": "{Parcel}"}, {}),
    # Promised no longer.
    (
        {"helpers": "from sagemaker_typed._pack import Pack\n__all__ = []", "_pack": "{Pack}"},
        {"helpers.Pack: no longer in __all__": "It can still be imported, but it is no longer public."},
    ),
    # Elsewhere: both modules are named.
    (
        {"helpers": "", "packs": "{Pack}"},
        {
            "helpers.Pack: moved to packs.Pack": FROM_PACKS,
        },
    ),
    (
        {"packs": "{Pack}"},
        {
            "helpers.Pack: moved to packs.Pack": FROM_PACKS,
        },
    ),
    (
        {"packs": "{Less}"},
        {
            "helpers.Pack: moved to packs.Pack": FROM_PACKS,
            "helpers.Pack.weigh: removed": "Remove its uses.",
        },
    ),
    (
        {
            "__init__": "from sagemaker_typed._pack import Pack\n__all__ = ['Pack']\n__version__ = '0.2.0'",
            "_pack": "{Pack}",
        },
        {"helpers.Pack: moved to Pack": "Import `Pack` from `sagemaker_typed` instead of `sagemaker_typed.helpers`."},
    ),
    # Another class of this name that was there before, or a private one, is no new place.
    ({"other": "{Pack}"}, {"helpers.Pack: removed": "Remove its uses."}),
    ({"_pack": "{Pack}"}, {"helpers.Pack: removed": "Remove its uses."}),
]
PACKS = {
    "Pack": "class Pack:\n    def weigh(self) -> int: ...",
    "Public": "from sagemaker_typed._pack import Pack\n__all__ = ['Pack']",
    "Parcel": "class Parcel:\n    def weigh(self) -> int: ...",
    "Less": "class Pack: ...",
}


@pytest.mark.parametrize(("modules", "expected"), MOVES)
def test_a_class_that_moved_is_not_removed(modules: dict[str, str], expected: dict[str, str], tmp_path: Path) -> None:
    bare = {"__init__": "__version__ = '0.1.0'", "other": "class Pack: ..."}
    old = sources(tmp_path / "old", {**bare, "helpers": PACKS["Pack"]})
    filled = {name: text.format(**PACKS) if "{" in text else text for name, text in modules.items()}
    new = sources(tmp_path / "new", {**bare, **filled})
    found = compare_libraries(old, new)
    assert told(found) == expected
    moved = {each.what.removeprefix("moved to ") for each in found.breaks}
    assert moved.isdisjoint(found.additions)


def test_a_class_with_a_new_name_keeps_the_old_one(tmp_path: Path) -> None:
    """As `changes.ModelError` became `ServiceModelError`: who catches the old name goes on catching it."""
    base = "class {0}(ValueError): ...\nclass NotFound({0}): ..."
    front = {"__init__": "__version__ = '0.1.0'"}
    old = sources(tmp_path / "old", {**front, "wrong": base.format("Wrong")})
    new = sources(tmp_path / "new", {**front, "wrong": base.format("ServiceWrong") + "\nWrong = ServiceWrong"})
    found = compare_libraries(old, new)
    assert (told(found), found.additions) == ({}, ("wrong.ServiceWrong",))


def test_the_page_says_it_once_where_it_is_the_same_in_many_places(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(9)]
    before = {"__init__": "__version__ = '1.0'", "many": "\n".join(f"def {name}(a): ..." for name in names)}
    after = {"__init__": "__version__ = '2.0'", "many": "\n".join(f"def {name}(a, b): ..." for name in names)}
    text = compare_libraries(sources(tmp_path / "a", before), sources(tmp_path / "b", after)).to_markdown()
    assert text.startswith("# From sagemaker-typed 1.0 to 2.0\n")
    (line,) = [each for each in text.splitlines() if each.startswith("- ")]
    assert line.startswith("- `many.f0`, `many.f1`")
    assert line.endswith("and 3 more: parameter b added, and required. Pass `b=`.")


def test_nothing_to_change(old: Path) -> None:
    found = compare_libraries(old, old)
    assert (found.verdict, found.breaks, found.additions) == ("compatible", (), ())
    assert "Nothing has to be changed" in found.to_markdown()


def test_wheels_and_archives_are_as_folders(old: Path, new: Path, tmp_path: Path) -> None:
    wheel, archive = tmp_path / "sagemaker_typed-0.1.0-py3-none-any.whl", tmp_path / "sagemaker_typed-0.2.0.tar.gz"
    with zipfile.ZipFile(wheel, "w") as file:
        for path in old.rglob("*.py"):
            file.write(path, path.relative_to(old))
    with tarfile.open(archive, "w:gz") as file:
        file.add(new, "sagemaker_typed-0.2.0")
    assert compare_libraries(wheel, archive).to_dict() == compare_libraries(old, new).to_dict()


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("none.whl", None, "there is no file"),
        ("broken.whl", b"PK", "broken.whl cannot be read"),
        ("broken.tar.gz", b"no", "broken.tar.gz cannot be read"),
        ("notes.md", b"# no", "notes.md is not a wheel"),
        ("bad.txt", b"# The public surface of x 1\n\ndef (", "bad.txt cannot be read: line 3"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    name: str, content: bytes | None, text: str, old: Path, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SurfaceError, match=text) as caught:
        compare_libraries(old, path)
    assert "\n" not in str(caught.value)


def test_the_installed_version_may_be_in_a_zip_file(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as packed:
        for each in sorted(old.rglob("*.py")):
            packed.write(each, each.relative_to(old))
        packed.writestr("sagemaker_typed/model/botocore-version", "1.40.0")
    monkeypatch.setattr("importlib.resources.files", lambda name: zipfile.Path(tmp_path / "lib.zip", f"{name}/"))
    found = compare_libraries("installed", old)
    assert (found.old, found.breaks, found.additions) == ("sagemaker_typed 0.1.0", (), ())


def test_a_wheel_of_something_else(old: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as file:
        file.writestr("other/__init__.py", "")
    with pytest.raises(SurfaceError, match=r"other\.whl does not contain sagemaker_typed"):
        compare_libraries(tmp_path / "other.whl", old)


def test_without_griffe_the_error_names_the_extra(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SurfaceError, match=r"sagemaker-typed\[changes\]"):
        compare_libraries(old, old)


def run(*arguments: str | Path) -> Any:
    return runner().invoke(app, ["changes", "--library", *map(str, arguments)])


def test_the_command(old: Path, new: Path) -> None:
    result = run(old, new)
    assert (result.exit_code, result.stdout) == (0, compare_libraries(old, new).to_markdown())
    result = run(old, new, "--format", "json", "--fail-on", "breaking")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == compare_libraries(old, new).to_dict()
    assert "breaking: sm.jobs.stop: removed\n" in result.stderr
    for wrong in ((old,), (old, old, "--since-bundled"), (old, "nothing-there")):
        result = run(*wrong)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1
