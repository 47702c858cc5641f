"""CONTRIBUTING.md says of each module and folder of the package what it is for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codegen.runs import PACKAGE, ROOT

GENERATED = ("types", "resources", "services", "model")
LINE = re.compile(r"(?P<indent> +)(?P<name>[\w.]+/?)(?: {2,}(?P<purpose>.*))?")


def drawn(text: str) -> Iterator[tuple[str, str]]:
    """Path below the package and purpose, for each line of the maps."""
    for block in re.findall(rf"```\n({PACKAGE.name}/.*?)```", text, re.DOTALL):
        root, *lines = block.splitlines()
        above = [root.removeprefix(f"{PACKAGE.name}/")]
        for line in lines:
            found = LINE.fullmatch(line)
            assert found, line
            depth, odd = divmod(len(found["indent"]), 2)
            assert not odd, line
            assert depth <= len(above), line
            del above[depth:]
            yield "".join([*above, found["name"]]), found["purpose"] or ""
            if found["name"].endswith("/"):
                above.append(found["name"])


def built(package: Path) -> set[str]:
    """Each handwritten module and each folder; the line of a folder stands for its `__init__.py` too."""
    found: set[str] = set()
    for path in package.rglob("*"):
        below = path.relative_to(package)
        if "__pycache__" in below.parts or (below.parts[0] in GENERATED and len(below.parts) > 1):
            continue
        if path.is_dir():
            found.add(f"{below.as_posix()}/")
        elif path.suffix == ".py" and (path.name != "__init__.py" or path.parent == package):
            found.add(below.as_posix())
    return found


MAP = list(drawn((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


def test_every_module_and_folder_is_on_the_map() -> None:
    paths = [path for path, _ in MAP]
    assert sorted(built(PACKAGE) - set(paths)) == []
    assert sorted(set(paths) - built(PACKAGE)) == []
    assert [path for path, times in Counter(paths).items() if times > 1] == []


def test_each_has_a_purpose_of_its_own() -> None:
    assert [path for path, purpose in MAP if not purpose.strip()] == []
    assert [purpose for purpose, times in Counter(purpose for _, purpose in MAP).items() if times > 1] == []


def test_generated_folders_are_marked_on_the_map() -> None:
    marked = [path for path, purpose in MAP if purpose.startswith("GENERATED: ")]
    assert sorted(marked) == sorted(f"{folder}/" for folder in GENERATED if (PACKAGE / folder).is_dir())


@pytest.mark.parametrize("line", ["      lost.py  too deep", "   odd.py  between two levels", "  no purpose, no path"])
def test_a_map_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(AssertionError):
        list(drawn(f"```\n{PACKAGE.name}/\n  client.py  the client\n{line}\n```"))


def test_how_a_map_is_read() -> None:
    text = f"```\n{PACKAGE.name}/cli/\n  _kinds/  kinds\n    one.py  the one\n  app.py  commands\n  bare.py\n```"
    assert list(drawn(text)) == [
        ("cli/_kinds/", "kinds"),
        ("cli/_kinds/one.py", "the one"),
        ("cli/app.py", "commands"),
        ("cli/bare.py", ""),
    ]
