"""Reads the service's error messages: what they mean, and which resource they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sagemaker_typed._core.service import Phrase, Wording

__all__ = ["Said", "meaning_of", "read"]

_MEANINGS = ("malformed", "not_found", "already_exists", "in_use", "conflict")
# moto begins some of its messages with the text that botocore puts before every message.
_REPEATED = re.compile(r"An error occ?urred \(\w+\) when calling the \w+ operation: ")
# A wording stands at the start of a message. Some of the patterns take time that grows with the square of the length.
_READ = 2000
_ARN = re.compile(r"""arn:[\w-]+:[\w-]+:[\w-]*:\d*:[^\s"'(),;\[\]]+""")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Said(NamedTuple):
    """What a message tells of the resource that it is about; None where it does not tell."""

    kind: str | None = None
    name: str | None = None
    arn: str | None = None
    status: str | None = None


def meaning_of(message: str, code: str, operation: str, wording: Wording) -> str | None:
    """Return the meaning that the service's words have under this code, `not_found`; None for words without one."""
    text = _plain(message)
    for meaning, phrases in _phrases(operation, wording, code):
        if any(re.match(phrase.pattern, text) for phrase in phrases):
            return meaning
    return None


def read(message: str, operation: str, wording: Wording) -> Said:
    """Return what a message tells of a resource, whatever the code that it came with."""
    text = _plain(message)
    groups: Mapping[str, str | None] = {}
    for meaning, phrases in _phrases(operation, wording):
        found = next((match for phrase in phrases if (match := re.match(phrase.pattern, text))), None)
        if found is not None:
            if meaning == "malformed":
                return Said()
            groups = found.groupdict()
            break
    name = (groups.get("name") or "").rstrip(".,:;") or None
    arn = _ARN.search(name or text)
    if arn is None:
        return Said(_kind(groups.get("kind"), wording.kinds), name, None, groups.get("status"))
    resource = arn[0].rstrip(".:")
    kind, name = _from_arn(resource, wording.kinds)
    return Said(kind or _kind(groups.get("kind"), wording.kinds), name, resource, groups.get("status"))


def _plain(message: str) -> str:
    """The message as the service words it, no more of it than its wordings need."""
    repeated = _REPEATED.match(message)
    start = repeated.end() if repeated else 0
    return message[start : start + _READ]


def _phrases(operation: str, wording: Wording, code: str | None = None) -> Iterator[tuple[str, list[Phrase]]]:
    """Each meaning that an operation may give to its words, under one error code or under any."""
    for name in _MEANINGS:
        meaning = getattr(wording, name)
        if code is None or code in meaning.codes:
            yield name, [phrase for phrase in meaning.phrases if _says(phrase, operation)]


def _says(phrase: Phrase, operation: str) -> bool:
    return not phrase.operations or any(
        operation.startswith(name[:-1]) if name.endswith("*") else operation == name for name in phrase.operations
    )


# --- resources --------------------------------------------------------------------------------------------------------


def _kind(text: str | None, kinds: Mapping[str, str]) -> str | None:
    """The kind that a text names: `ModelPackageGroup` and `model_package_group` are a model package group."""
    noun = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in _WORDS.findall(text or ""))
    return kinds.get(noun.lower(), noun) if noun and noun != "resource" else None


def _from_arn(arn: str, kinds: Mapping[str, str]) -> tuple[str | None, str]:
    """The kind and the name of the resource that an ARN means."""
    resource = arn.split(":", 5)[5]
    for parts, kind in kinds.items():
        # pipeline/*/execution: a name stands in the middle.
        nested = re.match(re.escape(parts).replace(r"\*", "[^/]+") + "/(.+)", resource) if "*" in parts else None
        if nested is not None:
            return kind, nested[1]
    kind, slash, name = resource.partition("/")
    if not slash:
        return None, resource
    return kinds.get(kind) or kinds.get(kind.replace("-", " ")) or kind.replace("-", " "), name
