"""The command line: `sagemaker-typed`, also `python -m sagemaker_typed`. Needs the extra `cli`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; say which extra is missing where typer or rich is."""
    try:
        from sagemaker_typed.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "typer"):
            raise
        print(
            f"the command line needs {error.name}; install it with: pip install 'sagemaker-typed[cli]'", file=sys.stderr
        )
        raise SystemExit(2) from None
    try:
        app()
    except KeyboardInterrupt:  # before a command had begun
        raise SystemExit(130) from None
