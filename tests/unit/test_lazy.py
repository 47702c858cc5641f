"""Packages whose names are imported when they are first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sagemaker_typed._core.lazy import attach


def test_a_private_name_is_not_looked_up() -> None:
    """Python and its tools ask every module for `__wrapped__`, `__path__` and the like; that must import nothing."""
    get, _ = attach("no_such_package")
    for name in ("__wrapped__", "_private"):
        with pytest.raises(AttributeError, match=f"^module 'no_such_package' has no attribute '{name}'$"):
            get(name)
    with pytest.raises(ModuleNotFoundError):
        get("public")


def test_a_star_import_brings_every_name() -> None:
    code = "from sagemaker_typed.types import *\nprint(Tag.__name__, 'attach' in globals(), len(globals()) > 2000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Tag", "False", "True"]
