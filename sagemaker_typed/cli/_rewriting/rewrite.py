"""Rewrites one module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst import metadata

from sagemaker_typed.cli._rewriting.inference import Inference
from sagemaker_typed.cli._rewriting.plan import RewritePlan

__all__ = ["MARK", "Rewritten", "UnreadableError", "rewrite"]

MARK = "# sagemaker-typed: "
_WIDTH = 88


class UnreadableError(ValueError):
    """The source is no Python that can be read."""


@dataclass(frozen=True)
class Rewritten:
    """The new source, and what was left to a person: line numbers of the old source, each with a remark."""

    source: bytes
    remarks: tuple[tuple[int, str], ...]


def rewrite(source: bytes) -> Rewritten:
    """Rewrite the uses of boto3's SageMaker client in a module.

    Raises `UnreadableError` for what is no Python.
    """
    if b"boto3" not in source:
        return Rewritten(source, ())
    try:
        module = cst.parse_module(source)
    except (cst.ParserSyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UnreadableError(_reason(error)) from error
    wrapper = metadata.MetadataWrapper(module)
    inference = Inference(wrapper)
    plan = RewritePlan(wrapper.module, inference)
    if not plan.edits and not plan.comments:
        return Rewritten(source, ())
    positions = wrapper.resolve(metadata.PositionProvider)
    remarks = [(positions[node].start.line, text) for node, texts in plan.comments.items() for text in texts]
    changed = wrapper.module.visit(_PlanApplied(plan))
    changed = _without_boto3(_with_imports(changed, plan.imports))
    return Rewritten(changed.bytes, tuple(sorted(remarks)))


def _reason(error: Exception) -> str:
    if isinstance(error, cst.ParserSyntaxError):
        return f"line {error.raw_line}: {error.message}"
    return str(error)


class _PlanApplied(cst.CSTTransformer):
    """Applies a plan."""

    def __init__(self, plan: RewritePlan) -> None:
        super().__init__()
        self.plan = plan

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        updated = super().on_leave(original_node, updated_node)
        for edit in self.plan.edits.get(original_node, ()):
            updated = edit(updated)
        if original_node in self.plan.wraps:
            updated = self.plan.wraps[original_node](updated)
        texts = self.plan.comments.get(original_node, ())
        if texts and isinstance(updated, cst.CSTNode):
            lines = [cst.EmptyLine(comment=cst.Comment(MARK + text)) for text in texts]
            updated = updated.with_changes(leading_lines=[*updated.leading_lines, *lines])  # type: ignore[attr-defined]
        if original_node in self.plan.removed:
            return cst.RemoveFromParent()
        if isinstance(updated, cst.IndentedBlock) and not updated.body:
            return updated.with_changes(body=[cst.SimpleStatementLine([cst.Pass()])])
        return updated


# --- imports ----------------------------------------------------------------------------------------------------------


def _with_imports(module: cst.Module, names: set[tuple[str, str]]) -> cst.Module:
    """The module with imports of what it uses."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for source, each in sorted(names):
        wanted[source].append(each)
    lines = [cst.parse_statement(text) for text in _imports(wanted)]
    body = list(module.body)
    at = next((number for number, line in reversed(list(enumerate(body))) if _is_import(line)), None)
    at = _after_docstring(body) if at is None else at + 1
    body[at:at] = lines
    return module.with_changes(body=body)


def _imports(wanted: Mapping[str, list[str]]) -> Iterator[str]:
    for source, names in sorted(wanted.items()):
        line = f"from {source} import {', '.join(names)}"
        yield line if len(line) <= _WIDTH else f"from {source} import (\n    " + ",\n    ".join(names) + ",\n)"


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Import | cst.ImportFrom)


def _after_docstring(body: list[Any]) -> int:
    line = body[0] if body else None
    first = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return (
        1 if isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString) else 0
    )


def _without_boto3(module: cst.Module) -> cst.Module:
    """The module without `import boto3` where nothing uses it any more."""
    wrapper = metadata.MetadataWrapper(module)
    unused = set(_unused(wrapper))
    body: list[Any] = []
    kept: list[cst.EmptyLine] = []
    for line in wrapper.module.body:
        only = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        if only in unused and _is_boto3(only):
            kept = [*kept, *line.leading_lines]
        else:
            body.append(line.with_changes(leading_lines=[*kept, *line.leading_lines]) if kept else line)
            kept = []
    return wrapper.module.with_changes(body=body)


def _unused(wrapper: metadata.MetadataWrapper) -> Iterator[cst.CSTNode | None]:
    """The assignments, imports among them, that nothing refers to."""
    for scope in set(wrapper.resolve(metadata.ScopeProvider).values()) - {None}:
        assert scope is not None
        for assignment in scope.assignments:
            if not list(assignment.references):
                yield getattr(assignment, "node", None)


def _is_boto3(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.Import) and [each.evaluated_name for each in node.names] in (
        ["boto3"],
        ["boto3.session"],
    )
