"""Applies `--set` to a document: one member each, by its path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple, get_args, get_origin

from sagemaker_typed._core.containers import is_list
from sagemaker_typed.cli._values import NotWanted, below, is_structure, kind_of, known_member, member_value, value_of
from sagemaker_typed.structure import Member

__all__ = ["put"]

_STEP = re.compile(r"([^.\[\]]+)((?:\[\d+\])*)")


class _PathStep(NamedTuple):
    key: str | int
    member: Member | None
    """The member that the key names; None for an item of a list or a map."""
    type: Any


def put(cls: Any, document: dict[str, Any], path: str, value: Any) -> None:
    """Set one value in the document, whose keys are fields. `path` names members in either form: a.b[0].c.

    Raises `NotWanted` for a path or a value that the class does not allow.
    """
    steps = list(_steps(cls, path))
    here: Any = document
    done = ""
    for step, following in pairwise(steps):
        done = _said(done, step.key)
        here = _inside(here, step, following, done)
    last = steps[-1]
    done = _said(done, last.key)
    _make_room(here, last.key, done)
    if last.member is None:
        here[last.key] = value_of(last.type, value, done)
    else:
        here[last.key] = member_value(last.member, last.type, value, done)


def _said(done: str, key: str | int) -> str:
    return f"{done}[{key}]" if isinstance(key, int) else below(done, key)


def _make_room(here: Any, key: str | int, done: str) -> None:
    """Make room for an index directly after the end of a list. Refuse an index beyond that."""
    if isinstance(key, int) and key >= len(here):
        if key > len(here):
            raise NotWanted(f"{done}: the list has {len(here)} items, and the next one is [{len(here)}]")
        here.append(None)


def _inside(here: Any, step: _PathStep, following: _PathStep, done: str) -> Any:
    """Return the value at a step. A missing one becomes an empty list or mapping."""
    _make_room(here, step.key, done)
    by_number = isinstance(following.key, int)
    inner: Any = here[step.key] if isinstance(step.key, int) else here.get(step.key)
    if inner is None:
        inner = list[Any]() if by_number else dict[str, Any]()
        here[step.key] = inner
    if is_list(inner) != by_number:
        raise NotWanted(f"{done} is {kind_of(inner)}")
    return inner


def _steps(cls: Any, path: str) -> Iterator[_PathStep]:
    here, rest = _PathStep("", None, cls), path
    while rest:
        of_key = _type_below(here)
        if of_key is not None:
            # The whole rest is the key: keys of environments and tags may contain dots.
            yield _PathStep(rest, None, of_key)
            return
        match = _STEP.match(rest)
        if match is None or not is_structure(here.type):
            raise NotWanted(f"{path}: there is nothing below it at {rest!r}")
        named = list(_named(here.type, match, path))
        yield from named
        here = named[-1]
        rest = rest[match.end() :]
        if rest and not rest.startswith("."):
            raise NotWanted(f"{path}: {rest!r} is not part of a path; write a.b[0].c")
        rest = rest[1:]


def _type_below(here: _PathStep) -> Any:
    """Return the type below a key of a map, or of a list that may be written as a map; None where names are members."""
    origin = get_origin(here.type)
    if origin is not None and issubclass(origin, Mapping):
        return get_args(here.type)[1]
    return str if here.member is not None and here.member.pairs else None


def _named(cls: Any, match: re.Match[str], path: str) -> Iterator[_PathStep]:
    """Yield the member that a step names, and its items."""
    known = known_member(cls, match[1], "")
    here = _PathStep(known.member.field, known.member, known.type)
    yield here
    for index in re.findall(r"\d+", match[2]):
        origin = get_origin(here.type)
        if origin is None or issubclass(origin, Mapping):
            raise NotWanted(f"{path}: {match[1]} is not a list")
        here = _PathStep(int(index), None, get_args(here.type)[0])
        yield here
