"""`make pull-request [FAILED=url]`: what an update did, as the text of the pull request that a person reads and approves."""

from __future__ import annotations

import argparse
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
_SENTENCES = "/overlay/words/"
HISTORY = "sagemaker_typed/changes/history.jsonl"


def told(
    changelog: Changelog, releases: Sequence[dict[str, Any]], proposals: Sequence[str], failed: str | None = None
) -> str:
    """The title, the run in which checks failed, the proposals, the findings of each release, and the changelog's entry."""
    entry = changelog.entries[0]
    blocks = [f"Generate from botocore {entry.botocore}"]
    if failed:
        blocks.append(f"**The checks failed**: see {failed}. `make check test-quick` repeats them.")
    blocks += _review(proposals) if proposals else ["Nothing had to be decided."]
    blocks += ["## What changed", *_findings(releases)] if releases else []
    blocks += [f"## What the update wrote into the changelog's entry for {entry.version}", entry.written]
    return "\n\n".join(blocks) + "\n"


def _review(proposals: Sequence[str]) -> Iterator[str]:
    """The decisions first: few of many lines, and the ones that bind."""
    decisions = [each for each in proposals if _SENTENCES not in each]
    sentences = [each for each in proposals if _SENTENCES in each]
    yield (
        "On a branch of your own, correct each line or remove its mark, then run `make update` again. The next daily run "
        "overwrites the branch of this pull request."
    )
    for title, found in (("Proposed decisions", decisions), ("Drafted sentences for docstrings", sentences)):
        if found:
            yield f"## {title}"
            yield "\n".join(f"- [ ] {_code(each)}" for each in found)


def _code(text: str) -> str:
    """Text as code in Markdown, also if it has backticks."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _findings(releases: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in releases:
        lines = [f"- new operation {name}" for name in each["operations"]]
        lines += [f"- **{severity}** {text}" for severity in ("breaking", "conditional") for text in each[severity]]
        count = len(each["compatible"])
        lines.append(f"- {count} compatible change{'' if count == 1 else 's'}")
        yield "\n".join([f"### botocore {each['botocore']}", "", *lines])


def newer(lines: Sequence[str], than: Version) -> list[dict[str, Any]]:
    """The releases of the history after a version."""
    releases: list[dict[str, Any]] = [json.loads(line) for line in lines[1:]]
    return [each for each in releases if Version.parse(each["botocore"]) > than]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen.release.told", description=__doc__)
    parser.add_argument("--failed", metavar="URL", help="the run in which the checks failed")
    args = parser.parse_args(argv)
    try:
        changelog = Changelog.parse((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), released(ROOT))
        history = (ROOT / HISTORY).read_text(encoding="utf-8").splitlines()
        print(told(changelog, newer(history, changelog.base_botocore), list(standing()), args.failed or None), end="")
    except (ChangelogError, GitError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
