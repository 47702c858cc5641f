"""The demo, with a clock of its own; and the command line around it."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from rich.console import Console

from sagemaker_typed import __version__
from sagemaker_typed.cli.app import app
from sagemaker_typed.cli.demo import Place, run
from tests.support.clock import FakeTime
from tests.support.command_line import runner


def test_the_demo_compiles_a_model_end_to_end() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=120)
    with Place.embedded(console, FakeTime().clock) as place:
        run(place, console)
    text = screen.getvalue()
    assert re.search(r"STARTING\n.*INPROGRESS\n.*COMPLETED\n", text)
    assert "-sitara_am57x.tar.gz" in text
    assert "12 jobs in 3 pages" in text
    assert re.search(r"WaitFailedError: compilation job '\S+-fails' failed after \d+s: ClientError: .*FAILED", text)


def test_live_needs_a_role_and_a_bucket() -> None:
    result = runner().invoke(app, ["demo", "--live"])
    assert result.exit_code == 2
    assert result.stderr == "--live needs --role-arn and --bucket\n"


def test_no_credentials_are_one_line_and_no_traceback() -> None:
    result = runner().invoke(
        app, ["demo", "--live", "--role-arn", "arn:aws:iam::1:role/x", "--bucket", "b", "--region", "us-west-2"]
    )
    assert result.exit_code == 6
    assert result.stderr.splitlines()[-1] == "Unable to locate credentials"


@pytest.mark.parametrize("arguments", [["--version"], ["demo", "--help"]])
def test_the_module_is_the_command_line(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagemaker_typed", *arguments], capture_output=True, text=True, check=True
    )
    assert (__version__ if "--version" in arguments else "--live") in done.stdout
    assert done.stderr == ""
