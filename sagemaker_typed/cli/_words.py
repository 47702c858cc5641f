"""The descriptions of classes and members, read from the sources of the generated modules."""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Mapping
from importlib.abc import InspectLoader
from typing import Any

__all__ = ["about_class", "about_member", "limits_of"]


def about_member(cls: type[Any], field: str) -> str:
    """Return the description of a field or of an enum's member; "" if there is none."""
    return _paragraph(_on(cls, field), 0)


def limits_of(cls: type[Any], field: str) -> str:
    """Return the limits of a field's value, such as "1 to 63 characters"; "" if there are none."""
    facts = _paragraph(_on(cls, field), 1).partition("; pattern `")[0].rstrip(".").split("; ")
    return "; ".join(fact for fact in facts if fact and fact != "required" and not fact.startswith(_NO_LIMITS))


_NO_LIMITS = ("Wire name", "pattern", "https://")


def _on(cls: type[Any], field: str) -> str:
    return next((words[field] for base in cls.__mro__ if field in (words := _of_class(base))), "")


def about_class(cls: type[Any]) -> str:
    """Return the first paragraph of a class's docstring."""
    return _paragraph(_of_class(cls).get("", ""), 0)


def _of_class(cls: type[Any]) -> Mapping[str, str]:
    if not cls.__module__.startswith("sagemaker_typed."):
        return {}
    return _of_module(cls.__module__).get(cls.__name__, {})


@functools.cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return class -> field -> description. Python keeps no docstrings of attributes, so the source is read."""
    spec = importlib.util.find_spec(name)
    loader = spec.loader if spec is not None else None
    source = loader.get_source(name) if isinstance(loader, InspectLoader) else None
    if source is None:
        return {}  # an installation without sources has no descriptions
    return {node.name: _in_class(node) for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _in_class(node: ast.ClassDef) -> Mapping[str, str]:
    found = {"": ast.get_docstring(node) or ""}
    for target, after in zip(node.body, node.body[1:], strict=False):
        name = _target(target)
        match after:
            case ast.Expr(value=ast.Constant(value=str(text))) if name is not None:
                found[name] = text
            case _:
                pass
    return found


def _target(node: ast.stmt) -> str | None:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None


def _paragraph(text: str, index: int) -> str:
    parts = text.strip().split("\n\n")
    return " ".join(parts[index].split()) if index < len(parts) else ""
