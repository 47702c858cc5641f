"""Hints for errors about names, keywords and values that do not exist.

A hint costs nothing until there is an error, with two exceptions: `explaining` wraps each call of a group's method, and
`explaining_at_first` wraps the first constructor calls of a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar, cast

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.quoting import shortened

__all__ = [
    "about_api",
    "about_client",
    "about_enum",
    "about_group",
    "about_item",
    "about_member",
    "about_page_item",
    "explain_methods",
    "explaining",
    "explaining_at_first",
    "is_of_library",
    "nearest",
    "no_attribute",
]

C = TypeVar("C")
F = TypeVar("F", bound=Callable[..., Any])

# Attributes of a boto3 client -> where this library has the same.
_OF_BOTO3: Mapping[str, str] = {
    "can_paginate": "every list method returns Pages; boto3's method is sm.boto3_client.can_paginate(...)",
    "exceptions": "the errors are in sagemaker_typed.errors; boto3's are in sm.boto3_client.exceptions",
    "generate_presigned_url": "use sm.boto3_client.generate_presigned_url(...)",
    "get_paginator": "iterate over sm.<group>.list(...), which returns Pages, or use sm.boto3_client.get_paginator(...)",
    "get_waiter": "use sm.<group>.wait_until_<state>(...) or sm.boto3_client.get_waiter(...)",
    "meta": "use sm.boto3_client.meta",
    "waiter_names": "waits are sm.<group>.wait_until_<state>(...); boto3's are in sm.boto3_client.waiter_names",
}
_KEYWORDS_OF_BOTO3: Mapping[str, str] = {
    "PaginationConfig": "use max_results, the size of a page, and next_token",
    "WaiterConfig": "use timeout and poll, in seconds",
    "api_version": "use client=boto3.client(...)",
    "aws_access_key_id": "use session=boto3.Session(...)",
    "aws_secret_access_key": "use session=boto3.Session(...)",
    "aws_session_token": "use session=boto3.Session(...)",
    "use_ssl": "use client=boto3.client(...)",
    "verify": "use client=boto3.client(...)",
}
_LONGEST_NAME = 256
_VERBS: Mapping[str, str] = {"cancel": "stop", "get": "describe", "remove": "delete", "terminate": "stop"}


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Return the most similar known text, ignoring case and punctuation."""
    import difflib

    if len(text) > _LONGEST_NAME:
        return None  # longer than any name, and comparing takes quadratic time
    folded = {_folded(value): value for value in known}
    found = difflib.get_close_matches(_folded(text), folded, n=1)
    return folded[found[0]] if found else None


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


# --- attributes -------------------------------------------------------------------------------------------------------


def no_attribute(owner: object, name: str, hint: str | None = None) -> AttributeError:
    """Return the error for an attribute that `owner` does not have."""
    what = f"type object {owner.__name__!r}" if isinstance(owner, type) else f"{type(owner).__name__!r} object"
    text = f"{what} has no attribute {shortened(name, 256)!r}"
    if hint is None:
        return AttributeError(text)
    # With a name and without an object, Python does not add its own suggestion to the traceback.
    return AttributeError(f"{text}: {hint}", name=name, obj=None)


def about_client(sm: object, name: str, paths: Mapping[str, str]) -> str | None:
    """Return the hint for `sm.name`; `paths` maps boto3's method names to the groups' methods."""
    if name in _OF_BOTO3:
        return _OF_BOTO3[name]
    near = name if name in paths else nearest(name, [*paths, *_public(type(sm))])
    if near is not None and near in paths:
        return f"use sm.api.{near}(...) or sm.{paths[near]}(...)"
    return f"did you mean sm.{near}?" if near else None


def about_api(name: str, paths: Mapping[str, str]) -> str | None:
    """Return the hint for `sm.api.name`; `paths` is as in `about_client`."""
    if name in _OF_BOTO3:
        return _OF_BOTO3[name]
    groups = {path.partition(".")[0] for path in paths.values()}
    near = name if name in groups else nearest(name, [*groups, *paths])
    if near is None:
        return None
    return f"did you mean sm.api.{near}?" if near in paths else f"did you mean sm.{near}?"


