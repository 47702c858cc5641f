"""Packages whose names are imported when they are first asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import pytest

from sagemaker_typed._core.lazy import Names, attach


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


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("attached")
    monkeypatch.setitem(sys.modules, "attached", module)
    get, names = attach("json", {"JSONDecoder": "decoder", "decoder": "", "tool": ""}, module="attached")
    module.__getattr__ = get  # type: ignore[method-assign]
    assert names() == ["JSONDecoder", "decoder", "tool"]
    assert module.JSONDecoder is json.JSONDecoder
    assert module.decoder is json.decoder
    assert vars(module).keys() >= {"JSONDecoder", "decoder"}
    for name in ("_JSONDecoder", "nothing"):
        with pytest.raises(AttributeError, match=f"module 'attached' has no attribute '{name}'"):
            getattr(module, name)


def test_whether_a_module_is_imported_already(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names("json", {"JSONDecoder": "decoder", "Other": "elsewhere"})
    assert names.imported("JSONDecoder")
    assert not names.imported("Other")
    assert not names.imported("unknown")
    monkeypatch.delitem(sys.modules, "json.decoder")
    assert not names.imported("JSONDecoder")
