"""Writes `after` anew: `python -m tests.migrate`. Read the difference before you commit it."""

from __future__ import annotations

from pathlib import Path

from sagemaker_typed.cli._rewriting import rewrite

HERE = Path(__file__).parent

for before in sorted((HERE / "before").glob("*.py")):
    (HERE / "after" / before.name).write_bytes(rewrite(before.read_bytes()).source)
