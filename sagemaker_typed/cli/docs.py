"""`sagemaker-typed docs`: AWS's own text, from the installed botocore."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from rich.console import Console
from rich.text import Text as Line

from sagemaker_typed.cli._aws_html import Block, blocks_of, first_sentence, show
from sagemaker_typed.cli._aws_names import DocumentedMember, Found, InstalledModels
from sagemaker_typed.cli._common import Text, misuse
from sagemaker_typed.cli._options import AsJson, AsYaml, Query
from sagemaker_typed.cli._output import OutputForm, console
from sagemaker_typed.cli._streams import on_terminal

__all__ = ["complete_documented", "docs"]

_WIDEST, _IN_A_PIPE = 100, 80
_PAGES = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_{}{}.html"
_PAGE_PREFIXES = {
    "sagemaker": "",
    "sagemaker-runtime": "runtime_",
    "sagemaker-featurestore-runtime": "feature_store_",
    "sagemaker-a2i-runtime": "",
    "sagemaker-metrics": "metrics_",
    "sagemaker-edge": "edge_",
    "sagemaker-geospatial": "geospatial_",
}
_MOST_MEANINGS = 10
_MOST_PLACES = 3


def complete_documented(incomplete: str) -> list[str]:
    known = InstalledModels().of("sagemaker").names()
    return sorted({name for name in known if name.lower().startswith(incomplete.lower())})


def docs(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="create-compilation-job, InputConfig, ...", autocompletion=complete_documented
        ),
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="Print the whole text of each member, not only its first sentence.")
    ] = False,
    service: Annotated[
        Text, typer.Option(metavar="NAME", help="Search only this service: sagemaker-runtime, ... (default: all).")
    ] = None,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
) -> None:
    """Show AWS's text on an operation, a structure or a member.

    The text comes from the installed botocore; nothing is sent. NAME is a name of the API in any form: create-compilation-job,
    create_compilation_job, CreateCompilationJob, compilation_jobs.create; InputConfig; InputConfig.Framework;
    CreateCompilationJob.InputConfig.Framework; a member by itself, EnableNetworkIsolation.

    \b
    Examples:
      sagemaker-typed docs create-compilation-job
      sagemaker-typed docs InputConfig.DataInputConfig
      sagemaker-typed docs invoke-endpoint --all | less
      sagemaker-typed docs TargetDevice --query values
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    library = InstalledModels()
    services = library.services if service is None else [service]
    try:
        found = library.find(_flat(name), services)
    except (DataNotFoundError, UnknownServiceError):
        raise misuse(
            f"botocore has no service {service!r}; there are {', '.join(library.services)}", "--service"
        ) from None
    if not found:
        near = library.near(name, services)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise misuse(f"AWS documents no {name!r}{hint}", "NAME")
    if form.is_document:
        documents = [_document(each) for each in found]
        form.show(documents[0] if len(documents) == 1 else documents)
        return
    _print_all([meaning for each in found for meaning in (each, *each.uses)], _page(), everything)


def _flat(name: str) -> str:
    """compilation_jobs.create -> create_compilation_job."""
    from sagemaker_typed.resources.api import Api

    paths: dict[str, str] = Api._paths  # pyright: ignore[reportPrivateUsage]
    wanted = name.strip().removeprefix("sm.").removesuffix("()").replace("-", "_")
    return next((flat for flat, path in paths.items() if path == wanted), name.strip())


def _page() -> Console:
    width = min(_WIDEST, console().width) if on_terminal(sys.stdout) else _IN_A_PIPE
    return Console(highlight=False, markup=False, emoji=False, width=width)


# --- for people -------------------------------------------------------------------------------------------------------


def _print_all(found: list[Found], to: Console, everything: bool) -> None:
    for index, each in enumerate(found[:_MOST_MEANINGS]):
        if index:
            to.print()
        _print(each, to, everything)
    rest = found[_MOST_MEANINGS:]
    if rest:
        to.print(f"\nAnd {len(rest)} more: {', '.join(each.name for each in rest)}")


def _print(found: Found, to: Console, everything: bool) -> None:
    _print_head(found, to)
    whole = everything or found.kind != "operation"
    for title, members in (("Request", found.request), ("Answer", found.answer), ("Members", found.members)):
        if members:
            _print_members(title, members, to, whole)
    if found.values:
        _print_list("Values", found.values, to)
    if found.errors:
        _print_list("Errors", found.errors, to)
    if found.page and found.service in _PAGE_PREFIXES:
        to.print()
        # Do not wrap it, so that it can be copied.
        to.print(Line(_PAGES.format(_PAGE_PREFIXES[found.service], found.page)), soft_wrap=True)


def _print_head(found: Found, to: Console) -> None:
    head = Line.assemble((found.name, "bold"), f"  {found.kind} of {found.service}")
    to.print(head)
    if found.type:
        show([Block(0, "", Line(found.type, style="dim"))], to)
    if len(found.places) > 1:
        show([Block(0, "", Line(_also(found), style="dim"))], to)
    blocks = blocks_of(found.html)
    if blocks or not found.uses:
        to.print()
        show(blocks or [Block(0, "", Line("AWS has no text on it."))], to)


def _also(found: Found) -> str:
    """also CreateModel.RoleArn, InputConfig.RoleArn and 12 more."""
    others = [place for place in found.places if place != found.name]
    more = len(others) - _MOST_PLACES
    return f"also {', '.join(others[:_MOST_PLACES])}" + (f" and {more} more" if more > 0 else "")


def _print_members(title: str, members: tuple[DocumentedMember, ...], to: Console, whole: bool) -> None:
    to.print()
    to.print(Line(title, style="bold"))
    for member in sorted(members, key=lambda each: not each.required):
        to.print()
        required = ", required" if member.required else ""
        head = Line.assemble((member.name, "bold"), (f"  {member.type}{required}", "dim"))
        show([Block(0, "", head)], to, indent=2)
        text = blocks_of(member.html) if whole else [Block(0, "", Line(first_sentence(member.html)))]
        if member.html:
            show(text, to, indent=4)


def _print_list(title: str, texts: tuple[str, ...], to: Console) -> None:
    to.print()
    to.print(Line(title, style="bold"))
    show([Block(0, "", Line(", ".join(texts)))], to, indent=2)


# --- for programs -----------------------------------------------------------------------------------------------------


def _document(found: Found) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": found.name,
        "kind": found.kind,
        "service": found.service,
        "type": found.type,
        "text": _text(found.html),
        "request": [_member(each) for each in found.request],
        "answer": [_member(each) for each in found.answer],
        "members": [_member(each) for each in found.members],
        "values": list(found.values),
        "errors": list(found.errors),
        "places": list(found.places),
        "uses": [_document(each) for each in found.uses],
    }
    return {key: value for key, value in document.items() if value}


def _member(member: DocumentedMember) -> dict[str, Any]:
    return {"name": member.name, "type": member.type, "required": member.required, "text": _text(member.html)}


def _text(html: str) -> str:
    return "\n\n".join(block.plain for block in blocks_of(html))
