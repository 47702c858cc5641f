"""Which mutants are made of a source, which tests are chosen for one, and whether a mutant that breaks a test is noticed."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutants import record as record_module
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.operators import Mutant, mutants
from tests.mutants.record import Record
from tests.mutants.results import Results
from tests.mutants.targets import ROOT, TARGETS


def made(source: str) -> set[tuple[str, str, str]]:
    return {(each.operator, each.before, each.after) for each in mutants("m.py", dedent(source).encode())}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return a < b", ("comparison", "a < b", "(a <= b)")),
        ("return a < b", ("comparison", "a < b", "(a >= b)")),
        ("return a is b", ("comparison", "a is b", "(a is not b)")),
        ("return a and b", ("boolean", "a and b", "(a or b)")),
        ("return a and b", ("condition", "a and b", "(b)")),
        ("return not a", ("negation", "not a", "(a)")),
        ("return a - b", ("arithmetic", "a - b", "(a + b)")),
        ("return f(a, b)", ("swap", "f(a, b)", "f(b, a)")),
        ("return f(a, key=b)", ("argument", "f(a, key=b)", "f(a)")),
        ("return a", ("return", "return a", "return None")),
        ("return 5", ("constant", "5", "6")),
        ("return True", ("constant", "True", "False")),
        ("return 'é'", ("constant", "'é'", "'é?'")),
        ("a.b = 1", ("statement", "a.b = 1", "pass")),
        ("a(b)", ("statement", "a(b)", "pass")),
        ("a = b", ("value", "b", "None")),
        ("raise E", ("statement", "raise E", "pass")),
        ("return [1, 2, 3]", ("row", "[1, 2, 3]", "[1, 3]")),
        ("return [x for x in a if x]", ("negation", "x", "(not (x))")),
    ],
)
def test_each_operator(line: str, expected: tuple[str, str, str]) -> None:
    assert expected in made(f"def f(a, b):\n    é = 'é'; {line}")


def test_a_false_result_becomes_true_and_not_none() -> None:
    assert made("def f(): return False") == {("constant", "False", "True")}


def test_the_branches_of_a_function() -> None:
    found = made("""
        def f(a=1):
            for x in a:
                if x:
                    break
            try:
                a()
            except ValueError:
                a = 2
    """)
    assert {
        ("constant", "1", "2"), ("negation", "x", "(not (x))"), ("loop", "break", "continue"), ("handler", "a = 2", "raise"),
    } <= found  # fmt: skip


def test_what_is_larger_does_not_depend_on_what_comes_first() -> None:
    assert made("def f(): max(a, b)") == {("statement", "max(a, b)", "pass")}
    assert ("swap", "max(a, b, c)", "max(b, a, c)") in made("def f(): max(a, b, c)")


def test_what_is_no_code_has_none() -> None:
    source = """
        "docstring"
        __all__ = ["a", "b", "c"]
        T = TypeVar("T", bound="X")
        Steps = Generator["X", Y, T]
        if TYPE_CHECKING:
            x = 1
        class P(Protocol):
            x = 1
        def f() -> Literal["a"]:
            "docstring"
            x: Annotated[int, 3]
            raise ValueError("a text")
    """
    assert {operator for operator, _, _ in made(source)} == {"statement"}


def test_the_type_of_a_cast_is_left_alone() -> None:
    assert {before for _, before, _ in made("def f(): cast('X', 'y')")} == {"cast('X', 'y')", "'y'"}


def test_the_check_of_a_zip_is_left_alone() -> None:
    assert made("def f(): return zip(a, b, strict=True)") == {
        ("return", "return zip(a, b, strict=True)", "return None"),
        ("swap", "zip(a, b, strict=True)", "zip(b, a, strict=True)"),
    }


def test_mutants_of_the_core_can_be_read_and_keep_the_lines() -> None:
    assert len(TARGETS) > 30
    for target in TARGETS:
        source = (ROOT / target).read_bytes()
        tree = ast.dump(ast.parse(source))
        for number, mutant in enumerate(mutants(target, source)):
            changed = mutant.applied(source)
            assert changed.count(b"\n") == source.count(b"\n"), mutant
            if number % 50 == 0:  # each would take minutes
                assert ast.dump(ast.parse(changed)) != tree, mutant


def test_equivalent_ones_are_there_and_have_reasons() -> None:
    names = {mutant.name for target in TARGETS for mutant in mutants(target, (ROOT / target).read_bytes())}
    assert sorted(set(EQUIVALENT) - names) == []
    assert [name for name, reason in EQUIVALENT.items() if len(reason.split()) < 5] == []


# --- which tests ------------------------------------------------------------------------------------------------------

KNOWN = Record(
    seconds={"t::wide": 3.0, "t::narrow": 1.0, **{f"t::case[{number}]": 1.0 for number in range(9)}},
    tests={"m.py": {1: ["t::wide", "t::narrow"], 2: [f"t::case[{number}]" for number in range(9)]}},
    breadth={"t::wide": 500, "t::narrow": 5, **dict.fromkeys((f"t::case[{number}]" for number in range(9)), 50)},
)


def test_the_narrowest_tests_of_a_line_come_first() -> None:
    assert KNOWN.stages("m.py", 1)[:2] == [["t::narrow", "t::wide"], []]
    assert KNOWN.stages("m.py", 1, without=frozenset(["t::narrow"]))[:2] == [["t::wide"], []]


def test_a_few_cases_of_a_test_are_enough_at_first() -> None:
    first, then, last = KNOWN.stages("m.py", 2)
    assert (len(first), len(then)) == (2, 3)
    # At last the other cases, and as few tests run this line, those of the module too: one may have been served from a cache.
    assert last == [*(f"t::case[{number}]" for number in range(5, 9)), "t::narrow", "t::wide"]
    assert len({*first, *then, *last}) == 11


def test_what_runs_in_processes_of_its_own_is_tried_with_their_tests() -> None:
    apart = "tests/processes/test_forks.py::test_a_fork"
    known = Record(
        {**KNOWN.seconds, apart: 2.0}, {"sagemaker_typed/_core/forking.py": KNOWN.tests["m.py"]}, KNOWN.breadth
    )
    first, then, _ = known.stages("sagemaker_typed/_core/forking.py", 1)
    assert (first, then) == (["t::narrow", "t::wide"], [apart])
    assert known.stages("sagemaker_typed/_core/forking.py", 1, without=frozenset([apart]))[1] == []


def test_a_line_of_no_test_is_that_of_its_module() -> None:
    assert set(KNOWN.stages("m.py", 99)[0]) == {"t::wide", "t::narrow", "t::case[0]", "t::case[1]"}


def test_a_line_that_runs_at_import_is_noticed_by_the_tests_of_what_uses_it() -> None:
    source = b"""
