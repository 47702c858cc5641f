"""`make update [BOTOCORE=version] [PROPOSE=0] [CHECK=0]`: generate from the newest botocore.

The pins move, the generator runs, the changelog and the version follow from a comparison of the two models, and the checks
run. Nothing is committed. If people have to decide, the command writes its best guess into the overlay, marked `# proposed`
with the reason. With PROPOSE=0, or without a good guess, it stops and names every line of the overlay. After the edit, the
same command continues. It keeps no state, because the files show what is done. With CHECK=0, the caller runs the checks.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from sagemaker_typed.codegen.overlay import SiblingList
from sagemaker_typed.codegen.proposals import standing
from sagemaker_typed.codegen.targets import MAIN

from .changelog import Changelog, ChangelogError
from .git import GitError, git, released
from .versions import PINNED, Version, VersionError, pins, repinned

ROOT = Path(__file__).parents[3]
MODELS = "sagemaker_typed/model"
STAMP = f"{MODELS}/botocore-version"
OVERLAY = "sagemaker_typed/codegen/overlay"
TOUCHED = ("pyproject.toml", ".ci/dev.txt", OVERLAY)
"""What has changed when the generator stops."""
GENERATED = tuple(f"sagemaker_typed/{folder}/" for folder in ("types", "resources", "services", "model"))


class UpdateError(Exception):
    """The update cannot go on."""


@dataclass(frozen=True)
class TreeState:
    """The progress of the update in the tree."""

    pinned: dict[str, Version]
    generated: Version
    recorded: Version | None
    """What the newest entry of the changelog names."""
    under_way: bool
    """What is generated is from another botocore than what was committed."""

    @classmethod
    def read(cls, root: Path) -> TreeState:
        changelog = Changelog.parse((root / "CHANGELOG.md").read_text(encoding="utf-8"), released(root))
        stamp = (root / STAMP).read_text(encoding="utf-8")
        return cls(
            pinned=pins((root / "pyproject.toml").read_text(encoding="utf-8")),
            generated=Version.parse(stamp),
            recorded=changelog.entries[0].botocore,
            under_way=bool(git(root, "diff", "--name-only", "HEAD", "--", STAMP).strip()),
        )

    def current(self, wanted: dict[str, Version]) -> bool:
        """Whether the update is complete."""
        made = self.pinned == wanted and self.generated == self.recorded == wanted["botocore"]
        return made and not self.under_way


# --- the steps --------------------------------------------------------------------------------------------------------


def newest(botocore: str | None) -> dict[str, Version]:
    """Return the newest botocore and the newest boto3 that accepts it, as pip resolves them, or a named version."""
    if botocore is None:
        wanted = [*PINNED]
    else:
        named = Version.parse(botocore)
        # Both are released together. Without the bound, pip would try every version of boto3.
        wanted = [f"botocore=={named}", f"boto3=={named.major}.{named.minor}.*"]
    said = _output(
        *_pip("install"),
        "--dry-run",
        "--ignore-installed",
        "--quiet",
        "--report",
        "-",
        *wanted,
        what="looking for botocore",
    )
    return chosen(json.loads(said))


def chosen(report: dict[str, Any]) -> dict[str, Version]:
    """Return the versions that pip would install."""
    found = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    return {package: Version.parse(found[package]) for package in PINNED}


def compare(base: Version) -> dict[str, Any]:
    """What is different in the bundled models from those of an older botocore, for each service. By the command line,
    which reads the models that were just generated."""
    with tempfile.TemporaryDirectory() as scratch:
        _output(
            *_pip("download"), "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", scratch, f"botocore=={base}",
            what=f"fetching botocore {base}",
        )  # fmt: skip
        (wheel,) = Path(scratch).iterdir()
        return {service: _compared(wheel, service) for service in (MAIN.service, *SiblingList.load().generated)}


def _compared(wheel: Path, service: str) -> dict[str, Any]:
    """Return the differences in one service. In a new service, every operation is new."""
    if not any(name.startswith(f"botocore/data/{service}/") for name in ZipFile(wheel).namelist()):
        (model,) = (ROOT / MODELS / service).glob("*/service-2.json")
        operations: dict[str, Any] = json.loads(model.read_text(encoding="utf-8"))["operations"]
        added = {"kind": "operation_added", "severity": "compatible"}
        return {"findings": [{**added, "where": name} for name in sorted(operations)]}
    said = _output(
        sys.executable, "-m", "sagemaker_typed", "changes", str(wheel), "bundled", "--format", "json", "--service", service,
        what=f"comparing the models of {service}",
    )  # fmt: skip
    document: dict[str, Any] = json.loads(said)
    return document


def update(botocore: str | None, make: str, *, propose: bool = False, check: bool = True) -> None:
    """Perform all remaining steps."""
    state = TreeState.read(ROOT)
    wanted = newest(botocore)
    target = wanted["botocore"]
    if target < state.generated:
        raise UpdateError(f"botocore {target} is older than {state.generated}, which the library is generated from")
    if state.current(wanted):
        print(f"botocore {target} is what the library is generated from: nothing is newer.")
        return
    if state.pinned != wanted:
        _say(f"pinning botocore {target} and boto3 {wanted['boto3']}, was {state.pinned['botocore']}")
        project = ROOT / "pyproject.toml"
        text = repinned(project.read_text(encoding="utf-8"), wanted)
        project.write_text(text, encoding="utf-8", newline="\n")
    _say("locking what developers and CI install")
    if _run(make, "--no-print-directory", "lock"):
        raise UpdateError("\n`make lock` failed; `make update` then goes on from here.")
    _say("generating")
    # This step also updates the virtual environment, because the pins have changed.
    if _run(make, "--no-print-directory", "generate", f"PROPOSE={int(propose)}"):
        raise UpdateError(
            "\nThe generator stopped. Settle what it says above; `make update` then goes on from here.\n"
            f"To undo the update, with all edits of the overlay: git restore {' '.join(TOUCHED)} && git clean -f {OVERLAY}"
        )
    _say("comparing the models, for the changelog and the version")
    base = Changelog.parse((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), released(ROOT)).base_botocore
    with tempfile.TemporaryDirectory() as scratch:
        comparison = Path(scratch) / "comparison.json"
        comparison.write_text(json.dumps(compare(base)), encoding="utf-8")
        if _run(sys.executable, "-m", "sagemaker_typed.codegen.release.record", str(comparison)):
            raise UpdateError("the changelog and the version are not written")
    failed = _failed_checks(make) if check else []
    _say(summary(git(ROOT, "status", "--short", "--untracked-files=all")))
    if failed:
        raise UpdateError(f"{' and '.join(failed)} failed; `make update` checks again.")
    proposals = list(standing())
    if proposals:
        print(
            "\n".join([f"{len(proposals)} proposals to review; remove the mark from each that is right:", *proposals])
        )
    print(f"Ready to {'commit' if check else 'check'}. To review: CHANGELOG.md, and `git diff {OVERLAY}`.")


def _failed_checks(make: str) -> list[str]:
    _say("checking")
    return [f"make {target}" for target in ("check", "test-quick") if _run(make, "--no-print-directory", target)]


def summary(status: str) -> str:
    """Return `git status --short` with the number of generated files."""
    lines = status.splitlines()
    generated = [line for line in lines if line[3:].startswith(GENERATED)]
    other = [line for line in lines if line not in generated]
    return "\n".join([*other, f"and {len(generated)} generated files below types/, resources/, services/ and model/"])


# --- other programs ---------------------------------------------------------------------------------------------------


def _pip(command: str) -> list[str]:
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", command]


def _output(*command: str, what: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        # pip lists every version.
        why = re.sub(r" \(from versions: [^)]*\)", "", done.stderr).strip()
        raise UpdateError(f"{what} failed:\n{why}")
    return done.stdout


def _run(*command: str) -> int:
    """Run a command with its output shown, and return the exit code."""
    return subprocess.run(command, cwd=ROOT).returncode


def _say(text: str) -> None:
    print(f"\n{text}", flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen.release.update", description=__doc__)
    parser.add_argument("--botocore", metavar="VERSION", help="this version instead of the newest")
    parser.add_argument("--propose", default="0", choices=["0", "1"], help="1: write guesses into the overlay")
    parser.add_argument("--check", default="1", choices=["0", "1"], help="0: leave the checks to the caller")
    parser.add_argument("--make", default="make", help="the make that runs the other steps")
    args = parser.parse_args(argv)
    try:
        update(args.botocore or None, args.make, propose=args.propose == "1", check=args.check == "1")
    except (ChangelogError, GitError, UpdateError, VersionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
