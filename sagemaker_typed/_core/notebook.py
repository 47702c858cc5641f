"""Objects of generated classes as HTML for notebooks.

It imports no `structure`, whose classes come here themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.plain import is_structure
from sagemaker_typed._core.html import Markup, badge, cell, details, link, table
from sagemaker_typed._core.quoting import shortened
from sagemaker_typed._core.showing import More, line
from sagemaker_typed.enums import OpenEnum

__all__ = ["html", "html_of_pages"]

_ROWS = 50
"""Maximum number of rows of a table."""
_DEEPEST = 6
"""Maximum depth of nested structures."""
_SHORT = 60


def html(obj: Any) -> str:
    """Return an object as a table of its members, or a page as a table with a row for each item."""
    cls: Any = type(obj)  # pyright: ignore[reportUnknownVariableType]
    service: str = cls._service.name
    name = f"<strong>{cell(type(obj).__name__)}</strong>"
    members = dict(obj.__rich_repr__())
    lists = [field for field, value in members.items() if _is_table(value)]
    if len(lists) == 1 and lists == [field for field in members if field != "next_token"]:
        items = members[lists[0]]
        return f"<div>{name}: {len(items)} {cell(lists[0])}{_rows(items, service)}{_next(members)}</div>"
    return f"<div>{name}{_members(members, service, 0)}</div>"


def html_of_pages(request: Any, operation: str, service: str, *, asynchronous: bool) -> str:
    """Return the request of pages as a table, and how to get the items: showing pages sends nothing."""
    name, await_ = ("AsyncPages", "await ") if asynchronous else ("Pages", "")
    members = dict(request.__rich_repr__())
    ways = " or ".join(f"<code>{await_}pages.{method}()</code>" for method in ("first", "to_pandas"))
    return (
        f"<div><strong>{name}</strong> of {cell(operation)}"
        f"{_members(members, service, 0) if members else ''}"
        f"<p>Items are fetched when you iterate. To see some: {ways}.</p></div>"
    )


def _next(members: Mapping[str, Any]) -> str:
    return "<p>There are more: <code>next_token</code> is set.</p>" if members.get("next_token") else ""


def _members(members: Mapping[str, Any], service: str, depth: int) -> Markup:
    return table((), [(field, _value(field, value, service, depth)) for field, value in members.items()])


def _rows(items: Sequence[Any], service: str) -> Markup:
    """Return a table with a row for each object and a column for each field that is set in at least one row."""
    shown = [dict(item.__rich_repr__()) for item in items[:_ROWS]]
    head = _columns(type(items[0]), shown)
    arns = {_name_of(field): field for field in head if _name_of(field) in head}
    head = [field for field in head if field not in arns.values()]  # the name has the link instead
    lines = [[_named(field, row, arns.get(field, ""), service) for field in head] for row in shown]
    more = f"<p>{More(len(items) - _ROWS)!r}</p>" if len(items) > _ROWS else ""
    return Markup(table(head, lines) + more)


def _columns(cls: Any, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        field
        for field in [*(member.field for member in cls._members), "unknown_members"]
        if any(field in row for row in rows)
    ]


def _name_of(field: str) -> str:
    """Return the field with the name of the resource, given the field with its ARN."""
    return f"{field[:-4]}_name" if field.endswith("_arn") else ""


def _named(field: str, row: Mapping[str, Any], arn_field: str, service: str) -> Markup:
    """Return a cell of a row; a name links to the page of its ARN."""
    value, arn = row.get(field), row.get(arn_field)
    if isinstance(value, str) and isinstance(arn, str):
        return link(arn, service, value)
    return _flat(field, arn if value is None else value, service)


def _is_table(value: Any) -> bool:
    return is_list(value) and bool(value) and all(type(item) is type(value[0]) and is_structure(item) for item in value)


def _value(field: str, value: Any, service: str, depth: int) -> Markup:
    """Return a member of an object; nested values can be expanded."""
    if depth >= _DEEPEST:
        return _flat(field, value, service)
    if is_structure(value):
        members = dict(value.__rich_repr__())
        return (
            details(type(value).__name__, _members(members, service, depth + 1))
            if members
            else _flat(field, value, service)
        )
    if _is_table(value):
        return details(f"{len(value)} {type(value[0]).__name__}", _rows(value, service))
    if is_list(value) and value:
        return details(
            _counted(value, "item", "items"), Markup("<br>".join(_flat(field, item, service) for item in value[:_ROWS]))
        )
    if is_mapping(value) and value:
        pairs = list(value.items())[:_ROWS]
        return details(
            _counted(value, "entry", "entries"), table((), [(key, _flat(field, item, service)) for key, item in pairs])
        )
    return _flat(field, value, service)


def _counted(value: Any, one: str, many: str) -> str:
    return f"1 {one}" if len(value) == 1 else f"{len(value)} {many}"


def _flat(field: str, value: Any, service: str) -> Markup:
    """Return a value on one line."""
    if isinstance(value, OpenEnum):
        return badge(value.value) if field.endswith(("status", "state")) else cell(value.value)
    if isinstance(value, str):
        return link(value, service) if value.startswith("arn:") else cell(value)
    if is_structure(value):
        return cell(line(value))
    if is_list(value) or is_mapping(value):
        return cell(shortened(repr(value), _SHORT))
    return cell(value)
