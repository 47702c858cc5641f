"""`sagemaker-typed list` and `describe`: resources as a table or as a document."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, cast

import typer

from sagemaker_typed import to_boto3, types
from sagemaker_typed._core.secrets import shown_document
from sagemaker_typed.cli._common import EndpointUrl, Profile, Region, Text, called, connect, misuse, pairs
from sagemaker_typed.cli._options import AsJson, AsYaml, Kind, Name, Query, Texts, With
from sagemaker_typed.cli._output import OutputForm, show_response, show_table
from sagemaker_typed.cli._resources import descending, group_of, method_of
from sagemaker_typed.paging import Pages
from sagemaker_typed.structure import Response, members_of

__all__ = ["collected", "describe", "list_", "with_order"]


def list_(
    kind: Kind,
    status: Annotated[Text, typer.Option(help="List only resources with this status.")] = None,
    name_contains: Annotated[Text, typer.Option(help="List only resources whose name contains this text.")] = None,
    filters: Annotated[
        Texts,
        typer.Option("--filter", metavar="KEY=VALUE", help="Another argument of the list: sort-by=Name. Repeat."),
    ] = None,
    limit: Annotated[int, typer.Option("--max", min=1, help="The most resources to list.")] = 100,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """List resources: the newest 100, or as many as --max says.

    A filter that the list does not take is an error. The error names the valid ones.

    \b
    Examples:
      sagemaker-typed list compilation-job --status FAILED
      sagemaker-typed list endpoint --name-contains canary --json
      sagemaker-typed list training-job \\
          --filter creation-time-after=2026-01-01T00:00:00Z
      sagemaker-typed list model --query 'Models[].ModelName'
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    arguments: dict[str, Any] = pairs(filters or [], "--filter")
    for name, value in (("status_equals", status), ("name_contains", name_contains)):
        if value is not None:
            arguments[name] = value
    with connect(region, profile, endpoint_url) as sm:
        method = method_of(getattr(sm, group_of(kind)), "list", kind)
        pages = called(method, with_order(arguments, method, kind), "--filter")
        document = collected(pages, limit, to_boto3 if form.is_document else shown_document)
    if form.is_document:
        form.show(document)
    else:
        show_table([item for items in document.values() for item in items])


def with_order(arguments: dict[str, Any], method: Any, kind: str) -> dict[str, Any]:
    """Return the arguments of a list, newest first by default. A filter that the list lacks is misuse."""
    known = inspect.signature(method).parameters
    for option, name in {"--status": "status_equals", "--name-contains": "name_contains"}.items():
        if name in arguments and name not in known:
            raise misuse(f"the list of {kind} cannot be filtered by it", option)
    if "sort_order" in known and not {"sort_by", "sort_order"} & set(arguments):
        return arguments | {"sort_order": descending(known["sort_order"])} | _newest(known.get("sort_by"))
    return arguments


def describe(
    kind: Kind,
    name: Name,
    extra: With = None,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Describe one resource.

    \b
    Examples:
      sagemaker-typed describe compilation-job resnet-c5
      sagemaker-typed describe training-job run-1 --yaml
      sagemaker-typed describe endpoint canary --query EndpointStatus
      sagemaker-typed describe user-profile ada --with domain-id=d-1 --json
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    arguments = pairs(extra or [], "--with")
    with connect(region, profile, endpoint_url) as sm:
        method = method_of(getattr(sm, group_of(kind)), "describe", kind)
        answer = called(method, arguments, "--with", name)
    show_response(answer, form)


def _newest(sort_by: inspect.Parameter | None) -> dict[str, str]:
    """Return the arguments that sort by creation time. Their names differ between lists; some lists have none."""
    if sort_by is None:
        return {}
    name = str(sort_by.annotation).partition(" |")[0]
    texts: list[str] = [str(value) for value in getattr(types, name)]
    wanted = ("creationtime", "createdtime", "createdat")
    found = next((text for text in texts if text.lower().replace("_", "") in wanted), None)
    return {} if found is None else {"sort_by": found}


def collected(
    pages: Pages[Any, Any], limit: int, convert: Callable[[Response], dict[str, Any]]
) -> dict[str, list[Any]]:
    """Return the items of the pages, up to a limit, under the members of the answer that hold them."""
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
