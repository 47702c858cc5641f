"""Parses the service's error messages: their meaning, and the resource that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sagemaker_typed._core.patterns import lazy_pattern
from sagemaker_typed._core.service import Phrase, Wording
from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Said", "meaning_of", "read"]

_MEANINGS = ("malformed", "not_found", "already_exists", "in_use", "conflict")
# Some of moto's messages start with the text that botocore adds to every message.
_REPEATED = lazy_pattern(r"An error occ?urred \(\w+\) when calling the \w+ operation: ")
# Wordings match at the start of a message, and some patterns take quadratic time, so only the start is searched.
_READ = 2000
_ARN = lazy_pattern(r"""arn:[\w-]+:[\w-]+:[\w-]*:\d*:[^\s"'(),;\[\]]+""")
_WORDS = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Said(NamedTuple):
    """The resource that a message is about; None for each fact that the message does not have."""

    kind: str | None = None
    name: str | None = None
    arn: str | None = None
    status: str | None = None


def meaning_of(message: str, code: str, operation: str, wording: Wording) -> str | None:
    """Return the meaning of a message with this code, such as `not_found`; None if no wording matches."""
    text = _plain(message)
    for meaning, phrases in _phrases(operation, wording, code):
        if any(re.match(phrase.pattern, text) for phrase in phrases):
            return meaning
    return None


def read(message: str, operation: str, wording: Wording) -> Said:
    """Return the resource that a message is about, whatever its code."""
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
    """Return the start of the service's own message, as long as the wordings need."""
    repeated = _REPEATED.match(message)
    start = repeated.end() if repeated else 0
    return message[start : start + _READ]


def _phrases(operation: str, wording: Wording, code: str | None = None) -> Iterator[tuple[str, list[Phrase]]]:
    """Yield each meaning that an operation's messages may have, with one error code or with any."""
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
    """Return the kind that a text names: `ModelPackageGroup` and `model_package_group` are a model package group."""
    noun = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in _WORDS.findall(text or ""))
    return kinds.get(noun.lower(), noun) if noun and noun != "resource" else None


def _from_arn(arn: str, kinds: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the kind and the name of the resource of an ARN."""
    resource = arn.split(":", 5)[5]
    for parts, kind in kinds.items():
        # pipeline/*/execution: the name is in the middle.
        nested = re.match(re.escape(parts).replace(r"\*", "[^/]+") + "/(.+)", resource) if "*" in parts else None
        if nested is not None:
            return kind, nested[1]
    kind, slash, name = resource.partition("/")
    if not slash:
        return None, resource
    return kinds.get(kind) or kinds.get(kind.replace("-", " ")) or kind.replace("-", " "), name
