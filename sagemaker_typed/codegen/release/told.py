"""`make pull-request`: what an update did, as the text of the pull request that a person reads and approves."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sagemaker_typed.codegen.proposals import standing

from .changelog import Changelog, ChangelogError
from .git import GitError, released
from .versions import Version

ROOT = Path(__file__).parents[3]
HISTORY = "sagemaker_typed/changes/history.jsonl"


def told(changelog: Changelog, releases: Sequence[dict[str, Any]], proposals: Sequence[str]) -> str:
    """The title on the first line, then what to look at, the findings of each release, and the changelog's entry."""
    entry = changelog.entries[0]
    blocks = [f"Generate from botocore {entry.botocore}"]
    if proposals:
        lines = [f"- [ ] `{each}`" for each in proposals]
        blocks += ["## Proposals to look at", "Mend each, or take the mark away.", "\n".join(lines)]
    else:
        blocks.append("Nothing had to be decided.")
    blocks += ["## What changed", *_findings(releases)] if releases else []
    blocks += [f"## The changelog's entry for {entry.version}", entry.body.strip("\n")]
    return "\n\n".join(blocks) + "\n"


def _findings(releases: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in releases:
        lines = [f"- new operation {name}" for name in each["operations"]]
        lines += [f"- **{severity}** {text}" for severity in ("breaking", "conditional") for text in each[severity]]
        lines.append(f"- {len(each['compatible'])} compatible changes")
        yield "\n".join([f"### botocore {each['botocore']}", "", *lines])


def newer(lines: Sequence[str], than: Version) -> list[dict[str, Any]]:
    """The releases of the history after a version."""
    releases: list[dict[str, Any]] = [json.loads(line) for line in lines[1:]]
    return [each for each in releases if Version.parse(each["botocore"]) > than]


def main() -> int:
    try:
        changelog = Changelog.parse((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), released(ROOT))
        history = (ROOT / HISTORY).read_text(encoding="utf-8").splitlines()
        print(told(changelog, newer(history, changelog.base_botocore), list(standing())), end="")
    except (ChangelogError, GitError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
