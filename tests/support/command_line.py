"""Runs the command line in this process."""

import inspect
from typing import Any

from typer.testing import CliRunner


def runner() -> CliRunner:
    """One that keeps standard output and standard error apart, as click does by itself from 8.2 on."""
    apart: dict[str, Any] = {"mix_stderr": False}
    return CliRunner(**(apart if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters else {}))
