"""`python -m sagemaker_typed.codegen`: the same bytes every time, and a check that sees every difference."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.codegen.runs import PACKAGE, codegen, copy_of_the_package, names_of, tree


def unnumbered(said: str) -> str:
    """Without the numbers of the overlay's lines, which change with every decision."""
    return re.sub(r"sagemaker_typed/codegen/(overlay/\w+\.toml):(\d+:)?", r"\1:", said)


def same(one: dict[str, bytes], other: dict[str, bytes]) -> bool:
    """Plain `==`, without the megabytes that pytest would print."""
    differing = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    assert differing == set()
    return True


def test_what_is_generated_is_what_is_committed(tmp_path: Path) -> None:
    """With another hash seed than that of the other tests."""
    run = codegen("--out", tmp_path, seed=4711)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("does not compile in Python and is not checked") > 0
    assert same(tree(tmp_path), tree(PACKAGE))


def test_without_propose_nothing_is_guessed(tmp_path: Path) -> None:
    """As `make update PROPOSE=0` runs it."""
    package = copy_of_the_package(tmp_path)
    groups = package / "codegen/overlay/groups.toml"
    lines = [line for line in groups.read_text().splitlines(keepends=True) if not line.startswith("MoveClusterNodes")]
    groups.write_text("".join(lines))
    overlay = {path: path.read_bytes() for path in (package / "codegen/overlay").rglob("*") if path.is_file()}
    before = tree(package)
    run = codegen(root=tmp_path)
    assert run.returncode == 1
    assert "operation MoveClusterNodes belongs to no known group" in run.stderr
    assert "proposed" not in run.stdout
    assert {path: path.read_bytes() for path in (package / "codegen/overlay").rglob("*") if path.is_file()} == overlay
    assert same(tree(package), before)


def test_check_is_content_with_what_is_committed() -> None:
    before = (PACKAGE / "codegen/overlay/homes.toml").read_bytes()
    run = codegen("--check")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert (PACKAGE / "codegen/overlay/homes.toml").read_bytes() == before


def test_check_names_every_path_that_is_not_current_and_generating_mends_it(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    before = tree(package)
    homes = package / "codegen/overlay/homes.toml"
    recorded = homes.read_text()
    with (package / "types/tags.py").open("a") as changed:
        changed.write("# a patch by hand\n")
    (package / "types/by_hand.py").write_text("")
    (package / "resources/endpoints.py").unlink()
    (package / "model/botocore-version").write_text((package / "model/botocore-version").read_text() + "\n")
    homes.write_text("".join(line for line in recorded.splitlines(keepends=True) if not line.startswith("Tag ")))

    run = codegen("--check", root=tmp_path)
    assert run.returncode == 1
    assert run.stdout == ""
    assert names_of(run.stderr) == [
        "model/botocore-version",
        "resources/endpoints.py",
        "types/by_hand.py",
        "types/tags.py",
        "codegen/overlay/homes.toml",
    ]

    run = codegen(root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert same(tree(package), before)
    assert homes.read_text() == recorded


def test_check_refuses_another_botocore(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    (package / "model/botocore-version").write_text("1.2.3\n")
    run = codegen("--check", root=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("generated from botocore 1.2.3, but ")


def test_nothing_is_written_while_anything_is_unsettled(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    overlay = package / "codegen/overlay"
    for name, old, new in (
        ("names", 'FSx = "fsx"', 'FSy = "fsy"'),
        ("groups", 'AddTags = "tags.add"', 'AddTag = "tags.add"'),
        ("waiters", '"STOPPING"', '"HALTING"'),
    ):
        text = (overlay / f"{name}.toml").read_text()
        start = text.index("[compilation_jobs.completed]") if name == "waiters" else 0
        assert old in text[start:], (name, old)
        (overlay / f"{name}.toml").write_text(text[:start] + text[start:].replace(old, new, 1))
    before = tree(package)

    for arguments in ([], ["--check"]):
        run = codegen(*arguments, root=tmp_path)
        assert run.returncode == 1
        assert run.stdout == ""
        for part in (
            "operation AddTags belongs to no known group; add to overlay/groups.toml: [operations] AddTags = ",
            "has the unknown word 'f'",
            "status 'STOPPING' of compilation_jobs.completed is not classed",
            "overlay/groups.toml: [operations] there is no operation 'AddTag'",
            "overlay/names.toml: [fix] there is no name with the word 'FSy'",
            "overlay/waiters.toml: [compilation_jobs.completed] there is no status 'HALTING'",
        ):
            assert part in unnumbered(run.stderr), part
        assert same(tree(package), before)


def test_a_stale_line_stops_the_repository_but_no_other_model(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    words = package / "codegen/overlay/words/compilation_jobs.toml"
    words.write_text(words.read_text().replace("[shapes]\n", '[shapes]\nTargetDevise = "A typo."\n'))
    run = codegen("--check", root=tmp_path)
    number = 1 + words.read_text().splitlines().index('TargetDevise = "A typo."')
    where = f"sagemaker_typed/codegen/overlay/words/compilation_jobs.toml:{number}:"
    assert (run.returncode, run.stderr) == (1, f"{where} [shapes] there is no class 'TargetDevise'\n")
    run = codegen("--out", tmp_path / "elsewhere", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert same(tree(tmp_path / "elsewhere"), tree(PACKAGE))


def test_the_generator_needs_none_of_what_it_generates(tmp_path: Path) -> None:
    """A checkout without the generated folders can be made whole."""
    package = copy_of_the_package(tmp_path, without=("types", "resources", "model"))
    run = codegen(root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert same(tree(package), tree(PACKAGE))
    line = "import sagemaker_typed; print(sagemaker_typed.SageMaker(region='us-west-2').compilation_jobs)"
    made = subprocess.run([sys.executable, "-c", line], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert made.stdout == "<CompilationJobs of SageMaker(region='us-west-2')>\n"
