"""Whatever words and patterns hold, the source that carries them is Python and means the same."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sagemaker_typed._core.service import Meaning
from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.plan import RulePlan as PlannedRule
from sagemaker_typed.codegen.read import BotocoreModel
from sagemaker_typed.codegen.text import docstring, quote, raw
from sagemaker_typed.codegen.write import render
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.structure import Member, Rule, members_of
from sagemaker_typed.types._service import SERVICE
from tests.codegen.sketch import Sketch, blank, complaints, plan_of

ROOT = Path(__file__).parents[2]

HOSTILE = (
    'It ends in a "quotation"',
    "It ends in a backslash \\",
    'It holds """three""" quotation marks',
    '"""',
    '"',
    "\\",
    'A "word" and a back\\slash in the middle',
    r"A raw \d+ and \\ two, and \N{DIGIT ONE}, \x41, \u0041",
    'Ends in four """"',
    "A control \x00 \x07 \r \x1b \x7f \x85 \u2028 character",
    "Schöne Grüße, 日本, 🙂",
)
WORDS = pytest.mark.parametrize("words", HOSTILE)


# --- the pieces -------------------------------------------------------------------------------------------------------


@given(st.text())
@example('\\"')
@example("\r\n\t\x00\x7f\u2028")
@settings(database=None, deadline=None)
def test_a_quoted_text_reads_as_the_text(text: str) -> None:
    assert ast.literal_eval(quote(text)) == text
    assert len(quote(text).splitlines()) <= len((text + "x").splitlines())


@given(st.text())
@example('"')
@example("\\")
@example("[\\x00-\x1f]")
@settings(database=None, deadline=None)
def test_a_raw_text_reads_as_the_text(text: str) -> None:
    assert ast.literal_eval(raw(text)) == text


@given(st.lists(st.text(), min_size=1, max_size=3))
@example(['A "word"'])
@example(["back\\", 'and "'])
@settings(database=None, deadline=None)
def test_a_docstring_reads_as_its_lines(lines: list[str]) -> None:
    tree = ast.parse(f"class C:\n{docstring(lines)}\n    x = 1\n")
    found = ast.get_docstring(tree.body[0], clean=False)  # type: ignore[arg-type]
    assert found is not None
    told = [part.rstrip() for line in lines for part in line.split("\n")]
    assert [line.strip() for line in found.strip().split("\n")] == [
        line.strip() for line in "\n".join(told).strip().split("\n")
    ]


def test_a_plain_docstring_is_left_as_plain_as_it_is() -> None:
    assert docstring(['Say "hello" to it.']) == '    """Say "hello" to it."""\n'
    assert docstring([r"Matches `\d+`."]) == '    r"""Matches `\\d+`."""\n'


# --- a module ---------------------------------------------------------------------------------------------------------


def described(words: str, pattern: str = "") -> dict[str, str]:
    sketch = Sketch().enum("Kind", "A", words).structure("Part", {"Kind": "Kind"})
    sketch.shapes["Code"] = {"type": "string", **({"pattern": pattern} if pattern else {})}
    sketch.resource("Widget", {"Part": "Part", "Code": "Code"})
    overlay = blank(
        words={"operations": {"CreateWidget": words}, "shapes": {"Kind": words, "Part": words}},
        names={"enums": {"Kind": {words: "ODD"}}},
    )
    return render(plan_of(sketch, overlay), sketch.model(), overlay)


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def docstrings(text: str) -> dict[str, str]:
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {node.name: ast.get_docstring(node) or "" for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)}


@WORDS
def test_words_that_could_break_a_docstring_do_not(words: str) -> None:
    files = described(words)
    for path, names in (("types/widgets.py", ["Kind", "Part"]), ("resources/widgets.py", ["create"])):
        for text in (files[path], formatted(files[path])):
            found = docstrings(text)
            for name in names:
                assert found[name].startswith(words.strip()), (path, name)