_A = 1
_B = (_A, "b")
class C:
    x = 5
    def f(self, y=7):
        return self.x + y
def g():
    return _B
"""
    found = {each.before: (each.at_import, set(each.where)) for each in mutants("m.py", source)}
    assert found["1"] == (True, {3, 9})
    assert found['"b"'] == (True, {9})
    assert found["5"] == (True, {7})
    assert found["7"] == (True, {6, 7})
    assert found["return _B"] == (False, {8, 9})


def test_the_tests_of_lines_near_come_before_those_of_the_module() -> None:
    declared = "tests/unit/test_defaults.py::test_a"
    known = Record({**KNOWN.seconds, declared: 1.0}, KNOWN.tests, KNOWN.breadth)
    first, then, _ = known.stages("m.py", 99, where=[1, 98])
    assert (first, then) == (["t::narrow", "t::wide"], [declared])
    assert known.stages("m.py", 1, where=[2])[:2] == [["t::narrow", "t::wide"], []]


# --- a trial ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "killed"),
    [
        ("def two(): return 2", []),
        ("def two(): return 3", ["test_it.py::test_two"]),
        ("def two(): raise KeyError", ["test_it.py::test_two"]),
        ("this is no code", ["test_it.py"]),
        ("while True: pass", ["the start did not end"]),
        ("def two():\n    while True: pass", ["test_it.py::test_two did not end"]),
    ],
)
def test_a_worker_says_what_noticed(text: str, killed: list[str], tmp_path: Path) -> None:
    module, test = tmp_path / "it.py", tmp_path / "test_it.py"
    module.write_text("def two(): return 2\n", encoding="utf-8")
    test.write_text("import it\n\ndef test_two(): assert it.two() == 2\ndef test_no(): assert 0\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    start = 1.0 if killed == ["the start did not end"] else 120.0
    patience = 1.0 if killed == ["test_it.py::test_two did not end"] else 120.0
    task = {"path": "it.py", "text": text, "stages": [{"test_it.py::test_two": patience}], "start": start}
    ended = subprocess.run(
        [sys.executable, "-m", "tests.mutants.worker"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps(task) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stdout)["killed"] == killed
    assert module.read_text(encoding="utf-8") == "def two(): return 2\n"


def test_results_hold_for_their_state_of_the_tree(tmp_path: Path) -> None:
    results = Results(tmp_path / "results-7.jsonl")
    assert (results.of("one", 3), results.survivors()) == ({}, set())
    noticed, survived = (
        {"name": ["m.py", "f", "1", after], "killed": killed, "depth": 2} for after, killed in [("2", ["t"]), ("3", [])]
    )
    for result in (noticed, survived):
        results.add("one", result)
    again = Results(tmp_path / "results-7.jsonl")
    assert set(again.of("one", 2)) == {("m.py", "f", "1", "2"), ("m.py", "f", "1", "3")}
    assert set(again.of("one", 3)) == {("m.py", "f", "1", "2")}
    assert again.of("two", 1) == {}
    assert again.survivors() == {("m.py", "f", "1", "3")}
    again.add("two", {**survived, "killed": ["t"]})
    assert again.survivors() == set()


def test_only_files_of_tests_that_changed_are_recorded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[list[str]] = []
    states = {"tests/unit/test_a.py": "1", "tests/unit/test_b.py": "1"}

    def ran(_: Path, folder: Path, __: int, files: list[str]) -> None:
        run.append(files)
        names = [f"{file}::test" for file in files]
        kept = {"tests": [(name, float(len(run))) for name in names], "lines": {"m.py": {"3": list(range(len(names)))}}}
        (folder / "recorded-1.json").write_text(json.dumps(kept), encoding="utf-8")

    monkeypatch.setattr(record_module, "_run", ran)
    monkeypatch.setattr(record_module, "copy_tree", lambda tree: tree.mkdir(parents=True))
    monkeypatch.setattr(record_module, "_files_of_tests", lambda: [ROOT / path for path in states])
    monkeypatch.setattr(record_module, "_shared", list)
    monkeypatch.setattr(
        record_module, "_state_of", lambda paths: "".join(states[path.relative_to(ROOT).as_posix()] for path in paths)
    )
    for changed in ({}, {}, {"tests/unit/test_b.py": "2"}, {"tests/unit/test_b.py": "1"}):
        states |= changed
        known = record_module.record(tmp_path, 1, old=False)
        assert known.tests == {"m.py": {3: ["tests/unit/test_a.py::test", "tests/unit/test_b.py::test"]}}
    assert run == [["tests/unit/test_a.py", "tests/unit/test_b.py"], ["tests/unit/test_b.py"]]
    assert known.seconds == {"tests/unit/test_a.py::test": 1.0, "tests/unit/test_b.py::test": 1.0}
    states["tests/unit/test_b.py"] = "2"
    assert record_module.record(tmp_path, 1, old=False).seconds["tests/unit/test_b.py::test"] == 2.0


def test_a_mutant_is_named_without_its_line() -> None:
    one = Mutant("m.py", 1, 0, 1, "constant", "f", "1", "2")
    assert one.name == Mutant("m.py", 9, 80, 81, "constant", "f", "1", "2").name
    assert str(one) == "m.py:1 in f: constant: `1` -> `2`"
