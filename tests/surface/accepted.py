"""The breaks that are made on purpose: `accepted.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from sagemaker_typed.changes._surface.breaks import Break

__all__ = ["Accepted", "may_break"]


@dataclass(frozen=True)
class Accepted:
    """What is accepted: each break as it is printed, with `*` for any one name, and why."""

    version: str | None
    reasons: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Accepted:
        """Read the file.

        Raises `ValueError` for one that does not say what is accepted, or not why.
        """
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        if strange := sorted(document.keys() - {"version", "accept"}):
            raise ValueError(f"{path.name}: {', '.join(strange)}: it knows version and [[accept]]")
        reasons: dict[str, str] = {}
        for entry in document.get("accept", []):
            _check(entry, path)
            for each in entry["breaks"]:
                if each in reasons:
                    raise ValueError(f"{path.name}: {each} is accepted twice")
                reasons[each] = entry["reason"]
        version = document.get("version")
        if reasons and not version:
            raise ValueError(f"{path.name}: it must say which version makes these breaks")
        return cls(version, reasons)

    def problems(self, found: Iterable[Break], recorded: str) -> list[str]:
        """What is not accepted, what is accepted and does not happen, and a version that may break nothing."""
        said = [str(each) for each in found]
        patterns = {each: re.compile(re.escape(each).replace(r"\*", r"\w+")) for each in self.reasons}
        problems = [each for each in said if not any(pattern.fullmatch(each) for pattern in patterns.values())]
        problems += [
            f"accepted, but it does not happen: {each}"
            for each, pattern in patterns.items()
            if not any(map(pattern.fullmatch, said))
        ]
        if self.reasons and self.version is not None and not may_break(recorded, self.version):
            problems.append(f"{self.version} may not break what {recorded} promised; see docs/versions.md")
        return problems


def _check(entry: Mapping[str, Any], path: Path) -> None:
    if entry.keys() != {"reason", "breaks"} or not str(entry["reason"]).strip() or not entry["breaks"]:
        raise ValueError(f"{path.name}: each [[accept]] has a reason and breaks, not {dict(entry)}")


def may_break(old: str, new: str) -> bool:
    """Whether a version is far enough from another: a minor one before 1.0, a major one after it."""
    before, after = Version(old), Version(new)
    return after.major > before.major or (after.major == before.major == 0 and after.minor > before.minor)
