"""Completes kinds and names in the shell. Names come from the account, by one short call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, cast

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.cli._resources import group_of, groups, has_log
from sagemaker_typed.paging import Pages

__all__ = [
    "complete_kinds",
    "complete_logged",
    "complete_made",
    "complete_names",
    "complete_waitable",
    "complete_watched",
    "identifier_of",
    "listed_names",
]

_SECONDS = 3.0
"""Nobody waits longer for a completion."""
_MOST = 100


def complete_kinds(incomplete: str) -> list[str]:
    return sorted(word for word in groups() if word.startswith(incomplete))


def complete_waitable(incomplete: str) -> list[str]:
    from sagemaker_typed.resources.waitable import WAITABLE

    return [word for word in complete_kinds(incomplete) if groups()[word] in WAITABLE]


def complete_watched(incomplete: str) -> list[str]:
    return _with_method(incomplete, "list")


def complete_made(incomplete: str) -> list[str]:
    return _with_method(incomplete, "create")


def complete_logged(incomplete: str) -> list[str]:
    sm = SageMaker()  # which makes no client before a call
    return [word for word in complete_kinds(incomplete) if has_log(getattr(sm, groups()[word]))]


def complete_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names in the account that begin so, the newest first; none where no list tells, or nobody answers in time.

    A shell that completes shows no errors, so there is none to raise.
    """
    kind = ctx.params.get("kind") or ctx.params.get("resource") or "endpoint"
    settings = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 1})
    options: dict[str, Any] = {name: ctx.params.get(name) for name in ("region", "profile", "endpoint_url")}
    try:
        with SageMaker(**options, config=settings) as sm:
            return [name for name in listed_names(sm, kind, incomplete) if name.startswith(incomplete)]
    except (errors.SageMakerError, BotoCoreError, ClientError, typer.Exit, OSError):
        return []


def listed_names(sm: SageMaker, kind: str, incomplete: str = "") -> Iterator[str]:
    """The names on the first page of a kind's list."""
    group: Any = getattr(sm, group_of(kind))
    method = getattr(type(group), "list", None)
    name = identifier_of(group)
    if method is None or name is None:
        return
    parameters = inspect.signature(method).parameters
    if any(each.default is each.empty for each in list(parameters.values())[1:]):
        return  # the names of a part of something else: of what, nobody said yet
    wanted: dict[str, Any] = {"max_results": _MOST, "sort_order": "Descending"}
    if incomplete:
        wanted["name_contains"] = incomplete
    pages = group.list(**{key: value for key, value in wanted.items() if key in parameters})
    if not isinstance(pages, Pages):
        return
    paged = cast("Pages[Any, Any]", pages)
    page = next(paged.by_page())
    for item in (item for field in paged.item_fields for item in getattr(page, field) or ()):
        found = item if isinstance(item, str) else getattr(item, name, None) if hasattr(type(item), name) else None
        if found:
            yield str(found)


def identifier_of(group: Any) -> str | None:
    """The parameter that names one resource of a group."""
    for verb in ("describe", "delete", "stop", "update"):
        method = getattr(type(group), verb, None)
        if method is not None:
            positional = [
                each.name
                for each in list(inspect.signature(method).parameters.values())[1:]
                if each.kind is each.POSITIONAL_OR_KEYWORD
            ]
            return positional[0] if positional else None
    return None


def _with_method(incomplete: str, verb: str) -> list[str]:
    sm = SageMaker()
    return [word for word in complete_kinds(incomplete) if hasattr(type(getattr(sm, groups()[word])), verb)]
