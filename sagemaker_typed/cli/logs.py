"""`sagemaker-typed logs`: the log of a resource, line by line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Profile,
    Region,
    Text,
    called,
    misuse,
    pairs,
    to_seconds,
    write,
)
from sagemaker_typed.cli._completion import complete_logged
from sagemaker_typed.cli._options import Name, Query
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._resources import group_of, has_log
from sagemaker_typed.logs import LogLine

__all__ = ["logs"]

_OWN = ("follow", "since")


def logs(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="training-job, endpoint, notebook-instance, ...",
            autocompletion=complete_logged,
        ),
    ],
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print new lines until the job has finished.")] = False,
    since: Annotated[Text, typer.Option(help="Leave out older lines: 10m, 6h, 2026-01-31T12:00:00Z.")] = None,
    extra: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="KEY=VALUE", help="What else identifies it: domain-id=d-1, app-type=JupyterLab."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each line as a JSON object.")] = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
    logs_endpoint_url: Annotated[Text, typer.Option(help="The endpoint URL of CloudWatch Logs.")] = None,
) -> None:
    """Print the log of a job, an endpoint or another resource.

    The lines of all hosts are printed in order of time. With --follow the command ends when the job has finished and its
    last lines have come; for an endpoint, when it is deleted.

    \b
    Examples:
      sagemaker-typed logs training-job run-1 -f
      sagemaker-typed logs endpoint canary --since 10m
      sagemaker-typed logs processing-job prep --json | jq -r .message
      sagemaker-typed logs app default --with domain-id=d-1 \\
          --with app-type=JupyterLab --with space-name=ada
    """
    form = OutputForm(as_json=as_json, query=query)
    start = _start(since)
    more = pairs(extra or [], "--with")
    urls = {"logs": logs_endpoint_url} if logs_endpoint_url else None
    group_name = group_of(kind)
    with SageMaker(region=region, profile=profile, endpoint_url=endpoint_url, endpoint_urls=urls) as sm:
        group: Any = getattr(sm, group_name)
        if not has_log(group):
            raise misuse(f"{kind} has no log that is known", "KIND")
        for key in more:
            if key in _OWN:
                raise misuse(f"{key} has an option of its own", "--with")
        for line in called(group.logs, {**more, "follow": follow, "since": start}, "--with", name):
            _print(line, form)


def _start(since: str | None) -> datetime | float | None:
    """Return a time, or the seconds before now."""
    if since is None or "T" not in since:
        return to_seconds(since, "--since")
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise misuse(f"{since!r} is not a time: write 2026-01-31T12:00:00Z, or 10m", "--since") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _print(line: LogLine, form: OutputForm) -> None:
    if form.is_document:
        form.show_line({"timestamp": line.timestamp.isoformat(), "stream": line.stream, "message": line.message})
    else:
        write(f"{line}\n")
    sys.stdout.flush()
