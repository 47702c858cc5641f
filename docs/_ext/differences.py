"""Writes the intended differences from boto3, `docs/_data/differences.toml`, for "Coming from boto3".

`tests/seams` uses the same list to compare the library with boto3.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import table
from reference import write

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/differences"


def pages(differences: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    rows = [tuple(each[key].replace("|", r"\|") for key in ("boto3", "here", "why")) for each in differences]
    return {"list.md": table(("boto3", "sagemaker_typed", "why"), rows, "lll")}


def _generate(app: Sphinx) -> None:
    source = Path(app.srcdir)
    data = tomllib.loads((source / "_data" / "differences.toml").read_text(encoding="utf-8"))
    write(pages(data["difference"]), source / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
