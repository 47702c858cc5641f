"""`make check-wheel`, `make test-wheel` and `make test-sdist`."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXTRAS = "cli,testing"


class ArchiveError(Exception):
    """An archive is not as a user needs it."""


def only(dist: Path, pattern: str) -> Path:
    """The one archive of a form."""
    found = sorted(dist.glob(pattern))
    if len(found) != 1:
        raise ArchiveError(f"{dist} has {len(found)} files like {pattern}, not one")
    return found[0].resolve()


# --- the same bytes ---------------------------------------------------------------------------------------------------


def digests(dist: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(dist.iterdir())}


def same(dist: Path, command: Sequence[str]) -> None:
    """Build again, and compare."""
    first = digests(dist)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    second = digests(dist)
    if different := sorted(name for name in first | second if first.get(name) != second.get(name)):
        raise ArchiveError(f"two builds differ: {', '.join(different)}")
    print(f"two builds gave the same bytes: {', '.join(first)}")


# --- the wheel on a Python --------------------------------------------------------------------------------------------


def mypy_pin() -> str:
    """The mypy that the repository is checked with."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return next(each for each in groups["dev"] if isinstance(each, str) and each.startswith("mypy=="))


def installed(wheel: Path, python: str) -> None:
    """Install the wheel into an empty virtual environment of this Python, and use it there."""
    path = shutil.which(python)
    if path is None:
        raise ArchiveError(f"{python} is not there: PYTHONS says which to take")
    with tempfile.TemporaryDirectory() as folder:
        venv, elsewhere = Path(folder) / "venv", Path(folder) / "elsewhere"
        elsewhere.mkdir()
        subprocess.run([path, "-m", "venv", str(venv)], check=True)
        inside = venv / "bin"
        pip = [str(inside / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, f"sagemaker-typed[{EXTRAS}] @ {wheel.as_uri()}", mypy_pin(), "pytest"], check=True
        )  # pytest, for the plugin
        _run([str(inside / "sagemaker-typed"), "demo"], elsewhere)
        told = _run([str(inside / "python"), "-I", str(HERE / "imported.py")], elsewhere)
        checked(inside / "mypy", elsewhere)
        print(f"{python}: the demo ran, mypy is right, {told.strip()}", flush=True)


def _run(command: Sequence[str], where: Path) -> str:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArchiveError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return done.stdout


def checked(mypy: Path, where: Path) -> None:
    """Compare what mypy refuses in a user's script with what the script says of itself."""
    script = where / "script.py"
    shutil.copyfile(HERE / "checked_script.py", script)
    lines = script.read_text(encoding="utf-8").splitlines()
    wanted = {
        (number, found[1])
        for number, line in enumerate(lines, 1)
        if (found := re.search(r"# refused: ([\w-]+)$", line))
    }
    command = [str(mypy), "--strict", "--no-error-summary", "--cache-dir", str(where / "cache"), script.name]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    said = re.findall(r"^script\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    if {(int(number), code) for number, code in said} != wanted:
        raise ArchiveError(f"mypy refuses {said}, and should refuse {sorted(wanted)}:\n{done.stdout}{done.stderr}")


# --- the source archive -----------------------------------------------------------------------------------------------


def commands(sdist: Path, python: str, targets: Sequence[str]) -> None:
    """Run make targets in the unpacked archive, which has no git, with a bare environment."""
    path = shutil.which(python)
    if path is None:
        raise ArchiveError(f"{python} is not there: PYTHON says which to take")
    # What leads pip to packages is this machine's, not this shell's.
    kept = {name: text for name, text in os.environ.items() if name.startswith("PIP_")}
    environment = {**kept, "HOME": str(Path.home()), "PATH": f"{Path(path).resolve().parent}:/usr/bin:/bin"}
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(sdist) as files:
            files.extractall(folder, filter="data")
        (unpacked,) = Path(folder).iterdir()
        for target in targets:
            done = subprocess.run(
                ["/usr/bin/env", "sh", "-c", f"make {target}"], cwd=unpacked, env=environment, check=False
            )
            if done.returncode:
                raise ArchiveError(f"make {target} ended with {done.returncode} in the source archive")
            print(f"make {target} works from {sdist.name} alone", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.archives", description=__doc__)
    ways = parser.add_subparsers(dest="what", required=True)
    for name, rest in (("same", "command"), ("installed", "pythons"), ("commands", "targets")):
        way = ways.add_parser(name)
        way.add_argument("dist", type=Path)
        way.add_argument(rest, nargs="+")
        if name == "commands":
            way.add_argument("--python", default="python3")
    given = parser.parse_args()
    try:
        if given.what == "same":
            same(given.dist, given.command)
        elif given.what == "installed":
            for python in given.pythons:
                installed(only(given.dist, "*.whl"), python)
        else:
            commands(only(given.dist, "*.tar.gz"), given.python, given.targets)
    except (ArchiveError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
