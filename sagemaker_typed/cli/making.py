"""`sagemaker-typed create`, `update` and `start`: one request from a file, from `--set`, or from both."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from sagemaker_typed import SageMaker
from sagemaker_typed.cli._common import EndpointUrl, Profile, Region, Text, connect, misuse, pairs, to_seconds
from sagemaker_typed.cli._completion import complete_made
from sagemaker_typed.cli._documents import read_one
from sagemaker_typed.cli._options import AsJson, AsYaml, From, Kind, Name, Query, Quiet, Set, Timeout, With
from sagemaker_typed.cli._output import OutputForm, show_response
from sagemaker_typed.cli._requests import request_from
from sagemaker_typed.cli._resources import group_of, method_of, request_of, states_of
from sagemaker_typed.cli._waits import After
from sagemaker_typed.structure import Request, members_of

__all__ = ["create", "start", "update"]

AndWait = Annotated[bool, typer.Option("--wait", help="Wait until the resource reaches the resulting state.")]
Logs = Annotated[bool, typer.Option("--logs", help="Wait, and print the log to standard error meanwhile.")]


def create(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="compilation-job, endpoint, model, ...", autocompletion=complete_made)
    ],
    source: From = None,
    settings: Set = None,
    name: Annotated[Text, typer.Option(help="The name, instead of the one in the file.")] = None,
    wait: AndWait = False,
    logs: Logs = False,
    timeout: Timeout = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    as_yaml: AsYaml = False,
    query: Query = None,
    region: Region = None,
    profile: Profile = None,
    endpoint_url: EndpointUrl = None,
) -> None:
    """Create a resource from a file, from --set, or from both.

    Members are named as in boto3 (CompilationJobName) or as in Python (compilation_job_name). `sagemaker-typed template KIND`
    prints a file to fill in. --set sets single members, over those of the file: a.b=VALUE, a.list[0].c=VALUE,
    tags.team=vision. A VALUE is JSON unless the member is a text.

    Without --wait, the answer is printed. With it, the outcome of the wait is printed, or with --json the last description.
    The exit codes are those of `wait`: 1 failed, 3 stopped, 4 timed out.

    \b
    Examples:
      sagemaker-typed template compilation-job > job.yaml
      sagemaker-typed create compilation-job --from job.yaml
      sagemaker-typed create compilation-job --from job.yaml --name run-2 --wait
      sagemaker-typed create training-job --from job.json --logs \\
          --set resource_config.instance_count=4
      make-request | sagemaker-typed create endpoint --from - --query EndpointArn
      sagemaker-typed create model-package-group --name churn
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    with connect(region, profile, endpoint_url) as sm:
        job = _Made(sm, kind, "create", wait=wait, logs=logs)
        given = {job.identifier("--name"): name} if name is not None else {}
        job.send(source, settings, given, form, to_seconds(timeout, "--timeout"), quiet)


def update(
    kind: Kind,
    name: Name,
    source: From = None,
    settings: Set = None,
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
    """Change a resource, with a file, --set, or both.

    The file and --set work as with `create`.

    \b
    Examples:
      sagemaker-typed update endpoint canary --wait \\
          --set endpoint_config_name=canary-v2
      sagemaker-typed update notebook-instance ada --from changes.yaml
      sagemaker-typed update user-profile ada --with domain-id=d-1 --from new.yaml
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    with connect(region, profile, endpoint_url) as sm:
        job = _Made(sm, kind, "update", wait=wait)
        job.send(source, settings, job.named(name, extra), form, to_seconds(timeout, "--timeout"), quiet)


def start(
    kind: Kind,
    name: Name,
    source: From = None,
    settings: Set = None,
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
    """Start a notebook instance, a schedule or a pipeline.

    A request may need more than a name. It then comes from a file, --set or both, as with `create`. NAME is the name of the
    resource to start; for a pipeline execution, the name of the pipeline.

    \b
    Examples:
      sagemaker-typed start notebook-instance ada --wait
      sagemaker-typed start pipeline-execution churn --from run.yaml --wait
    """
    form = OutputForm(as_json=as_json, as_yaml=as_yaml, query=query)
    with connect(region, profile, endpoint_url) as sm:
        job = _Made(sm, kind, "start", wait=wait)
        job.send(source, settings, job.named(name, extra), form, to_seconds(timeout, "--timeout"), quiet)


class _Made:
    """One request of a kind and a verb, and the wait that may follow."""

    def __init__(self, sm: SageMaker, kind: str, verb: str, *, wait: bool, logs: bool = False) -> None:
        self._sm, self._kind, self._verb = sm, kind, verb
        name = group_of(kind)
        group: Any = getattr(sm, name)
        self._method = method_of(group, verb, kind)
        self.cls: type[Request[Any]] = request_of(group, name, verb, kind)
        self._after: After | None = None
        if wait or logs:
            self._after = After(sm, name, kind, state=_changed(name) if verb == "update" else None, logs=logs)
            self._after.method(self.cls)

    def identifier(self, option: str) -> str:
        """Return the member that the method takes as the name."""
        for parameter in inspect.signature(self._method).parameters.values():
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                return parameter.name
        raise misuse(f"{self._verb} {self._kind} takes no name; use --set", option)

    def named(self, name: str, extra: list[str] | None) -> dict[str, str]:
        """Return the members that identify the resource: its name, and those of `--with`."""
        return {**pairs(extra or [], "--with"), self.identifier("NAME"): name}

    def send(
        self,
        source: str | None,
        settings: list[str] | None,
        given: dict[str, str],
        form: OutputForm,
        timeout: float | None,
        quiet: bool,
    ) -> None:
        """Send the request, wait if asked to, and print the answer."""
        known = {member.field for member in members_of(self.cls)}
        for name in given:
            if name not in known:
                raise misuse(f"{self._verb} {self._kind} takes no {name.replace('_', '-')}", "--with")
        place = None if source is None else read_one(source, "--from")
        request = request_from(self.cls, place, settings or [], given)
        answer = self._sm.send(request)
        if self._after is None:
            show_response(answer, form)
        else:
            self._after.wait(request, answer, form, timeout=timeout, quiet=quiet)


def _changed(group: str) -> str:
    """Return the state that an update leads to: "updated" where it exists, otherwise the usual one."""
    states = states_of(group)
    return "updated" if "updated" in states else next(iter(states), "")
