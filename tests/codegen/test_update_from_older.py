"""`make update` on the repository as it would be for an older botocore: what it says that a person has to do is enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from sagemaker_typed.codegen.release.git import git
from sagemaker_typed.codegen.release.versions import Version, module_version, pins
from tests.codegen.runs import PACKAGE, ROOT

OLD = "1.40.0"
# As it is before the tests' own fixtures take proxies away: pip may need one.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}

# make's targets with what the update itself needs; the checks and tests of the whole repository are CI's.
MAKE = """\
#!/bin/sh
set -e
case "$2" in
generate)
    "{python}" -m pip install --quiet --disable-pip-version-check $(grep -oE '(botocore|boto3)==[0-9.]+' pyproject.toml)
    exec "{python}" -m sagemaker_typed.codegen ;;
check) exec "{python}" -m sagemaker_typed.codegen --check ;;
test-quick | lock) ;;
*) exit 2 ;;
esac
"""
_STALE = re.compile(
    r"sagemaker_typed/codegen/overlay/(?P<file>\w+)\.toml:(?P<line>\d+): (?P<what>.*) '(?P<name>[^']+)'"
)
_CLASSES = """
from sagemaker_typed.codegen.homes import classes
from sagemaker_typed.codegen.read import read_installed
print(*classes(read_installed()))
"""


class Repository:
    """A copy of the repository with a virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.overlay = self.root / "sagemaker_typed/codegen/overlay"
        shutil.copytree(PACKAGE, self.root / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", self.root)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        self.python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        self.make = folder / "make"
        self.make.write_text(MAKE.format(python=self.python))
        self.make.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.python), *arguments]
        return subprocess.run(command, cwd=self.root, env=ENVIRONMENT, capture_output=True, text=True)

    def codegen(self) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "sagemaker_typed.codegen")

    def update(self, version: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "sagemaker_typed.codegen.release.update", "--make", str(self.make), "--botocore", version)

    def commit(self) -> None:
        git(self.root, "add", ".")
        git(self.root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "As it is")

    def cut(self, complaints: str) -> dict[str, set[str]]:
        """Take from the overlay what the generator says that the model does not have; what it was, by kind."""
        gone: defaultdict[str, set[str]] = defaultdict(set)
        lines: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for found in map(_STALE.match, complaints.splitlines()):
            assert found is not None, complaints
            kind = found["what"].rpartition(" ")[2]
            gone[f"{found['file']} {kind}"].add(found["name"])
            lines[found["file"], int(found["line"])].append(found["name"] if kind == "status" else "")
        for file in {file for file, _ in lines}:
            path = self.overlay / f"{file}.toml"
            kept: list[str] = []
            table = ""
            for number, line in enumerate(path.read_text().splitlines(keepends=True), 1):
                table = line[1 : line.index("]")] if line.startswith("[") else table
                if file == "waiters" and table.partition(".")[0] in gone["waiters group"]:
                    continue
                for name in lines.get((file, number), ()):
                    line = re.sub(rf'"{name}",? ?', "", line) if name else ""
                kept.append(line)
            path.write_text("".join(kept))
        homes = self.overlay / "homes.toml"
        known = self.run("-c", _CLASSES).stdout.split()
        recorded = homes.read_text().splitlines(keepends=True)
        homes.write_text("".join(line for line in recorded if " = " not in line or line.split(" = ")[0] in known))
        return gone


@pytest.mark.slow
def test_an_older_repository_is_updated(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    project = repository.root / "pyproject.toml"
    text = project.read_text()
    module = repository.root / "sagemaker_typed/_core/version.py"
    wanted, version = str(pins(text)["botocore"]), module_version(module.read_text())
    project.write_text(re.sub(r'"(botocore|boto3)==[\d.]+"', rf'"\1=={OLD}"', text))
    (repository.root / "CHANGELOG.md").write_text(f"# Changelog\n\n## {version}\n\nGenerated from botocore {OLD}.\n")
    git(repository.root, "init", "--quiet")
    (ruff,) = re.findall(r'"(ruff==[\d.]+)"', text)
    installed = repository.run(
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"botocore=={OLD}", f"boto3=={OLD}", ruff,
        "attrs", "cattrs", "tenacity", "typer", "rich",
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr

    # As it would be today, had nothing happened since: also the overlay knows nothing newer.
    gone = repository.cut(repository.codegen().stderr)
    made = repository.codegen()
    assert made.returncode == 0, made.stderr
    repository.commit()

    stopped = repository.update(wanted)
    assert stopped.returncode == 1
    assert "then goes on from here" in stopped.stderr
    assert git(repository.root, "status", "--short") == " M pyproject.toml\n"
    assert len(gone["groups operation"]) > 10
    for operation in gone["groups operation"]:
        assert f"operation {operation} belongs to no known group" in stopped.stderr
    assert len(gone["waiters status"]) > 5
    for status in gone["waiters status"]:
        assert f"status {status!r} of " in stopped.stderr
    today = {path.name: path.read_text() for path in (PACKAGE / "codegen/overlay").glob("*.toml")}
    assert len(gone["waiters group"]) > 5
    for group in gone["waiters group"]:
        if f"[{group}]\nstatus" in today["waiters.toml"]:
            assert re.search(rf"nothing in sm\.({group}|group) waits on it", stopped.stderr), group

    # What a person would do. The record of homes is the generator's.
    for name, lines in today.items():
        if name != "homes.toml":
            (repository.overlay / name).write_text(lines)
    done = repository.update(wanted)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready to commit." in done.stdout
    next_version = Version.parse(str(version)).raised("major")
    changelog = (repository.root / "CHANGELOG.md").read_text()
    assert changelog.startswith(f"# Changelog\n\n## {next_version} (")
    assert f"Generated from botocore {wanted} (was {OLD}): " in changelog
    assert changelog.index("### API: breaking") < changelog.index("### API: new operations")
    assert module_version(module.read_text()) == next_version
    changed = git(repository.root, "diff", "--name-only").split()
    by_hand = [
        path for path in changed if not re.match(r"sagemaker_typed/(types|resources|model|codegen/overlay)/", path)
    ]
    assert by_hand == ["CHANGELOG.md", "pyproject.toml", "sagemaker_typed/_core/version.py"]
    assert (repository.root / "sagemaker_typed/model/sagemaker").is_dir()

    repository.commit()
    again = repository.update(wanted)
    assert (again.returncode, git(repository.root, "status", "--short")) == (0, "")
    assert "nothing is newer" in again.stdout