_IN_PACKAGES = ("methods",)
_PACKAGE = __name__.partition(".")[0] + "."


def is_of_library(cls: type) -> bool:
    """Whether a class is one of this library, and not a user's subclass."""
    return cls.__module__.startswith(_PACKAGE)


def _attribute_of(group: object) -> str:
    """Return the attribute of `sm` for a group, which has the name of the group's module or package."""
    # The module of a user's subclass says nothing.
    module = next(cls.__module__ for cls in type(group).__mro__ if is_of_library(cls))
    *_, package, name = module.split(".")
    return package if name in _IN_PACKAGES else name


def about_group(group: object, name: str, paths: Mapping[str, str]) -> str:
    """Return the hint for a name that a group does not have; `paths` is as in `about_client`."""
    own = _attribute_of(group)
    methods = {method: f"{own}.{method}" for method in _public(type(group))}
    waits = [path for method, path in methods.items() if method.startswith("wait_until_")]
    if name in paths:
        return f"use sm.{paths[name]}(...)"
    if _VERBS.get(name) in methods:
        return f"use sm.{methods[_VERBS[name]]}(...)"
    if name == "wait" and waits:
        return f"use sm.{waits[0]}(...)"
    known = {**{flat: path for flat, path in paths.items() if path.startswith(f"{own}.")}, **methods}
    near = nearest(name, known)
    return f"did you mean sm.{known[near]}?" if near else f"sm.{own} has {', '.join(methods)}"


_OF_DICTS: Mapping[str, str] = {
    **dict.fromkeys(("items", "keys", "values"), "to_boto3(...) returns boto3's dict"),
    "get": "the members are attributes, None if absent; to_boto3(...) returns a dict",
}


def about_member(name: str, fields: Mapping[str, str]) -> str | None:
    """Return the hint for an attribute that a structure does not have; `fields` maps wire names to fields."""
    if name in _OF_DICTS:
        return _OF_DICTS[name]
    near = fields.get(name) or nearest(name, fields.values())
    return f"did you mean .{near}?" if near else None


def about_item(owner: object, key: object, fields: Mapping[str, str]) -> TypeError:
    """Return the error for `owner[key]`, which works for boto3's dicts."""
    near = (fields.get(key) or nearest(key, fields.values())) if isinstance(key, str) else None
    hint = f"write .{near}" if near else "its members are attributes"
    return TypeError(f"{type(owner).__name__!r} object is not a dict: {hint}; to_boto3(...) returns a dict")


def about_page_item(key: object, fields: Iterable[str], kind: str = "Pages") -> TypeError:
    """Return the error for `pages[key]`; `fields` are the fields with the items of a page."""
    if isinstance(key, str):
        hint = "iterate over it to get the items"
    elif kind == "Pages":
        hint = "use first() for the first item, list(pages) for all"
    else:
        hint = "use await first() for the first item, [item async for item in pages] for all"
    return TypeError(
        f"{kind!r} object has no items by key: {hint}; by_page() yields pages, each with {', '.join(fields)}"
    )


def _public(cls: type) -> list[str]:
    """Return the public names of a class, in the order of their definition."""
    names = dict.fromkeys(name for base in cls.__mro__ for name in vars(base))
    return [name for name in names if not name.startswith("_")]


def about_enum(name: str, members: Mapping[str, str], enum: str) -> str:
    """Return the hint for a member that an enum does not have; `members` maps names to values."""
    name = shortened(name, _LONGEST_NAME)
    near = nearest(name, members)
    example = near if near is not None else next(iter(members), None)
    value = next((form(name) for form in _FORMS if example and form(example) == members[example]), "...")
    newer = f'a value newer than this version is written {enum}("{value}")'
    if near is None:
        return newer
    meant = f"did you mean {enum}.{near}?"
    return meant if value in members.values() else f"{meant} {newer[0].upper()}{newer[1:]}"


