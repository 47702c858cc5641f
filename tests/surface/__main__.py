"""`make check-surface` and `make surface`: what broke since the last tag, and the record that CI compares with."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from sagemaker_typed.changes._surface.breaks import breaks
from sagemaker_typed.changes._surface.entries import Surface, dump, parse
from tests.surface.accepted import Accepted
from tests.surface.read import read

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RECORD, ACCEPTED = HERE / "recorded.txt", HERE / "accepted.toml"


def last_tag(root: Path = ROOT) -> str | None:
    """The newest tag before this commit; None in a clone without tags, such as CI's."""
    done = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


def at(tag: str, root: Path = ROOT, package: str = "sagemaker_typed") -> Surface:
    """The surface at a tag, from the sources that it has."""
    archive = subprocess.run(["git", "archive", tag, package], cwd=root, check=True, stdout=subprocess.PIPE).stdout
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
        return read(Path(folder), package)


def recorded() -> Surface:
    """The surface that was recorded last."""
    return parse(RECORD.read_text(encoding="utf-8"))


def version_of(surface: Surface) -> str:
    """`0.1.0`."""
    return surface.version.rpartition(" ")[2]


def check() -> int:
    """Name what broke; the exit code."""
    tag = last_tag()
    old = recorded() if tag is None else at(tag)
    problems = Accepted.load(ACCEPTED).problems(breaks(old, read(ROOT)), version_of(old))
    since = f"{old.version} ({'as recorded: there is no tag' if tag is None else f'tag {tag}'})"
    print(
        "\n".join([f"{len(problems)} problems since {since}:", *problems])
        if problems
        else f"nothing broke since {since}"
    )
    return 1 if problems else 0


def record(*, force: bool) -> int:
    """Keep the surface as it is now; what is accepted has then happened."""
    new = read(ROOT)
    if RECORD.exists() and not force:
        old = recorded()
        if problems := Accepted.load(ACCEPTED).problems(breaks(old, new), version_of(old)):
            print("\n".join(["not recorded:", *problems]))
            return 1
    RECORD.write_text(dump(new), encoding="utf-8", newline="\n")
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines(keepends=True)
    comment = next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))
    ACCEPTED.write_text("".join(lines[:comment]), encoding="utf-8", newline="\n")
    print(f"{RECORD.relative_to(ROOT)}: {len(new.entries):,} names of {new.version}")
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.surface", description=__doc__)
    parser.add_argument("what", choices=["check", "record"])
    parser.add_argument("--force", action="store_true", help="record it, whatever breaks")
    given = parser.parse_args()
    return check() if given.what == "check" else record(force=given.force)


if __name__ == "__main__":
    sys.exit(main())
