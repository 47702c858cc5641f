"""`sagemaker-typed stop` and `delete`: of one resource or of several."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.printable import printable
from sagemaker_typed.cli._common import (
    EndpointUrl,
    Exit,
    Profile,
    Region,
    called,
    check_call,
    connect,
    exit_code,
    misuse,
    one_line,
    pairs,
    say,
    to_seconds,
    write,
)
from sagemaker_typed.cli._completion import identifier_of
from sagemaker_typed.cli._options import AsJson, AsYaml, Kind, Names, Query, Quiet, Timeout, With
from sagemaker_typed.cli._output import OutputForm
from sagemaker_typed.cli._resources import group_of, has_waits, method_of
from sagemaker_typed.cli._streams import on_terminal
from sagemaker_typed.cli.waiting import tell, waited

__all__ = ["delete", "stop"]

AndWait = Annotated[bool, typer.Option("--wait", help="Wait until it is done.")]


def stop(
    kind: Kind,
    names: Names,
    extra: With = None,
    wait: AndWait = False,
    timeout: Timeout = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Stop running jobs and other resources.

    Each name is one call. A failure does not keep the remaining names from being stopped; the exit code is that of the
    first failure. With --wait, it is that of `wait --until stopped`.

    \b
    Examples:
      sagemaker-typed stop training-job run-1 run-2
      sagemaker-typed stop compilation-job resnet-c5 --wait --timeout 10m
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    with connect(region, profile, endpoint_url) as sm:
        many = _Many(sm, kind, "stop", extra)
        many.check()
        if wait:
            many.check_wait("stopped")
        failed = many.call(names, "is stopping", form, show=not wait)
        many.finish(names, failed, "stopped" if wait else None, form, to_seconds(timeout, "--timeout"), quiet)


def delete(
    kind: Kind,
    names: Names,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
    extra: With = None,
    wait: AndWait = False,
    timeout: Timeout = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Delete resources, after asking.

    Without a terminal to ask on, --yes is required. Answering no exits with 1. Each name is one call. A failure does not keep
    the remaining names from being deleted; the exit code is that of the first failure.

    \b
    Examples:
      sagemaker-typed delete endpoint canary
      sagemaker-typed delete model old-1 old-2 old-3 --yes
      sagemaker-typed delete user-profile ada --with domain-id=d-1 --yes --wait
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    with connect(region, profile, endpoint_url) as sm:
        many = _Many(sm, kind, "delete", extra)
        many.check()
        if wait:
            many.check_wait("deleted")
        if not yes:
            _ask(kind, names)
        failed = many.call(names, "is deleted", form, show=not wait)
        many.finish(names, failed, "deleted" if wait else None, form, to_seconds(timeout, "--timeout"), quiet)


def _ask(kind: str, names: Sequence[str]) -> None:
    if not on_terminal(sys.stdin):
        raise misuse("cannot ask for confirmation without a terminal; give --yes", "delete")
    shown = ", ".join(map(printable, names))
    sys.stderr.write(f"Delete {kind} {shown}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        say("nothing was deleted")
        raise typer.Exit(Exit.FAILED)


class _Many:
    """One command for several names of a kind."""

    def __init__(self, sm: SageMaker, kind: str, verb: str, extra: Sequence[str] | None) -> None:
        self._sm, self._kind = sm, kind
        self._group_name = group_of(kind)
        self._group: Any = getattr(sm, self._group_name)
        self._method = method_of(self._group, verb, kind)
        self._more = pairs(extra or [], "--with")

    def check(self) -> None:
        """Refuse arguments that the method does not take, before asking."""
        positional, keywords = self._named("name")
        check_call(self._method, keywords, "--with", *positional)

    def check_wait(self, state: str) -> None:
        if state not in has_waits(self._group):
            raise misuse(f"there is no wait until {self._kind} is {state}", "--wait")

    def _named(self, name: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return the arguments of one call. Uses the group's keyword where the method takes no positional name."""
        parameters = inspect.signature(self._method).parameters
        identifier = identifier_of(self._group)
        if (
            identifier is not None
            and identifier in parameters
            and parameters[identifier].kind is inspect.Parameter.KEYWORD_ONLY
        ):
            return (), {identifier: name, **self._more}
        return (name,), dict(self._more)

    def call(self, names: Sequence[str], done: str, form: OutputForm, *, show: bool) -> dict[str, Exception]:
        """Call the method with each name and return the failures. `show` prints each outcome as it happens."""
        failed: dict[str, Exception] = {}
        each = dict.fromkeys(names)
        for name in each:
            positional, keywords = self._named(name)
            try:
                called(self._method, keywords, "--with", *positional)
            except (errors.CredentialsError, errors.ConfigurationError, errors.TransportError):
                raise  # every other name would fail in the same way
            except errors.SageMakerError as error:
                failed[name] = error
                if not form.is_document:
                    say(f"{name}: {one_line(error)}")
            else:
                if show and not form.is_document:
                    write(f"{printable(name)} {done}\n")
                    sys.stdout.flush()
        if show and form.is_document:
            form.show({name: {"error": one_line(failed[name])} if name in failed else {"error": None} for name in each})
        return failed

    def finish(
        self,
        names: Sequence[str],
        failed: dict[str, Exception],
        state: str | None,
        form: OutputForm,
        timeout: float | None,
        quiet: bool,
    ) -> None:
        """Wait for the others if asked to, and end with the exit code of the first failure."""
        rest = [name for name in dict.fromkeys(names) if name not in failed]
        if state is not None:
            report = waited(self._sm, self._group_name, state, rest, self._more, timeout=timeout, progress=not quiet)
            for name, error in failed.items():
                report.failed[name] = error  # type: ignore[assignment]
            tell(report, state, form)
        if failed:
            raise typer.Exit(exit_code(next(iter(failed.values()))))
