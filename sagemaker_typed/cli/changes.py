"""`sagemaker-typed changes`: what is different between two versions of a service model."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Optional

import typer

from sagemaker_typed.changes import ModelChanges, ServiceModelError, compare
from sagemaker_typed.cli._common import Exit, Text, misuse, one_line, say, write
from sagemaker_typed.cli._options import AsJson, Query
from sagemaker_typed.cli._output import OutputForm

__all__ = ["changes"]


# Not Literal, which typer takes for a choice since 0.19 only.
class Format(StrEnum):
    """How the comparison is printed."""

    PAGE = "page"
    JSON = "json"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """What makes the command fail."""

    BREAKING = "breaking"


# typer reads annotations at run time, and knows Optional in every version.
Blamed = Optional[FailOn]  # noqa: UP045


def changes(
    old: Annotated[
        Text,
        typer.Argument(
            metavar="OLD", help="A service-2.json, plain or gzipped, a botocore wheel, installed or bundled."
        ),
    ] = None,
    new: Annotated[Text, typer.Argument(metavar="NEW", help="What to compare it with, as OLD.")] = None,
    since_bundled: Annotated[
        bool,
        typer.Option(
            "--since-bundled", help="Instead of OLD and NEW: what the installed botocore has and this library does not."
        ),
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.PAGE,
    fail_on: Annotated[
        Blamed, typer.Option("--fail-on", help="Exit with 1 if a change is breaking, and say which.")
    ] = None,
    service: Annotated[
        str, typer.Option("--service", metavar="NAME", help="Which service of a wheel or of the installed botocore.")
    ] = "sagemaker",
    as_json: AsJson = False,
    query: Query = None,
) -> None:
    """Show what changed in an API between two versions of botocore.

    Exit codes: 0 compared, 1 breaking and --fail-on breaking, 2 usage, or what cannot be compared.

    \b
    Examples:
      sagemaker-typed changes --since-bundled
      sagemaker-typed changes botocore-1.40.0-py3-none-any.whl installed
      sagemaker-typed changes before/service-2.json.gz after/service-2.json.gz \\
          --json --query 'findings[].path'
      sagemaker-typed changes botocore-1.40.0-py3-none-any.whl installed \\
          --service ec2 --fail-on breaking
    """
    document = OutputForm(as_json=as_json or form is Format.JSON, query=query)
    if since_bundled:
        if old is not None:
            raise misuse("takes no OLD and NEW", "--since-bundled")
        if service != "sagemaker":
            raise misuse("with --since-bundled it is sagemaker", "--service")
        old, new = "bundled", "installed"
    if old is None or new is None:
        raise misuse("two are needed, or --since-bundled", "OLD NEW")
    try:
        found = compare(old, new, service=service)
    except ServiceModelError as error:
        say(one_line(error))
        raise typer.Exit(Exit.USAGE) from None
    _print(found, form, document, since_bundled)
    if fail_on is FailOn.BREAKING and found.verdict == "breaking":
        for finding in found.findings:
            if finding.severity == "breaking":
                say(f"breaking: {finding}")
        raise typer.Exit(Exit.FAILED)


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
    """What the typed surface does not know yet."""
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
