"""`sagemaker-typed run`: many creations, a few at a time, until all have finished."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker, WaitReport, errors
from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.validate import check
from sagemaker_typed.cli._common import EndpointUrl, Profile, Region, Text, connect, misuse, one_line, to_seconds
from sagemaker_typed.cli._completion import complete_made
from sagemaker_typed.cli._documents import Plain, Written, read_many
from sagemaker_typed.cli._options import AsJson, AsYaml, Query, Quiet, Set, Timeout
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._requests import request_from
from sagemaker_typed.cli._resources import group_of, request_of
from sagemaker_typed.cli.waiting import tell
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.structure import Request, operation_of

__all__ = ["run"]

_KIND = "kind"


class ExistOk(StrEnum):
    """What to do with a resource that exists already."""

    NO = "no"
    SAME = "same"
    YES = "yes"


_EXIST: dict[ExistOk, Any] = {ExistOk.NO: False, ExistOk.SAME: "same", ExistOk.YES: True}


def run(
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE", help="The requests: JSON lines, a JSON list, or YAML; - is standard input."
        ),
    ],
    kind: Annotated[
        Text,
        typer.Option(help="The kind that requests create that have no key kind.", autocompletion=complete_made),
    ] = None,
    settings: Set = None,
    max_running: Annotated[
        int, typer.Option("--max-running", min=1, help="The most resources that run at a time.")
    ] = 20,
    exist_ok: Annotated[
        ExistOk,
        typer.Option(
            "--exist-ok",
            help="An existing resource: fail, wait if its settings are the same, or always wait.",
        ),
    ] = ExistOk.NO,
    timeout: Timeout = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End with the first failure.")] = False,
    stop_on_interrupt: Annotated[
        bool, typer.Option("--stop-on-interrupt", help="On Ctrl-C, stop what runs and wait until it has stopped.")
    ] = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    quiet: Quiet = False,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Create many resources, a few at a time, and wait for all.

    FILE holds one request per line, as `create --from` takes it, with the key "kind" unless --kind is given. All requests
    are checked before the first is sent. Quotas and throttling are waited out. With --exist-ok same, you can repeat the
    command after it was killed: it continues where it stopped.

    The outcome and the exit code are as those of `wait` with several names.

    \b
    Examples:
      sagemaker-typed run --from jobs.jsonl --max-running 20 --exist-ok same
      sagemaker-typed run --from jobs.yaml --kind compilation-job \\
          --set role_arn=arn:aws:iam::123456789012:role/neo
      make-jobs | sagemaker-typed run --from - --quiet --query 'keys(failed)'
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    seconds = to_seconds(timeout, "--timeout")
    places = read_many(source, "--from")
    with connect(region, profile, endpoint_url) as sm:
        requests: Any = [_request(sm, place, kind, settings or []) for place in places]
        options: dict[str, Any] = {"timeout": seconds, "progress": not quiet, "fail_fast": fail_fast}
        if stop_on_interrupt:
            options["stop_on_interrupt"] = True
        report = _run_all(sm, requests, places, max_running=max_running, exist_ok=_EXIST[exist_ok], **options)
    tell(report, "done", form)


def _run_all(sm: SageMaker, requests: Any, places: Sequence[Written], **options: Any) -> WaitReport[Any]:
    try:
        return sm.run_all(requests, **options)
    except errors.InvalidRequestError as error:
        raise misuse(_by_lines(error, places), "--from") from None


def _by_lines(error: errors.InvalidRequestError, places: Sequence[Written]) -> str:
    """What is wrong, with the lines of the file in the place of `requests[1]`."""
    return re.sub(r"\brequests\[(\d+)\]", lambda found: places[int(found[1])].where, one_line(error))


def _request(sm: SageMaker, place: Written, kind: str | None, settings: Sequence[str]) -> Request[Any]:
    document: Any = place.document.value if isinstance(place.document, Plain) else place.document
    if not is_mapping(document):
        raise misuse(f"{place.where}: expected a mapping of the members of a request", "--from")
    rest: dict[Any, Any] = dict(document)
    own = rest.pop(_KIND, None)
    word = kind if own is None else own
    if not isinstance(word, str):
        raise misuse(
            f'{place.where}: it does not say what it creates: write "kind": "training-job", or give --kind', "--from"
        )
    where = f"--from: {place.where}"
    name = group_of(word, where)
    cls = request_of(getattr(sm, name), name, "create", word, where)
    if operation_of(cls).name not in RUNS:
        raise misuse(f"{place.where}: there is nothing to wait for with {word}; use create", "--from")
    request = request_from(cls, Written(place.where, rest), settings)
    try:
        check(request, "standard")
    except errors.InvalidRequestError as error:
        raise misuse(f"{place.where}: {one_line(error)}", "--from") from None
    return request
