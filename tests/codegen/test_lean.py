"""The modules of types in the wheel run as those of the repository do."""

from __future__ import annotations

import ast
from pathlib import Path

from sagemaker_typed.codegen.lean import lean, leaner
from tests.codegen.runs import PACKAGE

MODULE = '''"""Types of pens."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagemaker_typed.types.inks import Ink

WIDTH = 3


class Nib(OpenEnum):
    FINE = "fine"

    if TYPE_CHECKING:
        BROAD = "broad"
        """Deprecated."""
    __leaving__ = {"BROAD": ("broad", "0.9")}


class Pen(Structure):
    ink: Ink | None = None
    """Its ink."""

    if TYPE_CHECKING:

        def __init__(self, *, ink: Ink | None = None) -> None: ...

    else:
        _members = (
            Member("ink", "Ink"),
        )
'''

LEAN = '''"""Types of pens."""

from typing import TYPE_CHECKING


WIDTH = 3


class Nib(OpenEnum):
    FINE = "fine"

    if TYPE_CHECKING:
        BROAD = "broad"
        """Deprecated."""
    __leaving__ = {"BROAD": ("broad", "0.9")}


class Pen(Structure):
    ink: Ink | None = None
    """Its ink."""

    _members = (
        Member("ink", "Ink"),
    )
'''


def test_only_what_checkers_read_elsewhere_is_left_out() -> None:
    assert lean(MODULE) == LEAN


class _AsRun(ast.NodeTransformer):
    """Decides `if TYPE_CHECKING` as Python does."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return [self.visit(each) for each in node.orelse]
        return self.generic_visit(node)


def as_run(text: str) -> str:
    return ast.dump(_AsRun().visit(ast.parse(text)))


def test_every_lean_module_runs_as_before() -> None:
    texts = leaner(PACKAGE)
    assert {"types/__init__.py", "types/compilation_jobs.py", "types/shared/tag.py"} <= texts.keys()
    for path, text in texts.items():
        assert as_run(text) == as_run((PACKAGE / path).read_text(encoding="utf-8")), path
        assert "if TYPE_CHECKING" not in text, path


def test_a_lean_module_has_a_stub_beside_it_that_says_what_was_left_out() -> None:
    for path in leaner(PACKAGE):
        stub = ast.parse((PACKAGE / path).with_suffix(".pyi").read_text(encoding="utf-8"))
        for cls in ast.parse((PACKAGE / path).read_text(encoding="utf-8")).body:
            if isinstance(cls, ast.ClassDef) and _inits(cls):
                (told,) = [each for each in stub.body if isinstance(each, ast.ClassDef) and each.name == cls.name]
                assert _inits(told) == _inits(cls), f"{path}: {cls.name}"


def _inits(cls: ast.ClassDef) -> list[str]:
    found = [node for node in ast.walk(cls) if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return [ast.unparse(node.args) for node in found]


def test_what_the_runtime_reads_in_a_source_stays() -> None:
    """`typing.get_type_hints` finds what the signatures of methods name in the imports for checkers."""
    assert not [path for path in leaner(PACKAGE) if Path(path).name == "methods.py" or path.startswith("resources/")]
