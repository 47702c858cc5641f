"""The signature of a generated class for `inspect.signature`: its keywords, with real types.

This module must not import `structure`, which imports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import Parameter, Signature
from typing import Any, cast

from sagemaker_typed._core.convert.annotations import resolve
from sagemaker_typed._core.convert.members import member_annotations
from sagemaker_typed.enums import OpenEnum

__all__ = ["signature_of"]


@cache
def signature_of(cls: Any) -> Signature:
    """Return the signature of a generated class; a parameter for an enum also accepts `str`."""
    import attrs

    types = {member.field: _type(annotation, cls._service.types) for member, annotation in member_annotations(cls)}
    types["unknown_members"] = Mapping[str, Any]
    fields = sorted(attrs.fields(cls), key=lambda field: field.name not in types or field.name == "unknown_members")
    return Signature(
        [
            Parameter(
                field.name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if field.default is attrs.NOTHING else field.default,
                annotation=types.get(field.name, type(field.default)),
            )
            for field in fields
        ],
        return_annotation=None,
    )


def _type(annotation: str, names: Any) -> Any:
    type_: Any = resolve(annotation, names)
    if isinstance(type_, type) and issubclass(type_, OpenEnum):
        type_ = cast("Any", type_) | str
    found: Any = type_  # pyright: ignore[reportUnknownVariableType]
    return found | None if annotation.endswith(" | None") else found
