"""`sagemaker-typed wait`: wait until resources reach a state, with an exit code for shell scripts."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.printable import printable
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Exit,
    Profile,
    Region,
    Text,
    called,
    connect,
    exit_code,
    misuse,
    one_line,
    pairs,
    say,
    shown,
    to_seconds,
    write,
)
from sagemaker_typed.cli._completion import complete_waitable
from sagemaker_typed.cli._options import AsJson, AsYaml, Names, Query, Quiet, Texts, Timeout
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._resources import group_of, has_waits
from sagemaker_typed.cli._waits import OPTIONS
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.waiting import WaitReport

__all__ = ["tell", "wait", "waited"]

_ORDER = ("failed", "stopped", "missing", "pending")
_CODES = {"stopped": Exit.STOPPED, "missing": Exit.NOT_FOUND}


def wait(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="compilation-job, endpoint, training-job, ...", autocompletion=complete_waitable
        ),
    ],
    names: Names,
    until: Annotated[
        Text, typer.Option(help="completed, in-service, updated, deleted, ... (default: the usual state).")
    ] = None,
    timeout: Timeout = None,
    poll: Annotated[Text, typer.Option(help="The time between two polls: 10s. Grows by default.")] = None,
    extra: Annotated[
        Texts,
        typer.Option(
            "--with", metavar="KEY=VALUE", help="What else the wait needs: domain-id=d-1, endpoint-config-name=v2."
        ),
    ] = None,
    stop_on_interrupt: Annotated[
        bool,
        typer.Option("--stop-on-interrupt", help="On Ctrl-C, stop the resources and wait until they have stopped."),
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="With several names, end with the first failure.")
    ] = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    quiet: Quiet = False,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Wait until resources reach a state.

    Exit codes: 0 reached, 1 failed, 2 usage, 3 stopped, 4 timed out, 5 not found, 6 no access or no credentials, 7 no answer
    from the service, 8 output lost, 130 interrupted, 141 output closed by its reader, 143 terminated.

    \b
    Examples:
      sagemaker-typed wait compilation-job resnet-c5 --timeout 30m
      sagemaker-typed wait training-job run-1 run-2 run-3 --json --quiet
      sagemaker-typed wait endpoint canary --until updated \\
          --with endpoint-config-name=canary-v2
      sagemaker-typed wait endpoint canary --until deleted
      sagemaker-typed wait user-profile ada --with domain-id=d-1 || echo $?
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    seconds, rhythm = to_seconds(timeout, "--timeout"), to_seconds(poll, "--poll")
    group_name, more = group_of(kind, among=WAITABLE), pairs(extra or [], "--with")
    with connect(region, profile, endpoint_url) as sm:
        group: Any = getattr(sm, group_name)
        state = _state(group, kind, until)
        options: dict[str, Any] = {"timeout": seconds, "poll": rhythm, "progress": not quiet, "fail_fast": fail_fast}
        _check(getattr(group, f"wait_until_{state}"), more, stop_on_interrupt)
        if stop_on_interrupt:
            options["stop_on_interrupt"] = True
        report = waited(sm, group_name, state, names, more, **options)
    tell(report, state, form)


def waited(
    sm: SageMaker, group_name: str, state: str, names: Sequence[str], more: Mapping[str, str], **options: Any
) -> WaitReport[Any]:
    """Return the report of a wait on each name. `more` holds the other arguments that identify them."""
    group: Any = getattr(sm, group_name)
    many = _many(group, group_name, state) if len(names) > 1 and not more else None
    if many is None:
        many = partial(_in_turn, getattr(group, f"wait_until_{state}"), more)
    return many(names, **options)


def _state(group: Any, kind: str, until: str | None) -> str:
    """Return the state to wait for: the given one, or the usual one."""
    states = has_waits(group)
    if not states:
        raise misuse(f"there is no wait for {kind}", "KIND")
    if until is None and states[0] == "deleted":
        raise misuse(f"{kind} can only be waited for until it is deleted: give --until deleted", "--until")
    state = states[0] if until is None else until.replace("-", "_")
    if state not in states:
        known = ", ".join(each.replace("_", "-") for each in states)
        raise misuse(f"{until!r} is none of: {known}", "--until")
    return state


def _check(method: Callable[..., Any], more: Mapping[str, str], stop_on_interrupt: bool) -> None:
    """Refuse arguments that the wait does not take."""
    for key in more:
        if key in OPTIONS:
            raise misuse(f"{key} has an option of its own, or none", "--with")
    if stop_on_interrupt and "stop_on_interrupt" not in inspect.signature(method).parameters:
        raise misuse("this wait has nothing to stop", "--stop-on-interrupt")


def _many(group: Any, name: str, state: str) -> Callable[..., WaitReport[Any]] | None:
    """Return a function that waits on many at once; None where each name needs its own wait."""
    states = WAITABLE[name].many
    if state not in states:
        return None
    # A group with one state takes no `until`.
    return partial(group.wait_all, until=state) if len(states) > 1 else group.wait_all


def _in_turn(
    method: Callable[..., Any],
    more: Mapping[str, str],
    names: Sequence[str],
    *,
    timeout: float | None,
    fail_fast: bool = False,
    **options: Any,
) -> WaitReport[Any]:
    """Wait on one name after the other, all within the one timeout. The resources run in parallel."""
    report: WaitReport[Any] = WaitReport()
    begun = time.monotonic()
    for name in dict.fromkeys(names):
        if fail_fast and report.problems:
            report.pending[name] = errors.WaitError("was not polled, as another one did not succeed", name=name)
            continue
        left = None if timeout is None else max(0.0, timeout - (time.monotonic() - begun))
        try:
            report.succeeded[name] = called(method, {**options, "timeout": left, **more}, "--with", name)
        except errors.WaitStoppedError as error:
            report.stopped[name] = error
        except errors.WaitTimeoutError as error:
            report.pending[name] = error
        except errors.WaitFailedError as error:
            report.failed[name] = error
        except errors.ResourceNotFoundError as error:
            report.missing[name] = error
        except errors.SageMakerError as error:  # of this name or of every call: the exit code says which
            report.failed[name] = error
    return report


def tell(report: WaitReport[Any], state: str, form: OutputForm) -> None:
    """Print the outcome of each name, and end with the exit code of the worst."""
    if form.is_document:
        form.show(_document(report))
    else:
        for name in report.succeeded:
            write(f"{printable(name)} is {state.replace('_', ' ')}\n")
        for name, error in report.problems.items():
            say(f"{name}: {one_line(error)}")
    outcome = next((outcome for outcome in _ORDER if getattr(report, outcome)), None)
    if outcome is None:
        return
    code = _CODES.get(outcome)
    if code is None:
        # The polls failed, not the resource: the exit code says why.
        codes = {exit_code(error) for error in getattr(report, outcome).values()}
        code = codes.pop() if len(codes) == 1 else Exit.FAILED if outcome == "failed" else Exit.TIMED_OUT
    raise typer.Exit(code)


def _document(report: WaitReport[Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "succeeded": {
            name: None if response is None else shown(response) for name, response in report.succeeded.items()
        }
    }
    for outcome in _ORDER:
        document[outcome] = {name: _problem(error) for name, error in getattr(report, outcome).items()}
    return document


def _problem(error: Exception) -> dict[str, Any]:
    known = ("status", "reason", "arn", "elapsed", "polls", "log_group")
    given = {name: getattr(error, name, None) for name in known}
    return {
        "error": type(error).__name__,
        "message": one_line(error),
        **{k: v for k, v in given.items() if v is not None},
    }
