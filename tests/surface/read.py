"""Reads the public surface of a package with that of its command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from sagemaker_typed.changes._surface import read as sources
from sagemaker_typed.changes._surface.entries import Entry, Function, Parameter, Surface

__all__ = ["read"]


def read(folder: Path, package: str = "sagemaker_typed") -> Surface:
    """The surface of the package in a folder, and its commands."""
    found = sources.read(folder, package)
    if not (folder / package / "cli").is_dir():
        return found
    return replace(found, entries={**found.entries, **_commands(folder, package)})


# --- the command line -------------------------------------------------------------------------------------------------

# In a process of its own, for it imports what it looks at.
_LIST = """
import json, typer.main
from {package}.cli.app import app
shown = lambda value: repr(str(value) if isinstance(value, str) else value)
found = typer.main.get_command(app)
kind = lambda each: "keyword" if each.param_type_name == "option" else "*" if each.nargs == -1 else "positional"
told = {{
    name: [
        (text, kind(each), bool(each.required), getattr(each, "is_flag", False), shown(each.default))
        for each in command.params
        for text in ([each.name] if each.param_type_name == "argument" else [*each.opts, *each.secondary_opts])
    ]
    for name, command in [("", found), *found.commands.items()]
}}
print(json.dumps(told))
"""


def _commands(folder: Path, package: str) -> dict[str, Entry]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _LIST.format(package=package)]
    told = subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Entry] = {}
    for name, options in json.loads(told).items():
        parameters = [
            # `--endpoint-url` is `__endpoint_url`
            Parameter(
                text.replace("-", "_"),
                kind,
                "bool" if flag else "str",
                None if required or kind == "*" else default,
            )
            for text, kind, required, flag, default in options
        ]
        parameters.sort(key=lambda each: ("positional", "*", "keyword").index(each.kind))
        found[f"cli.{name}" if name else "cli"] = Function(tuple(parameters))
    return found
