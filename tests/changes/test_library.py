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


def told(found: LibraryChanges) -> dict[str, str]:
    return {str(each): each.advice for each in found.breaks}


def test_what_must_be_changed_and_how(old: Path, new: Path) -> None:
    found = compare_libraries(old, new)
    assert (found.old, found.new, found.verdict) == ("sagemaker_typed 0.1.0", "sagemaker_typed 0.2.0", "breaking")
    assert told(found) == {
        "helpers.pack: is now async": "Await it.",
        "helpers.pack: parameter b: default 3 is now 4": "Pass `b=3` to keep what it did.",
        "sm.jobs.create: parameter role renamed to role_arn": "Pass `role_arn=` instead of `role=`.",
        "sm.jobs.stop: removed": "Take out what uses it.",
        "sm.jobs.stop_job: removed": "Perhaps `stop_jobs` is what it became.",
        "types.Device.ML_M4: removed": (
            "The service no longer names it; where it still takes it, write `Device('ml_m4')`."
        ),
    }
    assert found.additions == ("sm.jobs.stop_jobs", "types.Device.ML_C6")


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
        ("notes.md", b"# no", "notes.md is no wheel"),
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


def test_a_wheel_of_something_else(old: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as file:
        file.writestr("other/__init__.py", "")
    with pytest.raises(SurfaceError, match=r"other\.whl does not hold sagemaker_typed"):
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
