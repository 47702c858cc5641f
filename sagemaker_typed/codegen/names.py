"""Python names for wire names."""

from __future__ import annotations

import json
import keyword
import re
from typing import Any

import botocore

from .problems import Problems, Question


def xform_name(wire: str) -> str:
    """Return botocore's snake_case, the form of boto3's method names."""
    module: Any = botocore
    return str(module.xform_name(wire))


class Namer:
    """snake_case by botocore's rule, corrected by `overlay/names.toml`."""

    def __init__(self, overlay: dict[str, Any], problems: Problems) -> None:
        self._fix: dict[str, str] = overlay["fix"]
        self._known: set[str] = set(overlay["words"]["known"]) | set(self._fix.values())
        self._fields: dict[str, str] = overlay["fields"]
        self._enums: dict[str, dict[str, str]] = overlay["enums"]
        self._problems = problems

    def snake(self, wire: str) -> str:
        # A fixed word is first capitalised like an ordinary word, so that botocore's rule sees its boundaries.
        for word, snake in self._fix.items():
            wire = wire.replace(word, snake.capitalize())
        return xform_name(wire)

    def field(self, shape: str, wire: str) -> str:
        settled = self._fields.get(f"{shape}.{wire}")
        if settled is not None:
            return escape(settled)
        name = self.snake(wire)
        for word in name.split("_"):
            if self._suspicious(word):
                self._problems.add(
                    f"field {name!r} of {shape}.{wire} has the unknown word {word!r} (if that is a piece of a longer word, "
                    "the longer one belongs under [fix])",
                    "names",
                    f'[words] known = ["{word}"]',
                    asks=Question("word", f"{shape}.{wire}", (word,)),
                )
        return escape(name)

    def _suspicious(self, word: str) -> bool:
        odd = len(word) <= 2 or not re.search("[aeiouy]", word) or any(c.isdigit() for c in word)
        return odd and word not in self._known

    def enum_members(self, shape: str, texts: list[str]) -> dict[str, str]:
        """Map every text of an enum to its member name."""
        settled = self._enums.get(shape, {})
        names: dict[str, str] = {}
        taken: dict[str, str] = {}
        for text in texts:
            if text in names:
                continue
            name = settled.get(text) or self.enum_member(text)
            if not name.isidentifier() or name in taken:
                why = f"collides with {taken[name]!r}" if name in taken else "is no identifier"
                self._problems.add(
                    f"enum {shape}: text {text!r} gives {name!r}, which {why}",
                    "names",
                    f'[enums.{shape}] {json.dumps(text, ensure_ascii=False)} = "..."',
                )
            names[text] = name
            taken[name] = text
        return names

    def enum_member(self, text: str) -> str:
        # Word by word: botocore's rule does not change a name with an underscore.
        name = "_".join(self.snake(word) for word in re.findall("[A-Za-z0-9]+", text)).upper()
        return f"VALUE_{name}" if name[:1].isdigit() else name


def escape(name: str) -> str:
    """Add an underscore to a keyword."""
    return f"{name}_" if keyword.iskeyword(name) else name


def plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