@WORDS
def test_an_enum_text_survives(words: str) -> None:
    tree = ast.parse(formatted(described(words)["types/widgets.py"]))
    (enum,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Kind")
    values = [ast.literal_eval(node.value) for node in enum.body if isinstance(node, ast.Assign)]
    assert values == ["A", words]


@pytest.mark.parametrize(
    "pattern",
    [r'^"[\w]+"$', r"a\\$", r"[\x00-\x1f`]+", "[\x00-\x1f\t\r\n]+", r'"""', "\\\\", "`+", "[\u0020-\ud7ff]*", "'\"'"],
)
def test_a_pattern_survives_as_the_same_expression(pattern: str) -> None:
    text = formatted(described("Words", pattern)["types/widgets.py"])
    (found,) = (
        ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "pattern"
    )
    assert found == pattern
    assert re.compile(found) == re.compile(pattern)


# --- the whole model --------------------------------------------------------------------------------------------------


def compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def patterns_of(model: BotocoreModel, shape: str) -> list[str]:
    """The pattern of a shape and of what its lists and maps hold, depth first, as far as Python can use them."""
    body = model.shape(shape)
    found = [body["pattern"]] if compiles(body.get("pattern", "(")) and "enum" not in body else []
    for part in ("member", "value", "key"):
        if part in body:
            found += patterns_of(model, body[part]["shape"])
    return found


def patterns_in(rule: Member | Rule) -> list[str]:
    found = [rule.pattern] if rule.pattern is not None else []
    for inner in (rule.items, rule.keys):
        found += patterns_in(inner) if inner is not None else []
    return found


def test_every_pattern_of_the_model_stands_in_the_types_as_it_is(model: BotocoreModel, plan: Plan) -> None:
    count = 0
    for module in plan.modules:
        generated = import_module(f"sagemaker_typed.types.{module.name}")
        for structure in module.structures:
            cls: Any = getattr(generated, structure.name)
            for member in members_of(cls):
                ref = model.members(structure.name)[member.wire]
                expected = [] if model.shape(ref["shape"])["type"] == "structure" else patterns_of(model, ref["shape"])
                assert patterns_in(member) == expected, f"{structure.name}.{member.wire}"
                assert all(compiles(pattern) for pattern in expected)
                count += len(expected)
    assert count > 1000


def test_a_pattern_that_python_cannot_compile_is_said(model: BotocoreModel, plan: Plan, notes: list[str]) -> None:
    used = {
        name
        for name, body in model.shapes.items()
        if "pattern" in body
        and not compiles(body["pattern"])
        and any(name in targets(model, cls) for cls in plan.homes)
    }
    assert used
    for name in used:
        assert any(f"pattern of {name} does not compile in Python and is not checked" in note for note in notes)
    assert len(notes) == len(set(notes))


def test_a_pattern_that_python_cannot_compile_never_counts() -> None:
    sketch = Sketch().resource("Widget", {"Code": "Code"})
    sketch.shapes["Code"] = {"type": "string", "max": 9, "pattern": r"[\p{L}]+"}
    notes: list[str] = []
    (module,) = build(sketch.model(), blank(), notes=notes).modules
    (rule,) = (field.type.rule for each in module.structures for field in each.fields if field.wire == "Code")
    assert rule == PlannedRule(max=9)
    (note,) = notes
    assert note.startswith("pattern of Code does not compile in Python and is not checked: bad escape")


def targets(model: BotocoreModel, cls: str) -> set[str]:
    """What the members of a class are made of."""
    found: set[str] = set()
    todo = [] if "enum" in model.shape(cls) else model.targets(cls)
    while todo:
        shape = todo.pop()
        found.add(shape)
        if model.shape(shape)["type"] in ("list", "map"):
            todo += model.targets(shape)
    return found


def test_no_prose_of_the_model_stands_in_the_generated_code(model: BotocoreModel) -> None:
    """A sample: the first sentence of every shape's documentation that is too long to be anybody else's."""
    package = ROOT / "sagemaker_typed"
    text = "".join(
        " ".join(path.read_text(encoding="utf-8").split())
        for folder in ("types", "resources")
        for path in (package / folder).rglob("*.py")
    )
    prose = [body.get("documentation", "") for body in model.raw["service-2"]["shapes"].values()]
    sentences = [" ".join(re.sub("<[^>]+>", "", words).split()).split(". ")[0] for words in prose]
    long = [sentence for sentence in sentences if len(sentence) > 60]
    assert len(long) > 200
    assert [sentence for sentence in long if sentence in text] == []


def test_the_wording_of_errors_survives(overlay: Overlay) -> None:
    for name in ("malformed", "not_found", "already_exists", "in_use", "conflict"):
        meaning: Meaning = getattr(SERVICE.wording, name)
        written = overlay.errors[name]
        assert meaning.codes == tuple(written["codes"])
        assert [phrase.pattern for phrase in meaning.phrases] == [entry["pattern"] for entry in written["wordings"]]
        assert [list(phrase.operations) for phrase in meaning.phrases] == [
            entry.get("operations", []) for entry in written["wordings"]
        ]
        assert all(compiles(phrase.pattern) for phrase in meaning.phrases)
    assert overlay.errors["kinds"].items() <= SERVICE.wording.kinds.items()


def test_the_kind_in_an_arn_is_the_noun_of_its_group() -> None:
    kinds = SERVICE.wording.kinds
    for group in WAITABLE.values():
        if group.arn_type is not None:
            assert kinds.get(group.arn_type, group.arn_type.replace("-", " ")) == group.noun


WORDING: dict[str, Any] = {"pattern": "No widget (?P<name>.*)", "source": "widgets/widgets #1"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pattern": "No (widget"}, "'No (widget' is no regular expression: missing ), unterminated subpattern"),
        ({"pattern": "No (?P<thing>.*)"}, "'No (?P<thing>.*)' has a group 'thing'; the groups are kind, name, status"),
        ({"source": " "}, "'No widget (?P<name>.*)' has no source"),
    ],
)
def test_a_wording_that_cannot_be_used_stops_the_generator(change: dict[str, str], said: str) -> None:
    drawn = Sketch().resource("Widget")
    assert complaints(drawn, blank(errors={"not_found": {"wordings": [WORDING]}})) == []
    (complaint,) = complaints(drawn, blank(errors={"not_found": {"wordings": [{**WORDING, **change}]}}))
    assert complaint.startswith(f"overlay/errors.toml: [not_found.wordings] {said}")
