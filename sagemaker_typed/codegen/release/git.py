"""The released versions, which are those with a tag."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from .versions import Version

_TAG = re.compile(r"v?(\d+\.\d+\.\d+)")


class GitError(Exception):
    """git cannot list the released versions."""


def git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        raise GitError("git is needed to list the released versions") from None
    if done.returncode:
        raise GitError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def released(root: Path) -> frozenset[Version]:
    found = map(_TAG.fullmatch, git(root, "tag", "--list").split())
    return frozenset(Version.parse(tag[1]) for tag in found if tag)
