"""What `SageMaker.wait_all` is given, sorted by kind."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from sagemaker_typed._waiting.one import Waiter
from sagemaker_typed.errors import InvalidRequestError, Problem
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.resources.waitable import WAITABLE, Waitable

__all__ = ["kinds_of"]


def kinds_of(sm: Groups, items: Iterable[str | tuple[str, str]]) -> list[tuple[str, Waiter[Any], list[str]]]:
    """For `wait_many`: the prefix of names in the report, the waiter of the kind's main state, and the names."""
    if isinstance(items, str):
        raise InvalidRequestError([Problem("items", "type", f"several resources, and not one text: [{items!r}]")])
    names: dict[tuple[str, str], list[str]] = {}
    for item in items:
        group, prefix, name = _by_arn(sm, item) if isinstance(item, str) else _by_pair(item)
        names.setdefault((group, prefix), []).append(name)
    return [(prefix, _main_waiter(sm, group), found) for (group, prefix), found in names.items()]


def _by_pair(item: tuple[str, str]) -> tuple[str, str, str]:
    try:
        group, name = item
    except (TypeError, ValueError):
        raise InvalidRequestError([Problem("items", "type", f"an ARN or (group, name), not {item!r}")]) from None
    known = WAITABLE.get(group)
    if known is None or not known.many:
        able = ", ".join(name for name, waitable in WAITABLE.items() if waitable.many)
        raise InvalidRequestError([Problem("items", "enum", f"a group that can be waited on, not {group!r}: {able}")])
    return group, f"{group}/", name


def _by_arn(sm: Any, arn: str) -> tuple[str, str, str]:
    tail = arn.split(":", 5)[-1].split("/") if arn.startswith("arn:") else []
    for group, waitable in WAITABLE.items():
        rest = _after_type(tail, waitable)
        if rest and waitable.many:
            _check_region(sm, arn)
            identifier = waitable.states[waitable.many[0]][0]
            # A versioned model package has no name but its ARN.
            whole = identifier.endswith("arn") or len(rest) > 1
            name = arn if whole else rest[0]
            return group, arn.removesuffix(name), name
    raise InvalidRequestError(
        [Problem("items", "enum", f"the ARN of a resource that can be waited on, or (group, name), not {arn!r}")]
    )


def _check_region(sm: Any, arn: str) -> None:
    """A resource of the same name in another region is another resource."""
    region, ours = arn.split(":")[3], sm.boto3_client.meta.region_name
    if region != ours:
        raise InvalidRequestError([Problem("items", "enum", f"a resource in {ours}, which is asked, not {arn!r}")])


def _after_type(tail: list[str], waitable: Waitable) -> list[str]:
    """What follows the resource type in an ARN; nothing if it is another type."""
    types = (waitable.arn_type or "").split("/")
    fits = len(tail) > len(types) and all(type_ in ("*", part) for type_, part in zip(types, tail, strict=False))
    return tail[len(types) :] if fits else []


def _main_waiter(sm: Groups, group: str) -> Waiter[Any]:
    # Generated: each state's waiter is a constant of the group's module, named after the state.
    module = importlib.import_module(type(getattr(sm, group)).__module__)
    waiter: Waiter[Any] = getattr(module, f"_{WAITABLE[group].many[0].upper()}")
    return waiter
