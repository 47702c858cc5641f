"""`sagemaker-typed local`: the embedded SageMaker in the foreground, for other processes and languages."""

from __future__ import annotations

import errno
import shlex
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sagemaker_typed.cli._common import Exit, Text, one_line, say, write

if TYPE_CHECKING:
    from sagemaker_typed.testing import LocalSageMaker

__all__ = ["local"]

_LOOK_SECONDS = 0.5
"""Seconds between checks: on Windows, a signal does not wake a waiting thread."""


def local(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on, at 127.0.0.1; 0 takes a free one.")
    ] = 5001,
    region: Annotated[str, typer.Option(help="The region of its resources.")] = "us-west-2",
    account_id: Annotated[Text, typer.Option(help="The account of its resources.")] = None,
    every: Annotated[
        float, typer.Option(min=0.0, help="Seconds that a job or an endpoint spends in each state.")
    ] = 1.0,
    samples: Annotated[
        bool,
        typer.Option("--samples", help="Answer operations without behaviour with a valid sample, not a 501."),
    ] = False,
    patterns: Annotated[
        bool, typer.Option("--patterns/--no-patterns", help="Refuse names and ARNs that break the service's patterns.")
    ] = True,
    max_request_mb: Annotated[int, typer.Option(min=1, help="The largest accepted request, in MiB.")] = 1024,
) -> None:
    """Run an embedded SageMaker until Ctrl-C or SIGTERM.

    It also serves the data plane, logs, metrics, tags, STS and S3. It listens on 127.0.0.1 only, and prints the environment
    variables that point the AWS SDKs of other processes to it. All of its data is gone when it ends.

    It is not a security boundary: it checks no signatures, and serves every program of this machine.

    \b
    Examples:
      sagemaker-typed local
      sagemaker-typed local --port 0 --region eu-central-1 --every 0.1
    """
    from sagemaker_typed.testing import LocalSageMaker

    try:
        server = LocalSageMaker(
            region=region,
            account_id=account_id,
            every=every,
            strict=not samples,
            check_patterns=patterns,
            port=port,
            max_request_bytes=max_request_mb << 20,
        )
        with _stop_signals() as stopped, server:
            _announce(server)
            while not stopped.wait(_LOOK_SECONDS):
                pass
    except OSError as error:
        in_use = "it is in use; choose another with --port, or a free one with --port 0"
        say(f"port {port}: {in_use if error.errno == errno.EADDRINUSE else one_line(error)}")
        raise typer.Exit(Exit.FAILED) from None
    except (ImportError, ValueError) as error:  # the extra is missing; the account ID is invalid
        say(error)
        raise typer.Exit(Exit.USAGE) from None


def _announce(server: LocalSageMaker) -> None:
    """Print text that a shell can read: `. <(...)`, or a file with the output."""
    lines = [
        f"# LocalSageMaker listens on {server.url}, for programs of this machine. Ctrl-C ends it.",
        "# It is not a security boundary: it checks no signatures. Any program that reaches the port can use it.",
        *(f"export {name}={shlex.quote(value)}" for name, value in server.environment().items()),
    ]
    write("\n".join(lines) + "\n")
    sys.stdout.flush()


@contextmanager
def _stop_signals() -> Generator[threading.Event, None, None]:
    """Yield an event that Ctrl-C and SIGTERM set, so that neither interrupts a stop under way."""
    stopped = threading.Event()

    def stop(number: int, frame: object) -> None:
        del number, frame
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
