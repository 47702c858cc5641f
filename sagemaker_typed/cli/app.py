"""The commands and their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Optional

import typer
from rich.console import Console

from sagemaker_typed import __version__
from sagemaker_typed.cli._common import Exit, errors_in_one_line, say
from sagemaker_typed.cli.changes import changes
from sagemaker_typed.cli.docs import docs
from sagemaker_typed.cli.ending import delete, stop
from sagemaker_typed.cli.invoking import invoke
from sagemaker_typed.cli.local import local
from sagemaker_typed.cli.logs import logs
from sagemaker_typed.cli.making import create, start, update
from sagemaker_typed.cli.migrate import migrate
from sagemaker_typed.cli.reading import describe, list_
from sagemaker_typed.cli.running import run
from sagemaker_typed.cli.searching import search
from sagemaker_typed.cli.template import template
from sagemaker_typed.cli.waiting import wait
from sagemaker_typed.cli.watch import watch

__all__ = ["app"]

app: typer.Typer = typer.Typer(
    name="sagemaker-typed",
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: examples keep their line breaks, and an error is one line
)
# Texts of the service may look like markup or the name of an emoji.
console: Console = Console(highlight=False, markup=False, emoji=False)

# typer reads annotations at run time, and knows Optional in every version it supports.
Text = Optional[str]  # noqa: UP045


def _version(value: bool) -> None:
    if value:
        console.print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Amazon SageMaker, typed.

    KIND is a noun of the API in the singular: training-job, endpoint, model-package-group. Each command explains itself:
    sagemaker-typed COMMAND --help.

    Exit codes: 0 done, 1 failed, 2 usage, 3 stopped, 4 timed out, 5 not found, 6 no access or no credentials, 7 no answer
    from the service, 8 output lost, 130 interrupted, 141 output closed by its reader, 143 terminated.
    """


def demo(
    live: Annotated[bool, typer.Option("--live", help="Run on a real account instead of the embedded one.")] = False,
    role_arn: Annotated[Text, typer.Option(help="With --live: the role that SageMaker assumes.")] = None,
    bucket: Annotated[Text, typer.Option(help="With --live: the S3 bucket for the model and the result.")] = None,
    region: Annotated[Text, typer.Option(help="With --live: the AWS region.")] = None,
    profile: Annotated[Text, typer.Option(help="With --live: the AWS profile.")] = None,
) -> None:
    """Compile a small Keras model, from archive to artifact.

    Without options everything runs on this machine: an embedded SageMaker and S3 on loopback, no AWS account.

    \b
    Examples:
      sagemaker-typed demo
      sagemaker-typed demo --live --role-arn ARN --bucket NAME
    """
    from sagemaker_typed.cli.demo import Place, run

    if live and (role_arn is None or bucket is None):
        say("--live needs --role-arn and --bucket")
        raise typer.Exit(Exit.USAGE)
    try:
        place = (
            Place.live(role_arn or "", bucket or "", region=region, profile=profile)
            if live
            else Place.embedded(console)
        )
        with place:
            run(place, console)
    except ModuleNotFoundError as error:
        say(error)
        raise typer.Exit(Exit.USAGE) from None


_COMMANDS: Mapping[str, Callable[..., None]] = {
    "list": list_,
    "describe": describe,
    "search": search,
    "watch": watch,
    "wait": wait,
    "logs": logs,
    "template": template,
    "create": create,
    "update": update,
    "start": start,
    "stop": stop,
    "delete": delete,
    "run": run,
    "invoke": invoke,
    "docs": docs,
    "changes": changes,
    "migrate": migrate,
    "local": local,
    "demo": demo,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(errors_in_one_line()(_command))
