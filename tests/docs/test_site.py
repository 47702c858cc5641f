"""The documentation site: its examples run, and its reference is complete."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sagemaker_typed import errors
from sagemaker_typed.codegen.plan import Plan, RulePlan

ROOT = Path(__file__).parents[2]
LARGEST = 300_000
"""Bytes of a page; what it shows besides, such as pictures, comes on top."""
DOCS = ROOT / "docs"


def sphinx(builder: str, target: Path) -> None:
    command = ["-m", "sphinx", "-q", "--fail-on-warning", "--keep-going", "-b", builder, str(DOCS), str(target)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def found(site: Path, word: str) -> list[str]:
    """The documents in which the site's search finds a word that the stemmer leaves alone."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index: Any = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    numbers = index["terms"].get(word, [])
    return [index["docnames"][number] for number in ([numbers] if isinstance(numbers, int) else numbers)]


@pytest.fixture(scope="module")
def extension() -> Any:
    spec = importlib.util.spec_from_file_location("docs_reference", DOCS / "_ext" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference(extension: Any) -> Any:
    return extension.installed()


@pytest.fixture(scope="module")
def pages(reference: Any) -> dict[str, str]:
    return dict(reference.pages())


def test_the_examples_run(tmp_path: Path) -> None:
    sphinx("doctest", tmp_path)
    tested = (tmp_path / "output.txt").read_text(encoding="utf-8")
    written = {*DOCS.glob("how-to/*.md"), DOCS / "tutorial.md", DOCS / "index.md"}
    written -= {DOCS / "how-to" / "migrate.md"}  # tests/migrate rewrites its examples
    assert {path.relative_to(DOCS).with_suffix("").as_posix() for path in written} <= set(
        re.findall(r"^Document: (.*)$", tested, re.MULTILINE)
    )


@pytest.mark.slow
def test_the_site_builds_without_warnings_and_its_pages_are_small(tmp_path: Path) -> None:
    sphinx("html", tmp_path)
    sizes = {path.relative_to(tmp_path).as_posix(): path.stat().st_size for path in tmp_path.rglob("*.html")}
    assert {name: size for name, size in sizes.items() if size >= LARGEST} == {}
    assert len(sizes) > 200
    for operation in ("create_compilation_job", "describe_endpoint", "search"):
        assert "reference/generated/operations" in found(tmp_path, operation)


def test_every_operation_has_its_method(reference: Any, pages: dict[str, str]) -> None:
    plan: Plan = reference.plan
    documented = Counter(re.findall(r"^````\{py:method\} sm\.([\w.]+)\(", "\n".join(pages.values()), re.MULTILINE))
    assert max(documented.values()) == 1
    for operation in plan.operations:
        path = f"{operation.group}.{operation.verb}" if operation.group else operation.verb
        assert path in documented
        assert (
            f"| {operation.name} | {{py:meth}}`{path} <sm.{path}>` | `{operation.method}` |" in pages["operations.md"]
        )


def test_every_wait_has_its_method_and_its_table(reference: Any, pages: dict[str, str]) -> None:
    for group in reference.plan.groups:
        for waiter in group.waiters:
            name = f"sm.{group.name}.wait_until_{waiter.state}"
            assert f"````{{py:method}} {name}(" in pages[f"groups/{group.name}.md"]
            assert f"{{py:meth}}`wait_until_{waiter.state} <{name}>`" in pages["waiters.md"]
        if group.many:
            assert f"````{{py:method}} sm.{group.name}.wait_all(" in pages[f"groups/{group.name}.md"]
            assert f"{{py:meth}}`{group.name} <sm.{group.name}.wait_all>`" in pages["waiters.md"]


def test_every_class_stands_once_and_in_an_index(reference: Any, pages: dict[str, str]) -> None:
    plan: Plan = reference.plan
    documented = Counter(re.findall(r"^````\{py:class\} (\w+)$", "\n".join(pages.values()), re.MULTILINE))
    assert documented == Counter(plan.homes.keys())
    for module in plan.modules:
        for structure in module.structures:
            assert f"\n- {{py:class}}`{structure.name}`" in pages[f"structures/{structure.name[0].lower()}.md"]
        for enum in module.enums:
            assert f"\n| {{py:class}}`{enum.name}` |" in pages["enums.md"]


def test_every_error_is_explained() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\.\. autoexception:: sagemaker_typed\.errors\.(\w+)$", page, re.MULTILINE)
    exported = {name: getattr(errors, name) for name in errors.__all__}
    kinds = [name for name, value in exported.items() if isinstance(value, type) and issubclass(value, Exception)]
    assert sorted(listed) == sorted(kinds)


@pytest.mark.parametrize("text", ["a|b", r"a\|b", "a`b", "`", "``a`", " a ", "[a](b)", "*a*", "<b>", "{a}`b`", "a\\"])
def test_any_text_survives_a_table(extension: Any, text: str) -> None:
    assert in_a_table(extension.code(text)) == [text]


def test_every_pattern_survives_a_table(extension: Any, reference: Any) -> None:
    found: set[str] = set()

    def collect(rule: RulePlan | None) -> None:
        if rule is not None:
            if rule.pattern is not None:
                found.add(rule.pattern)
            collect(rule.items)
            collect(rule.keys)

    for module in reference.plan.modules:
        for structure in module.structures:
            for field in structure.fields:
                collect(field.type.rule)
    patterns = sorted(found)
    assert in_a_table(*map(extension.code, patterns)) == patterns


def in_a_table(*spans: str) -> list[str]:
    """The code spans of a table as a reader sees them, one row each."""
    rows = "\n".join(f"| {span} | . |" for span in spans)
    cells = MarkdownIt("commonmark").enable("table").parse(f"| a | b |\n| --- | --- |\n{rows}\n")
    spans_of = [cell.children or [] for cell in cells if cell.type == "inline" and cell.content not in ("a", "b", ".")]
    assert all([span.type for span in children] == ["code_inline"] for children in spans_of)
    return [children[0].content for children in spans_of]


def test_only_what_changed_is_written(extension: Any, tmp_path: Path) -> None:
    extension.write({"a.md": "one", "b/c.md": "two", "b/d.md": "three"}, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    extension.write({"a.md": "one", "b/c.md": "new"}, tmp_path)
    assert (tmp_path / "a.md").stat().st_mtime_ns == before[tmp_path / "a.md"]
    assert (tmp_path / "b/c.md").read_text() == "new"
    assert not (tmp_path / "b/d.md").exists()
