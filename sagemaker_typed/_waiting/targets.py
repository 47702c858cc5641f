"""Sorts the items that `SageMaker.wait_all` is given by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from sagemaker_typed._waiting.spec import Waitable, Waiter

__all__ = ["kinds_of"]


def kinds_of(
    items: Iterable[str | tuple[str, str]],
    waitable: Mapping[str, Waitable],
    main_waiter: Callable[[str], Waiter[Any]],
    region: Callable[[], str],
) -> list[tuple[str, Waiter[Any], list[str]]]:
    """Return the kinds for `wait_many`: a prefix for the names in the report, the waiter of the main state, and the names.

    `waitable` holds the groups, `main_waiter` returns the waiter of a group, and `region` returns the client's region.
    """
    if isinstance(items, str):
        raise InvalidRequestError([Problem("items", "type", f"several resources, not one text: [{quoted(items)}]")])
    names: dict[tuple[str, str], list[str]] = {}
    for item in items:
        group, prefix, name = _by_arn(item, waitable, region) if isinstance(item, str) else _by_pair(item, waitable)
        names.setdefault((group, prefix), []).append(name)
    return [(prefix, main_waiter(group), found) for (group, prefix), found in names.items()]


def _by_pair(item: tuple[str, str], waitable: Mapping[str, Waitable]) -> tuple[str, str, str]:
    try:
        group, name = item
    except (TypeError, ValueError):
        raise InvalidRequestError([Problem("items", "type", f"an ARN or (group, name), not {quoted(item)}")]) from None
    known = waitable.get(group)
    if known is None or not known.many:
        able = ", ".join(name for name, waits in waitable.items() if waits.many)
        raise InvalidRequestError(
            [Problem("items", "enum", f"a group that can be waited on, not {quoted(group)}: {able}")]
        )
    return group, f"{group}/", name


def _by_arn(arn: str, waitable: Mapping[str, Waitable], region: Callable[[], str]) -> tuple[str, str, str]:
    tail = arn.split(":", 5)[-1].split("/") if arn.startswith("arn:") else []
    for group, waits in waitable.items():
        rest = _after_type(tail, waits)
        if rest and waits.many:
            _check_region(arn, region())
            identifier = waits.states[waits.many[0]][0]
            # A versioned model package has no name besides its ARN.
            whole = identifier.endswith("arn") or len(rest) > 1
            name = arn if whole else rest[0]
            return group, arn.removesuffix(name), name
    raise InvalidRequestError(
        [
            Problem(
                "items",
                "enum",
                f"the ARN of a resource that can be waited on, or (group, name), not {shortened(arn, 256)!r}",
            )
        ]
    )


def _check_region(arn: str, ours: str) -> None:
    """Refuse a resource of another region, where the same name means another resource."""
    if arn.split(":")[3] != ours:
        raise InvalidRequestError(
            [Problem("items", "enum", f"a resource in {ours}, the client's region, not {shortened(arn, 256)!r}")]
        )


def _after_type(tail: list[str], waits: Waitable) -> list[str]:
    """Return the part of an ARN that follows the resource type; an empty text if the type differs."""
    types = (waits.arn_type or "").split("/")
    fits = len(tail) > len(types) and all(type_ in ("*", part) for type_, part in zip(types, tail, strict=False))
    return tail[len(types) :] if fits else []
