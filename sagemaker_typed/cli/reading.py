"""`sagemaker-typed list` and `describe`: what there is, as a table or as JSON."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from sagemaker_typed import to_boto3, types
from sagemaker_typed._core.printable import printable, without_passwords
from sagemaker_typed._core.secrets import shown_document
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Profile,
    Region,
    Text,
    called,
    connect,
    misuse,
    pairs,
    plain,
    query_of,
    say,
    show_json,
    shown,
)
from sagemaker_typed.cli._resources import complete, group_of
from sagemaker_typed.cli._streams import on_terminal
from sagemaker_typed.paging import Pages
from sagemaker_typed.structure import Response, members_of

__all__ = ["describe", "list_"]

Query = Annotated[Text, typer.Option("--query", help="A JMESPath expression on the answer, as the AWS CLI has it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def list_(
    resource: Annotated[str, typer.Argument(help="compilation-job, endpoint, model, ...", autocompletion=complete)],
    status: Annotated[Text, typer.Option(help="Only those with this status.")] = None,
    name_contains: Annotated[Text, typer.Option(help="Only those with this in their name.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="KEY=VALUE", help="Another argument of the list: sort-by=Name."),
    ] = None,
    limit: Annotated[int, typer.Option("--max", min=1, help="At most so many.")] = 100,
    as_json: AsJson = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """List resources: the newest 100 unless --max says otherwise.

    \b
    Examples:
      sagemaker-typed list compilation-job --status FAILED
      sagemaker-typed list endpoint --name-contains canary --json
      sagemaker-typed list training-job --filter creation-time-after=2026-01-01T00:00:00Z
      sagemaker-typed list model --query 'Models[].ModelName'
    """
    search = query_of(query)
    arguments: dict[str, Any] = pairs(filters or [], "--filter")
    for name, value in (("status_equals", status), ("name_contains", name_contains)):
        if value is not None:
            arguments[name] = value
    with connect(region, profile, endpoint_url) as sm:
        group: Any = getattr(sm, group_of(resource))
        method = getattr(group, "list", None)
        if method is None:
            raise misuse(f"there is no list of {resource}", "RESOURCE")
        pages = called(method, _with_order(arguments, method, resource), "--filter")
        document = _collected(pages, limit, to_boto3 if search is not None or as_json else shown_document)
    if search is not None:
        show_json(search(plain(document)))
    elif as_json:
        show_json(document)
    else:
        _table([item for items in document.values() for item in items])


def _with_order(arguments: dict[str, Any], method: Any, resource: str) -> dict[str, Any]:
    """The arguments of a list, newest first unless they say otherwise. A filter that the list lacks is misuse."""
    known = inspect.signature(method).parameters
    for option, name in {"--status": "status_equals", "--name-contains": "name_contains"}.items():
        if name in arguments and name not in known:
            raise misuse(f"the list of {resource} cannot be filtered by it", option)
    if "sort_order" in known and not {"sort_by", "sort_order"} & set(arguments):
        return arguments | {"sort_order": "Descending"} | _newest(known.get("sort_by"))
    return arguments


def describe(
    resource: Annotated[str, typer.Argument(help="compilation-job, endpoint, model, ...", autocompletion=complete)],
    name: Annotated[str, typer.Argument(help="Its name.")],
    extra: Annotated[
        list[str] | None, typer.Option("--with", metavar="KEY=VALUE", help="What else identifies it: domain-id=d-1.")
    ] = None,
    as_json: AsJson = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Describe one resource.

    \b
    Examples:
      sagemaker-typed describe compilation-job resnet-c5
      sagemaker-typed describe endpoint canary --query EndpointStatus
      sagemaker-typed describe user-profile ada --with domain-id=d-1 --json
    """
    search = query_of(query)
    arguments = pairs(extra or [], "--with")
    with connect(region, profile, endpoint_url) as sm:
        group: Any = getattr(sm, group_of(resource))
        method = getattr(group, "describe", None)
        if method is None:
            raise misuse(f"there is no describing {resource}", "RESOURCE")
        answer = called(method, arguments, "--with", name)
    document = shown(answer)
    if search is not None:
        show_json(search(plain(document)))
    elif as_json:
        show_json(document)
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        # Secrets are for those who ask for the document itself.
        hidden = shown_document(answer)
        for row in _rows({name: hidden[name] for name in document}):
            table.add_row(*row)
        _console().print(table)


def _newest(sort_by: inspect.Parameter | None) -> dict[str, str]:
    """The order by time of creation; lists without one, or with another by default, differ in its name."""
    if sort_by is None:
        return {}
    name = str(sort_by.annotation).partition(" |")[0]
    texts: list[str] = [str(value) for value in getattr(types, name)]
    wanted = ("creationtime", "createdtime", "createdat")
    found = next((text for text in texts if text.lower().replace("_", "") in wanted), None)
    return {} if found is None else {"sort_by": found}


def _collected(
    pages: Pages[Any, Any], limit: int, convert: Callable[[Response], dict[str, Any]]
) -> dict[str, list[Any]]:
    """The items of the pages, up to a limit, under the members of the answer that hold them."""
    document: dict[str, list[Any]] = {}
    for page in pages.by_page():
        answer = convert(page)
        for member in members_of(cast("type[Response]", type(page))):
            if member.field in pages.item_fields:
                found: list[Any] = answer.get(member.wire) or []
                document.setdefault(member.wire, []).extend(found)
        if sum(len(items) for items in document.values()) >= limit:
            break
    return {key: items[:limit] for key, items in document.items()}


_FIRST = ("Name", "Status", "CreationTime", "LastModifiedTime")


def _table(items: Sequence[Mapping[str, Any]]) -> None:
    """Name, status and times of each; the rest takes --json."""
    if not items:
        say("none")
        return
    names = list(dict.fromkeys(name for item in items for name in item))
    chosen = [
        name
        for end in _FIRST
        for name in names
        if name.endswith(end) and not isinstance(items[0].get(name), dict | list)
    ]
    columns = list(dict.fromkeys(chosen)) or names[:4]
    table = Table(*map(printable, columns), box=None, pad_edge=False)
    for item in items:
        table.add_row(*(_cell(item.get(column)) for column in columns))
    _console().print(table)


def _rows(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Every value under its dotted path."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value).items()
        parts = [(f"{path}.{name}" if path else name, member) for name, member in members]
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in cast("list[object]", value)):
        items = cast("Sequence[Any]", value)
        parts = [(f"{path}[{index}]", item) for index, item in enumerate(items)]
    else:
        return [(printable(path), _cell(value))]
    return [row for inner, part in parts for row in _rows(part, inner)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list):
        items = cast("Sequence[Any]", value)
        return printable(", ".join(map(str, items)))
    return printable(without_passwords(str(value)))


def _console() -> Console:
    # In a pipe a table is as wide as it needs to be.
    return Console(highlight=False, markup=False, emoji=False, width=None if on_terminal(sys.stdout) else 400)
