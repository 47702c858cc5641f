"""The meanings of the service's error messages, read from `overlay/errors.toml` and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .plan import GroupPlan, MeaningPlan, PhrasePlan, WordingPlan
from .problems import Problems
from .read import Json

MEANINGS = ("malformed", "not_found", "already_exists", "in_use", "conflict")
"""In the order in which they are tried."""

TABLES = (*MEANINGS, "kinds")
_GROUPS = {"kind", "name", "status"}


def wording(errors: Mapping[str, Json], groups: Iterable[GroupPlan], problems: Problems) -> WordingPlan:
    """Return the wordings of all operations, and the kinds of resources that messages name."""
    return WordingPlan(
        meanings={meaning: _meaning(meaning, errors[meaning], problems) for meaning in MEANINGS},
        kinds=dict(sorted({**dict(_kinds(groups)), **errors["kinds"]}.items())),
    )


def without_operation(errors: Mapping[str, Json], operations: Iterable[str]) -> Iterator[str]:
    """Yield a message for each operation that a wording names and the model does not have."""
    known = set(operations)
    for meaning in MEANINGS:
        for entry in errors[meaning]["wordings"]:
            for name in entry.get("operations", ()):
                prefix = name.removesuffix("*")
                if not (name in known or (prefix != name and any(each.startswith(prefix) for each in known))):
                    yield f"[{meaning}.wordings] there is no operation {name!r}"


def _meaning(meaning: str, table: Json, problems: Problems) -> MeaningPlan:
    return MeaningPlan(
        codes=tuple(table["codes"]),
        phrases=tuple(_phrase(meaning, entry, problems) for entry in table["wordings"]),
    )


def _phrase(meaning: str, entry: Mapping[str, Any], problems: Problems) -> PhrasePlan:
    pattern = str(entry["pattern"])
    where = f"errors.toml: [{meaning}.wordings] {pattern!r}"
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as error:
        problems.say(f"overlay/{where} is no regular expression: {error}")
    else:
        for name in sorted(groups - _GROUPS):
            problems.say(f"overlay/{where} has a group {name!r}; the groups are {', '.join(sorted(_GROUPS))}")
    if not str(entry.get("source", "")).strip():
        problems.say(f"overlay/{where} has no source")
    return PhrasePlan(pattern, tuple(entry.get("operations", ())))


def _kinds(groups: Iterable[GroupPlan]) -> Iterator[tuple[str, str]]:
    """The nouns of the groups by the resource type of their ARNs, where the type differs from the noun."""
    for group in groups:
        if group.waiters and group.arn_type:
            noun = group.waiters[0].noun
            if "*" in group.arn_type or group.arn_type.replace("-", " ") != noun:
                yield group.arn_type, noun
