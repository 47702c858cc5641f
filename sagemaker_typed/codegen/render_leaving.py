"""The source of what the service took back: `@deprecated` for checkers, and the warnings that users see at run time."""

from __future__ import annotations

from .kept import Leaving
from .plan import EnumPlan, Field, OperationPlan, StructurePlan
from .text import annotation, quote

_OF_FIELD = {
    "request": "Leave it out: it is still sent, but the service may ignore or refuse it.",
    "response": "Do not read it: it is None where the service no longer sends it.",
    "plain": "Leave it out: it is still sent and read, but the service may ignore or refuse it, or no longer send it.",
}
_OF_CALL = "Do not call it: it is still sent, but the service may refuse it."
_OF_CLASS = "Do not use it: no operation that the service still has takes or gives it."


def of_value(enum: str, name: str, text: str, leaving: Leaving) -> str:
    """The warning for one value of an enum."""
    return leaving.message(f"{enum}.{name}", f"Where it is still meant, write {enum}({text!r}).")


def of_field(structure: StructurePlan, field: Field) -> str:
    """The warning for a member."""
    return _said(field.leaving).message(f"{structure.name}.{field.name}", _OF_FIELD[structure.role])


def of_fields(structure: StructurePlan) -> str:
    """The warning for an overload with all members that go."""
    messages = (of_field(structure, field) for field in structure.leaving_fields)
    return " ".join(messages)


def of_operation(operation: OperationPlan) -> str:
    """The warning for a method, and for its request: every call makes one."""
    return _said(operation.leaving).message(f"{operation.path} ({operation.name})", _OF_CALL)


def of_enum(enum: EnumPlan) -> str:
    """The line above an enum; empty for one that the service has."""
    return mark(enum.leaving.message(enum.name, _OF_CLASS)) if enum.leaving else ""


def of_structure(structure: StructurePlan, operation: OperationPlan | None) -> str:
    """The line above a structure; empty for one that the service has. `operation` is that of a request or a response."""
    if operation is not None and operation.leaving and structure.role == "request":
        return mark(of_operation(operation))
    return mark(structure.leaving.message(structure.name, _OF_CLASS)) if structure.leaving else ""


def _said(leaving: Leaving | None) -> Leaving:
    assert leaving is not None
    return leaving


def mark(message: str, indent: str = "") -> str:
    """The line above a class or a function that goes."""
    return f"{indent}@deprecated({quote(message)})\n"


def accessors(structure: StructurePlan, *, loose: bool) -> list[str]:
    """The members that go, as properties for checkers: those can show that reading or setting one is deprecated."""
    lines: list[str] = []
    for field in structure.leaving_fields:
        decorator = mark(of_field(structure, field), " " * 8).rstrip("\n")
        type_ = _optional(annotation(field.type, loose=loose))
        given = _optional(annotation(field.type, loose=loose or field.type.converted, literal=field.type.converted))
        lines += ["        @property", decorator, f"        def {field.name}(self) -> {type_}: ...", ""]
        if structure.role != "response":
            # mypy shows that reading a property is deprecated only where nothing sets it.
            lines += [f"        @{field.name}.setter", decorator]
            lines += [f"        def {field.name}(self, value: {given}) -> None: ...", ""]
    return lines


def _optional(type_: str) -> str:
    return type_ if type_ == "Any" else f"{type_} | None"


def constructors(structure: StructurePlan, without: str, with_all: str) -> list[str]:
    """The `__init__` without the members that go, and the deprecated one with them."""
    return [
        "        @overload",
        f"        def __init__({without}) -> None: ...",
        "        @overload",
        mark(of_fields(structure), " " * 8).rstrip("\n"),
        f"        def __init__({with_all}) -> None: ...",
        "        def __init__(self, **_: Any) -> None: ...",
    ]


def facts(structure: StructurePlan) -> list[str]:
    """What the class knows of its members that go at run time."""
    if not structure.leaving_fields:
        return []
    told = ", ".join(f"{quote(field.name)}: {quote(of_field(structure, field))}" for field in structure.leaving_fields)
    return [f"_leaving = {{{told}}}"]
