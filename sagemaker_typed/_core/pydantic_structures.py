"""Pydantic support for generated classes: validation, serialization, and the JSON schema.

pydantic is not a dependency: only pydantic itself causes an import of this module. It must not import `structure`, which
imports it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, get_args

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.annotations import origin, resolve, words
from sagemaker_typed._core.convert.members import member_annotations
from sagemaker_typed._core.convert.plain import BYTES, UNKNOWN, Form, is_structure, plain
from sagemaker_typed._core.masks import Hiding

__all__ = ["core_schema_of_structure", "json_schema_of_structure"]

_BEGUN: ContextVar[set[Any] | None] = ContextVar("begun", default=None)
"""Classes whose schemas are done or in progress in the current request of pydantic; shapes may be recursive."""


def core_schema_of_structure(cls: Any, handler: Any) -> Any:
    """Return the core schema of a generated class. Valid values are its objects and mappings of its fields.

    Types and required members are checked. Bounds and patterns are only in the JSON schema: the service may loosen them,
    and sending a request checks them.
    """
    from pydantic_core import core_schema

    ref = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
    begun = _BEGUN.get()
    if begun is None:
        token = _BEGUN.set(set())
        try:
            return core_schema_of_structure(cls, handler)
        finally:
            _BEGUN.reset(token)
    if cls in begun:
        return core_schema.definition_reference_schema(ref)
    begun.add(cls)

    required = {name for name, parameter in _parameters(cls).items() if parameter}
    fields = {
        member.field: core_schema.typed_dict_field(
            handler.generate_schema(_type_of(cls, member, annotation)), required=member.field in required
        )
        for member, annotation in member_annotations(cls)
    }
    members = core_schema.typed_dict_schema(fields, cls=cls, cls_name=cls.__name__, extra_behavior="forbid")

    def build(value: Any, check: Any) -> Any:
        if isinstance(value, cls):
            return value
        unknown: dict[str, Any] = {}
        if is_mapping(value) and is_mapping(value.get(UNKNOWN)):
            value = {**value}
            unknown = {UNKNOWN: value.pop(UNKNOWN)}
        return cls(**check(value), **unknown)

    build.__qualname__ = build.__name__ = cls.__name__  # pydantic's errors begin with the name
    return core_schema.no_info_wrap_validator_function(
        build,
        members,
        ref=ref,
        serialization=core_schema.plain_serializer_function_ser_schema(_written, info_arg=True),
    )


def json_schema_of_structure(schema: Any, handler: Any) -> dict[str, Any]:
    """Return the JSON schema of a generated class. It allows other members, because of `unknown_members`."""
    found: dict[str, Any] = handler(schema)
    handler.resolve_ref_schema(found).pop("additionalProperties", None)
    return found


def _parameters(cls: Any) -> dict[str, bool]:
    """Return the members that are required to make an object."""
    import attrs

    return {field.name: field.default is attrs.NOTHING for field in attrs.fields(cls)}


def _written(value: Any, info: Any) -> Any:
    """Serialize an object for pydantic: like `to_dict`, or with the values of `to_json`."""
    if not is_structure(value):
        return value  # not validated by pydantic, which warns of it
    exclude_none = info.exclude_none or info.exclude_unset or info.exclude_defaults
    written = plain(value, Form(json=info.mode_is_json(), exclude_none=exclude_none))
    return _chosen(written, info.include, info.exclude)


# --- include and exclude ----------------------------------------------------------------------------------------------


def _chosen(value: Any, include: Any, exclude: Any) -> Any:
    """Apply pydantic's `include` and `exclude` to a dict or a list, at every depth."""
    if include is None and exclude is None:
        return value
    if is_mapping(value):
        return dict(_kept(value.items(), include, exclude))
    if is_list(value):
        return [item for _, item in _kept(enumerate(value), include, exclude)]
    return value


def _kept(pairs: Iterable[tuple[Any, Any]], include: Any, exclude: Any) -> Iterator[tuple[Any, Any]]:
    for key, item in pairs:
        wanted, whole, inner = _below(include, key)
        out, all_of_it, outer = _below(exclude, key)
        if (include is None or wanted) and not (out and all_of_it):
            yield key, _chosen(item, None if whole else inner, outer if out else None)


def _below(choice: Any, key: Any) -> tuple[bool, bool, Any]:
    """Return whether a choice names a key, whether it takes the whole value, and otherwise the choice for its parts."""
    if is_mapping(choice):
        found = choice.get(key, choice.get("__all__"))
        named = found is not None and found is not False
        whole = found is True or found is ...
        return named, whole, None if whole else found
    named = choice is not None and (key in choice or "__all__" in choice)
    return named, True, None


_STREAMS = frozenset({"EventStream", "StreamedBody"})
"""Names of types that can be read only once and have no JSON form."""


# --- members ----------------------------------------------------------------------------------------------------------


def _type_of(cls: Any, member: Any, annotation: str) -> Any:
    """Return the type that pydantic validates a member with."""
    if words(annotation) & _STREAMS:
        return Any
    if words(annotation) & BYTES:
        type_: Any = Annotated[bytes, _Base64()]
    else:
        type_ = _narrowed(resolve(annotation, cls._service.types), member)
    return type_ | None if annotation.endswith(" | None") else type_


def _narrowed(type_: Any, rule: Hiding | None) -> Any:
    """Return a type with the model's rules for its values; sequences and mappings become lists and dicts."""
    if type_ is datetime:
        from pydantic import AwareDatetime

        return AwareDatetime
    kind = origin(type_)
    if kind is not None:
        args = get_args(type_)
        rules = (
            [getattr(rule, "items", None)]
            if kind is list
            else [getattr(rule, "keys", None), getattr(rule, "items", None)]
        )
        holder: Any = kind
        type_ = holder[tuple(map(_narrowed, args, rules))]
    if rule is None or not any(getattr(rule, name) is not None for name in ("min", "max", "pattern")):
        return type_
    return Annotated[type_, _Bounds(rule, kind or type_)]


_WORDS: Mapping[Any, tuple[str, str]] = {
    str: ("minLength", "maxLength"),
    int: ("minimum", "maximum"),
    float: ("minimum", "maximum"),
    list: ("minItems", "maxItems"),
    dict: ("minProperties", "maxProperties"),
}


class _Bounds:
    """Adds the model's rules for a value to a JSON schema."""

    def __init__(self, rule: Any, kind: Any) -> None:
        self._rule, self._kind = rule, kind

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        found: dict[str, Any] = handler(schema)
        if self._kind not in _WORDS:
            return found
        for name, value in zip(_WORDS[self._kind], (self._rule.min, self._rule.max), strict=True):
            if value is not None:
                found[name] = value
        if self._rule.pattern is not None:
            found["pattern"] = f"^(?:{self._rule.pattern})$"  # the model's patterns match the whole value
        return found


class _Base64:
    """Accept bytes, or a base64 text in JSON."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(_bytes)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64"}


def _bytes(value: Any) -> Any:
    return b64decode(value, validate=True) if isinstance(value, str) else value
