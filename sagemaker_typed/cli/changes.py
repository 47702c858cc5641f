"""`sagemaker-typed changes`: the differences between two versions of a service model, or of this library."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Optional

import typer

from sagemaker_typed.changes import ModelChanges, ServiceModelError, SurfaceError, compare, compare_libraries, history
from sagemaker_typed.cli._common import Exit, Text, misuse, one_line, say, write
from sagemaker_typed.cli._options import AsJson, Query
from sagemaker_typed.cli._output import OutputForm

__all__ = ["changes"]


# Not Literal: typer accepts it as a choice only since 0.19.
class Format(StrEnum):
    """The format of the comparison."""

    PAGE = "page"
    JSON = "json"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """The severity that makes the command fail."""

    BREAKING = "breaking"


# typer reads annotations at run time, and knows Optional in every version.
Blamed = Optional[FailOn]  # noqa: UP045


Old = Annotated[
    Text,
    typer.Argument(metavar="OLD", help="A service-2.json (.gz), a botocore wheel, installed or bundled."),
]
New = Annotated[Text, typer.Argument(metavar="NEW", help="What to compare with OLD, in the same forms.")]
SinceBundled = Annotated[
    bool,
    typer.Option(
        "--since-bundled", help="Instead of OLD and NEW: what the installed botocore has and this library does not."
    ),
]
Since = Annotated[
    Text,
    typer.Option(
        "--since",
        metavar="VERSION",
        help="Instead of OLD and NEW: what each release of botocore after VERSION changed; nothing is fetched.",
    ),
]
Library = Annotated[
    bool,
    typer.Option(
        "--library",
        help="Compare two versions of this library: OLD and NEW are its wheels, source archives, folders or installed.",
    ),
]
ServiceName = Annotated[
    str, typer.Option("--service", metavar="NAME", help="The service to compare, in a wheel or botocore.")
]


def changes(
    old: Old = None,
    new: New = None,
    since_bundled: SinceBundled = False,
    since: Since = None,
    library: Library = False,
    form: Annotated[Format, typer.Option("--format", help="The output format.")] = Format.PAGE,
    fail_on: Annotated[
        Blamed, typer.Option("--fail-on", help="Exit with 1 and list the changes if any is breaking.")
    ] = None,
    service: ServiceName = "sagemaker",
    as_json: AsJson = False,
    query: Query = None,
) -> None:
    """Show what changed in an API between two versions of botocore.

    Give OLD and NEW, or --since VERSION, or --since-bundled. With --library, OLD and NEW are versions of this library.

    Exit codes: 0 compared, 1 breaking changes with --fail-on breaking, 2 usage, or not comparable.

    \b
    Examples:
      sagemaker-typed changes --since-bundled
      sagemaker-typed changes --since 1.40.0
      sagemaker-typed changes botocore-1.40.0-py3-none-any.whl installed
      sagemaker-typed changes before/service-2.json.gz after/service-2.json.gz \\
          --json --query 'findings[].path'
      sagemaker-typed changes botocore-1.40.0-py3-none-any.whl installed \\
          --service ec2 --fail-on breaking
      sagemaker-typed changes --library \\
          sagemaker_typed-0.1.0-py3-none-any.whl installed
    """
    document = OutputForm(as_json=as_json or form is Format.JSON, query=query)
    named = old is not None or new is not None
    if since is not None:
        alone = not (named or library or since_bundled or service != "sagemaker")
        _show_history(since, document, fail_on, alone=alone)
    elif library:
        _show_library(old, new, document, fail_on, alone=not since_bundled)
    else:
        _check_bundled(since_bundled, named, service)
        found = _compared(*(("bundled", "installed") if since_bundled else _both(old, new)), service)
        _print(found, form, document, since_bundled)
        _blame([str(each) for each in found.findings if each.severity == "breaking"], fail_on)


def _check_bundled(since_bundled: bool, named: bool, service: str) -> None:
    if since_bundled and named:
        raise misuse("takes no OLD and NEW", "--since-bundled")
    if since_bundled and service != "sagemaker":
        raise misuse("--since-bundled only compares sagemaker", "--service")


def _both(old: str | None, new: str | None) -> tuple[str, str]:
    if old is None:
        raise misuse("give OLD and NEW, --since VERSION, --since-bundled, or --library OLD NEW", "nothing to compare")
    if new is None:
        raise misuse(f"nothing to compare {old} with; `installed` is the library in this environment", "NEW")
    return old, new


def _compared(old: str, new: str, service: str) -> ModelChanges:
    try:
        return compare(old, new, service=service)
    except ServiceModelError as error:
        say(one_line(error))
        raise typer.Exit(Exit.USAGE) from None


def _blame(breaking: Sequence[str], fail_on: FailOn | None) -> None:
    """Fail where the caller wants that, and say why."""
    if fail_on is FailOn.BREAKING and breaking:
        for each in breaking:
            say(f"breaking: {each}")
        raise typer.Exit(Exit.FAILED)


def _show_history(since: str, asked: OutputForm, fail_on: FailOn | None, *, alone: bool) -> None:
    if not alone:
        raise misuse("takes nothing but --format and --fail-on", "--since")
    try:
        found = history(since)
    except ServiceModelError as error:
        say(one_line(error))
        raise typer.Exit(Exit.USAGE) from None
    if asked.is_document:
        asked.show([each.to_dict() for each in found], indent=2)
    else:
        text = "\n\n".join(map(str, found)) or f"nothing changed after botocore {since}"
        write(text + "\n")
    _blame([f"{each.botocore} {text}" for each in found for text in each.breaking], fail_on)


def _show_library(old: str | None, new: str | None, asked: OutputForm, fail_on: FailOn | None, *, alone: bool) -> None:
    if not alone:
        raise misuse("takes no --since-bundled", "--library")
    if old is None:
        raise misuse(
            "give OLD and NEW: a wheel, a source archive or a folder of this library, or `installed`", "--library"
        )
    before, after = _both(old, new)
    try:
        found = compare_libraries(before, after)
    except SurfaceError as error:
        say(one_line(error))
        raise typer.Exit(Exit.USAGE) from None
    if asked.is_document:
        asked.show(found.to_dict(), indent=2)
    else:
        write(found.to_markdown())
    _blame([str(each) for each in found.breaks], fail_on)


def _print(found: ModelChanges, form: Format, asked: OutputForm, since_bundled: bool) -> None:
    if asked.is_document:
        document = found.to_dict()
        if since_bundled:
            added = found.additions
            document["unknown"] = {"operations": added.operations, "members": added.members, "values": added.values}
        asked.show(document, indent=2)
    elif form is Format.MARKDOWN:
        write(found.to_markdown())
    else:
        write((_unknown(found) if since_bundled else found.page()) + "\n")


def _unknown(found: ModelChanges) -> str:
    """Return the text on what this library does not know yet."""
    added = found.additions
    lines = [
        f"Installed: {found.new}. Generated from: {found.old}.",
        f"Not known to this library yet: {added.heading}.",
    ]
    values = {enum: ", ".join(texts) for enum, texts in added.values.items()}
    for title, names in (("Operations", added.operations), ("Members", added.members)):
        if names:
            lines += ["", title, *(f"  {name}" for name in names)]
    if values:
        lines += ["", "Enum values", *(f"  {enum}: {texts}" for enum, texts in values.items())]
    return "\n".join(lines)
