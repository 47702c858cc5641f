"""Completes kinds and names in the shell. Names are read from the account, with one short call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.cli._resources import descending, group_of, groups, has_log, has_method
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
"""The most seconds that a completion may take."""
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
    sm = SageMaker()  # makes no client before a call
    return [word for word in complete_kinds(incomplete) if has_log(getattr(sm, groups()[word]))]


def complete_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the names in the account with this beginning, newest first. Empty if there is no list or no answer in time.

    Raises nothing: a shell that completes shows no errors.
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
    """Yield the names on the first page of a kind's list."""
    group: Any = getattr(sm, group_of(kind))
    name = identifier_of(group)
    if not has_method(group, "list") or name is None:
        return
    parameters = inspect.signature(group.list).parameters
    if any(each.default is each.empty for each in parameters.values()):
        return  # the list needs a parent, which is not known yet
    for item in _first_page(group, incomplete, parameters):
        found = item if isinstance(item, str) else _value(item, name)
        if found:
            yield str(found)


def _first_page(group: Any, incomplete: str, parameters: Mapping[str, inspect.Parameter]) -> Iterator[Any]:
    wanted: dict[str, Any] = {"max_results": _MOST}
    if "sort_order" in parameters:
        wanted["sort_order"] = descending(parameters["sort_order"])
    if incomplete:
        wanted["name_contains"] = incomplete
    pages: Pages[Any, Any] | None = group.list(**{key: value for key, value in wanted.items() if key in parameters})
    if isinstance(pages, Pages):
        page: Any = next(pages.by_page())
        for field in pages.item_fields:
            yield from getattr(page, field) or ()


def identifier_of(group: Any) -> str | None:
    """Return the parameter that names one resource of a group."""
    for verb in ("describe", "delete", "stop", "update"):
        if has_method(group, verb):
            parameters = inspect.signature(getattr(group, verb)).parameters.values()
            return next((each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD), None)
    return None


def _value(item: object, field: str) -> object:
    """Return a field of an item; None if it has no such field."""
    return getattr(item, field) if hasattr(type(item), field) else None


def _with_method(incomplete: str, verb: str) -> list[str]:
    sm = SageMaker()
    return [word for word in complete_kinds(incomplete) if has_method(getattr(sm, groups()[word]), verb)]