# The common spellings of enum texts, each derived from the member's name.
_FORMS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda name: name.lower().replace("_", "."),
    lambda name: name.lower().replace("_", "-"),
    lambda name: "".join(part.capitalize() for part in name.split("_")),
)


# --- arguments --------------------------------------------------------------------------------------------------------


def explaining(function: F) -> F:
    """Wrap a method so that the error for a wrong keyword or a dict says what to write instead."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 1 and args[1].__class__ is dict:
            _refuse_members(function, args[1])
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if _raised_by_call(error):
                error.args = (_explained(str(error), function, args, kwargs),)
            raise

    call.__annotations__ = function.__annotations__  # which Python 3.14 leaves behind where they are not computed
    return cast("F", call)


def explain_methods(cls: type) -> None:
    """Make the public methods of a class `explaining`."""
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(cls, name, explaining(method))


def explaining_at_first(cls: type[C], times: int = 100) -> type[C]:
    """Wrap the `__init__` of a class like `explaining`, and restore the original after the first objects.

    A wrapper doubles the time to make a small object, and users make most mistakes when a class is new to them.
    """
    own: Callable[..., None] = vars(cls)["__init__"]
    left = times

    @wraps(own)
    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        nonlocal left
        try:
            own(self, *args, **kwargs)
        except TypeError as error:
            if _raised_by_call(error):
                hint = f"from_boto3({cls.__name__}, ...) makes one from a boto3 dict"
                error.args = (_explained(str(error), own, (self, *args), kwargs, hint),)
            raise
        left -= 1
        if left <= 0 and vars(cls).get("__init__") is __init__:
            cls.__init__ = own  # type: ignore[method-assign]

    cls.__init__ = __init__  # type: ignore[method-assign,assignment]
    return cls


def _raised_by_call(error: TypeError) -> bool:
    """Whether Python could not bind the arguments: the function's own frame is then not in the traceback."""
    trace = error.__traceback__
    return trace is not None and trace.tb_next is None


def _explained(
    text: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], whole: str | None = None
) -> str:
    """Return Python's message with hints; `whole` says how to convert a whole dict of boto3."""
    known = _parameters(function)
    hints = [*_instead(known, [name for name in kwargs if name not in known])]
    members = next((arg for arg in args[1:] if is_mapping(arg)), None)
    if members is not None:
        hints += [f"write its members as keywords: {', '.join(_named(known, members)) or 'name=value'}"]
    if whole and (members is not None or any(name[:1].isupper() for name in kwargs)):
        hints.append(whole)
    # Newer Python versions add a suggestion, too.
    return f"{text.partition('. Did you mean')[0]}: {'; '.join(hints)}" if hints else text


def _instead(known: list[str], unknown: list[str]) -> Iterator[str]:
    instead: list[str] = []
    for name in unknown:
        if name in _KEYWORDS_OF_BOTO3:
            yield f"for {name} {_KEYWORDS_OF_BOTO3[name]}"
        elif near := nearest(name, known):
            instead.append(f"{near} instead of {name}")
        else:
            yield f"{name} is not one of its keywords: {', '.join(known)}"
    if instead:
        yield f"use {', '.join(instead)}"


def _refuse_members(function: Callable[..., Any], members: Mapping[Any, Any]) -> None:
    """Refuse a dict of boto3's arguments in place of the identifier."""
    if names := list(_named(_parameters(function), members)):
        raise TypeError(
            f"{function.__qualname__}() does not accept a dict of arguments; write its members as keywords: {', '.join(names)}"
        )


def _named(known: list[str], members: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the keywords for those keys of a dict that have one."""
    by_fold = {_folded(name): name for name in known}
    for key in members:
        if isinstance(key, str) and (name := by_fold.get(_folded(key))):
            yield f"{name}=..."


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Return the names of a method's parameters, without `self`."""
    code = function.__code__
    return list(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
