"""Pydantic support for open enums: validation of texts, and the JSON schema.

pydantic is not a dependency: only pydantic itself causes an import of this module.
"""

from __future__ import annotations

from typing import Any

__all__ = ["core_schema_of_enum", "json_schema_of_enum"]


def core_schema_of_enum(cls: Any) -> Any:
    """Return the core schema of an open enum: any text is one of its members."""
    from pydantic_core import core_schema

    return core_schema.no_info_after_validator_function(
        cls,
        core_schema.str_schema(),
        ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        serialization=core_schema.to_string_ser_schema(when_used="json"),
    )


def json_schema_of_enum(cls: Any, schema: Any, handler: Any) -> dict[str, Any]:
    """Return the JSON schema: a string with the values that this version knows.

    The values are in `x-extensible-enum`, because `enum` would forbid values that the service adds later.
    """
    found = handler(schema)
    text: dict[str, Any] = handler.resolve_ref_schema(found)
    values = [member.value for member in cls]
    text.update(title=cls.__name__)
    if cls.__doc__:
        text.update(description=cls.__doc__)
    if values:
        text.update({"examples": values[:1], "x-extensible-enum": values})
    return found  # type: ignore[no-any-return]
