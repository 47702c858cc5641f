"""The text of generated docstrings: our own words first, then the facts of the model, in Google-style sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .kept import Leaving
from .plan import EnumPlan, Field, OperationPlan, StructurePlan
from .text import annotation, bounds, unit

ERRORS = {
    "AccessDeniedException": "AccessDeniedError",
    "AccessForbidden": "AccessDeniedError",
    "ConflictException": "ConflictError",
    "ResourceAlreadyExists": "ResourceAlreadyExistsError",
    "ResourceInUse": "ResourceInUseError",
    "ResourceLimitExceeded": "ResourceLimitExceededError",
    "ModelError": "ModelError",
    "ModelNotReadyException": "ModelNotReadyError",
    "ModelStreamError": "ModelStreamError",
    "ResourceNotFound": "ResourceNotFoundError",
    "ResourceNotFoundException": "ResourceNotFoundError",
    "ServiceQuotaExceededException": "ResourceLimitExceededError",
}
"""An error of the model -> the class that is raised."""
_CAUSES = {
    "AccessDeniedError": "The credentials do not allow the call.",
    "ConflictError": "The state of the resource does not allow the call, or another change came first.",
    "ModelError": "The model failed.",
    "ModelNotReadyError": "The model is still loading; try again later.",
    "ModelStreamError": "The model failed during its streamed response.",
    "ResourceAlreadyExistsError": "A resource of this name exists already.",
    "ResourceInUseError": "The name is taken, or the resource is busy or used by another one.",
    "ResourceLimitExceededError": "A quota of the account is used up.",
    "ResourceNotFoundError": "A resource that the call names does not exist.",
}
_ANY_CALL = ("SageMakerError", "The call failed for another reason; see `sagemaker_typed.errors`.")
_SHORT = 50
"""Length of the longest pattern shown in the description of an argument."""
_ODD_TEXT = "A text: \u00e9, ?; </a>"
"""A text that only a pattern without restrictions matches."""
_SHOWN = 3
"""Number of fields of a large response that are named."""

Line = tuple[str, str]
"""A name and its description."""


def section(title: str, lines: Iterable[Line]) -> list[str]:
    """A section of a docstring, followed by an empty line; empty if there are no lines."""
    text = [f"    {name}: {said}" for name, said in lines]
    return [f"{title}:", *text, ""] if text else []


def example(code: str) -> list[str]:
    """An example, shown as code."""
    return ["Example::", "", *(f"    {line}" for line in code.strip().splitlines()), ""] if code else []


# --- fields and values ------------------------------------------------------------------------------------------------


def argument(field: Field) -> str:
    """The description of an argument, on one line because editors show only one."""
    rule = field.type.rule
    words = field.words or f"`{field.wire}`."
    facts = [
        bounds(field.type) if rule and not _names(words, rule.max) else "",
        f"pattern `{rule.pattern}`" if rule and rule.pattern and _telling(rule.pattern) else "",
        _unit(field, words),
    ]
    flags = {
        "needs a time zone": field.type.kind == "timestamp",
        "JSON": field.type.kind == "json" and "JSON" not in words,
        "or a mapping from key to value": bool(field.type.from_mapping),
        "or a mapping, which is written as JSON": field.type.dumps,
        "a fresh UUID by default": field.token,
        "deprecated": field.deprecated and not field.leaving,
    }
    facts += [_leaving(field.leaving)]
    said = "; ".join([*filter(None, facts), *(fact for fact, holds in flags.items() if holds)])
    return f"{words} {said[:1].upper()}{said[1:]}." if said else words


def field(field: Field) -> list[str]:
    """The docstring below a field."""
    words = field.words
    facts = _facts(field, words or "")
    return [words, "", *facts] if words else facts


def _facts(field: Field, words: str) -> list[str]:
    rule = field.type.rule
    flags = {
        "UTC": field.type.kind == "timestamp",
        "a JSON text": field.type.kind == "json",
        "secret": rule is not None and rule.sensitive,
        "with secret values": rule is not None and rule.items is not None and rule.items.sensitive,
        "a fresh UUID if left out": field.token,
        "deprecated": field.deprecated and not field.leaving,
    }
    facts = [
        f"Wire name `{field.wire}`",
        ("the service may leave it out" if field.optional else "required") if field.required else "",
        bounds(field.type),
        _unit(field, words),
        *(fact for fact, holds in flags.items() if holds),
        _leaving(field.leaving),
    ]
    return _with_pattern("; ".join(filter(None, facts)) + ".", rule.pattern if rule else None)


def _leaving(leaving: Leaving | None) -> str:
    """How long a name stays that the service took back; empty for others."""
    return f"deprecated since {leaving.since}, goes in {leaving.until}" if leaving else ""


def _gone(leaving: Leaving | None) -> list[str]:
    """A paragraph about a class or a method that the service took back; empty for others."""
    return [f"Deprecated since {leaving.since}; goes in {leaving.until}.", ""] if leaving else []


def _with_pattern(text: str, pattern: str | None) -> list[str]:
    """A line of facts and the pattern, which goes on the same line if it is short enough."""
    if pattern is None:
        return [text]
    if len(text) + len(pattern) < 95 and "`" not in pattern:
        return [f"{text[:-1]}; pattern `{pattern}`."]
    return [text, "", f"Pattern: `{pattern}`"]


def _unit(field: Field, words: str) -> str:
    """The unit that the name of a field ends with; empty if the words mention it."""
    measure = unit(field.name)
    return f"in {measure}" if measure and measure.lower() not in words.lower() else ""


def _names(words: str, number: float | None) -> bool:
    """Whether the words say the upper bound themselves."""
    if number is None:
        return False
    digits = re.findall(r"\d+", words.replace(",", ""))
    return str(int(number)) in digits


def _telling(pattern: str) -> bool:
    """Whether a pattern is short enough for one line and refuses at least some texts."""
    return len(pattern) <= _SHORT and "`" not in pattern and re.fullmatch(pattern, _ODD_TEXT) is None


# --- classes ----------------------------------------------------------------------------------------------------------


def structure(structure: StructurePlan, operation: OperationPlan | None, link: str) -> list[str]:
    """The docstring of a structure. `operation` is the operation of a request or response."""
    lines = [structure.words or _derived(structure, operation), ""]
    if structure.role == "plain" and structure.words:
        lines += [f"Used by {used_by(structure.used_by)}.", ""] if structure.used_by else []
    lines += _gone(structure.leaving)
    if structure.union:
        lines += ["A union: set exactly one member.", ""]
    return [*lines, link]


def _derived(structure: StructurePlan, operation: OperationPlan | None) -> str:
    """The first line for a structure without words in the overlay."""
    if operation is None:
        return f"Part of {used_by(structure.used_by)}."
    if structure.role == "request":
        words = operation.words
        return (
            f"Request of `{operation.name}`: {words[0].lower()}{words[1:]}"
            if words
            else f"Request of `{operation.name}`."
        )
    if operation.paging and not operation.paging.describes:
        return f"Response of `{operation.name}`: one page of {_listed(operation.paging.items)}."
    if not structure.fields:
        return f"Response of `{operation.name}`, which has no fields."
    return f"Response of `{operation.name}`, with {_listed(structure.fields)}."


def enum(enum: EnumPlan) -> list[str]:
    """The docstring of an enum."""
    users = used_by(enum.used_by)
    leaving = ["", *_gone(enum.leaving)[:1]] if enum.leaving else []
    if enum.words and enum.used_by:
        return [enum.words, "", f"Used by {users}.", *leaving]
    return [enum.words or f"Part of {users}.", *leaving]


def used_by(operations: tuple[str, ...]) -> str:
    """The names of the first operations that use a shape, and the number of the others."""
    if not operations:
        return "the model, but by none of its operations"
    shown = ", ".join(f"`{name}`" for name in operations[:3])
    more = len(operations) - 3
    return f"{shown} and {more} more operation{'s' if more > 1 else ''}" if more > 0 else shown


def _listed(fields: Sequence[Field]) -> str:
    """The names of a few fields, and how many more there are."""
    # "1 more field" would be as long as the name of the field.
    few = fields if len(fields) <= _SHOWN + 1 else fields[:_SHOWN]
    names = [f"`{field.name}`" for field in few]
    if len(few) < len(fields):
        names.append(f"{len(fields) - len(few)} more fields")
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


# --- methods ----------------------------------------------------------------------------------------------------------


def method(
    operation: OperationPlan,
    arguments: Iterable[Line],
    code: str,
    link: str,
    *,
    pages: bool,
    refused: Iterable[Line] = (),
) -> list[str]:
    """The docstring of the method that calls an operation; `refused` are errors that this library raises."""
    return [
        operation.words or f"Send `{operation.name}`.",
        "",
        *_gone(operation.leaving),
        *section("Args", arguments),
        *_returns(operation, pages=pages),
        *section("Raises", [*refused, *raised(operation)]),
        *example(code),
        link,
    ]


def _returns(operation: OperationPlan, *, pages: bool) -> list[str]:
    response = operation.response
    if pages and operation.paging:
        return ["Returns:", f"    {_of_pages(operation)}", ""]
    if response is None:
        return []
    if len(response.fields) == 1 and (words := response.fields[0].words):
        # No colon: parsers of Google-style sections take the text before a colon for a type.
        return ["Returns:", f"    The response, with `{response.fields[0].name}` ({words.removesuffix('.')}).", ""]
    said = (
        f"The response, with {_listed(response.fields)}." if response.fields else "The response, which has no fields."
    )
    return ["Returns:", f"    {said}", ""]


def _of_pages(operation: OperationPlan) -> str:
    assert operation.paging is not None
    items = " and ".join(f"`{annotation(field.type.item or field.type)}`" for field in operation.paging.items)
    size = operation.paging.size
    how_many = f"up to {size} at a time" if size else "page by page"
    return f"Pages: iterate over the {items} items, which are fetched {how_many}; `by_page()` yields whole responses."


def raised(operation: OperationPlan) -> list[Line]:
    """The errors that the model names for an operation, and `SageMakerError` for all others."""
    names = sorted({ERRORS[name] for name in operation.errors if name in ERRORS})
    return [*((name, _CAUSES[name]) for name in names), _ANY_CALL]


def constructor(structure: StructurePlan, operation: OperationPlan | None) -> list[str]:
    """The docstring of the `__init__` of a class."""
    lines = section("Args", [(field.name, argument(field)) for field in structure.fields])
    return [structure.words or _derived(structure, operation), "", *lines[:-1]] if lines else []
