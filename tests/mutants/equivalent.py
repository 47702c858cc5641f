"""The mutants that nothing could notice, as they stand in `equivalent.toml`, each with its reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

_LIST = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))

EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    (each["file"], each["in"], each["before"], each["after"]): each["reason"] for each in _LIST.get("mutant", [])
}
"""File, function, text before and after -> why it makes no difference."""
