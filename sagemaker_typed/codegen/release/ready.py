"""`make check-release TAG=v0.2.0`: whether the version can be published; names everything that stands in the way."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from sagemaker_typed.codegen.proposals import standing

from . import publisher
from .versions import VersionError, module_version

ROOT = Path(__file__).parents[3]
CHANGELOG, MODULE, SURFACE = "CHANGELOG.md", "sagemaker_typed/_core/version.py", "tests/surface/recorded.txt"

_ENTRY = re.compile(r"^## (?P<version>\S+) \((?P<day>[^)]*)\)$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RECORDED = re.compile(r"# The public surface of sagemaker_typed (\S+),")


def files(root: Path = ROOT) -> dict[str, str]:
    """The files that tell whether a version is ready, by path."""
    own = {path: (root / path).read_text(encoding="utf-8") for path in (CHANGELOG, MODULE, SURFACE)}
    return {**own, **publisher.files(root)}


def problems(tag: str, texts: Mapping[str, str], proposals: Collection[str] = ()) -> list[str]:
    """What stands in the way of the tag, each with what to do."""
    version = str(module_version(texts[MODULE]))
    found = [] if tag == f"v{version}" else [f"the tag is {tag or 'not given'}, and the version {version} ({MODULE})"]
    found += _changelog(version, texts[CHANGELOG])
    recorded = _RECORDED.match(texts[SURFACE])
    if recorded is None or recorded[1] != version:
        found.append(f"{SURFACE} is that of {recorded[1] if recorded else 'no version'}: run `make surface`")
    if proposals:
        found.append(f"{len(proposals)} proposals that nobody has looked at: see `make proposals`")
    return [*found, *publisher.problems(texts)]


def _changelog(version: str, text: str) -> list[str]:
    entry = _ENTRY.search(text)
    if entry is None or entry["version"] != version:
        return [f"the first entry of {CHANGELOG} is not that of {version}"]
    return [] if _DAY.fullmatch(entry["day"]) else [f"the entry of {version} in {CHANGELOG} has no date"]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="make check-release", description=__doc__)
    parser.add_argument("tag", nargs="?", default="")
    given = parser.parse_args(arguments)
    try:
        found = problems(given.tag, files(root), list(standing()))
    except VersionError as error:
        found = [str(error)]
    if found:
        print("\n".join([f"{given.tag or 'This version'} cannot be published:", *(f"- {each}" for each in found)]))
        return 1
    print(f"{given.tag} can be published")
    return 0


if __name__ == "__main__":
    sys.exit(main())
