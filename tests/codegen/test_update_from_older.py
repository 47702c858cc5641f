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
from sagemaker_typed.codegen.release.update import OVERLAY
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
    case "$3" in PROPOSE=1) exec "{python}" -m sagemaker_typed.codegen --propose ;; esac
    exec "{python}" -m sagemaker_typed.codegen ;;
check) exec "{python}" -m sagemaker_typed.codegen --check ;;
test-quick | lock) ;;
*) exit 2 ;;
esac
"""
_STALE = re.compile(
    r"sagemaker_typed/codegen/overlay/(?P<file>[\w/]+)\.toml:(?P<line>\d+): (?P<what>.*) '(?P<name>[^']+)'"
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

    def update(self, version: str, propose: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run(
            "-m", "sagemaker_typed.codegen.release.update", "--make", str(self.make), "--botocore", version,
            "--propose", str(propose),
        )  # fmt: skip

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
        self._cut_rules(gone["rules member"])
        for file in {file for file, _ in lines} - {"rules"}:
            path = self.overlay / f"{file}.toml"
            kept: list[str] = []
            table = ""
            dropped = False
            for number, line in enumerate(path.read_text().splitlines(keepends=True), 1):
                table = line[1 : line.index("]")] if line.startswith("[") else table
                if line.startswith("["):
                    dropped = (file, number) in lines  # a table about what is gone, such as [runs.CreateApp]
                if dropped or (file == "waiters" and table.partition(".")[0] in gone["waiters group"]):
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

    def _cut_rules(self, members: set[str]) -> None:
        """Take out the rules about these members: rules have no names, so that a complaint names none of their lines."""
        path = self.overlay / "rules.toml"
        head, *blocks = re.split(r"^(?=\[\[)", path.read_text(), flags=re.MULTILINE)
        owned = [member.partition(".") for member in members]
        kept = [
            each for each in blocks if not any(f'"{owner}"' in each and f'"{wire}"' in each for owner, _, wire in owned)
        ]
        path.write_text("".join([head, *kept]))


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
        "attrs", "cattrs", "packaging", "tenacity", "typer", "rich",
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr

    # As it would be today, had nothing happened since: also the overlay knows nothing newer.
    gone: defaultdict[str, set[str]] = defaultdict(set)
    made = repository.codegen()
    for _ in range(4):  # what is cut may leave other lines without their reason
        if made.returncode == 0:
            break
        for kind, names in repository.cut(made.stderr).items():
            gone[kind] |= names
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
    overlay = PACKAGE / "codegen/overlay"
    today = {path.relative_to(overlay).as_posix(): path.read_text() for path in overlay.rglob("*.toml")}
    assert len(gone["waiters group"]) > 5
    for group in gone["waiters group"]:
        if f"[{group}]\nstatus" in today["waiters.toml"]:
            assert re.search(rf"nothing in sm\.({group}|group) waits on it", stopped.stderr), group

    # With guesses, a person decides whether to generate the new services, and a few things that nobody can guess.
    assert "there is no" not in stopped.stderr
    guessed = repository.update(wanted, propose=1)
    assert guessed.returncode == 1
    complaints = guessed.stderr.partition("\nThe generator stopped.")[0].strip().splitlines()
    new_services = [line for line in complaints if line.startswith("botocore has a new service ")]
    assert len(new_services) == len(gone["services service"]) > 0
    hard = [line for line in complaints if line.startswith("  - ")]  # those without a good guess
    assert len(hard) <= 10 < stopped.stderr.count("\n  - ")
    for line in hard:
        assert "; add to sagemaker_typed/codegen/overlay/" in line
    assert len(complaints) == len(new_services) + len(hard) + 1, guessed.stderr  # no crash: nothing else is said
    for operation in gone["groups operation"]:
        assert f"[operations] {operation} (" in guessed.stdout, operation
    assert "# proposed: " in (repository.overlay / "groups.toml").read_text()
    # As the message says, to undo it; pyproject.toml stays, for the update goes on.
    assert f"git clean -f {OVERLAY}" in guessed.stderr
    git(repository.root, "restore", OVERLAY)
    git(repository.root, "clean", "--quiet", "-f", OVERLAY)
    assert git(repository.root, "status", "--short") == " M pyproject.toml\n"

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
        path
        for path in changed
        if not re.match(r"sagemaker_typed/(types|resources|services|model|codegen/overlay)/", path)
    ]
    assert by_hand == ["CHANGELOG.md", "pyproject.toml", "sagemaker_typed/_core/version.py"]
    assert (repository.root / "sagemaker_typed/model/sagemaker").is_dir()

    repository.commit()
    again = repository.update(wanted)
    assert (again.returncode, git(repository.root, "status", "--short")) == (0, "")
    assert "nothing is newer" in again.stdout
