"""The command line: `sagemaker-typed`, or `python -m sagemaker_typed`. Needs the extra `cli`."""

from __future__ import annotations

import sys

__all__ = ["main"]

_USAGE, _NO_OUTPUT, _INTERRUPTED, _READER_GONE, _TERMINATED = 2, 8, 130, 141, 143


def main() -> None:
    """Run the command line. Without typer or rich, say which extra is missing."""
    from sagemaker_typed.cli._streams import OutputLost, Terminated, finish, guard

    guard()
    try:
        try:
            _run()
        finally:
            finish()
    except OutputLost as lost:
        if lost.reader_has_gone:
            raise SystemExit(_READER_GONE) from None
        print(f"the output could not be written: {lost}", file=sys.stderr)
        raise SystemExit(_NO_OUTPUT) from None
    except Terminated:  # before a command began
        print("terminated", file=sys.stderr)
        raise SystemExit(_TERMINATED) from None
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(_INTERRUPTED) from None


def _run() -> None:
    try:
        from sagemaker_typed.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "typer"):
            raise
        print(
            f"the command line needs {error.name}; install it with: pip install 'sagemaker-typed[cli]'", file=sys.stderr
        )
        raise SystemExit(_USAGE) from None
    app()
