"""Objects of generated classes as a pandas DataFrame. pandas is imported when the first one is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast, get_args

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.convert.annotations import origin
from sagemaker_typed._core.convert.dicts import to_dict
from sagemaker_typed._core.convert.members import member_types
from sagemaker_typed.structure import Structure

__all__ = ["frame", "item_classes", "to_pandas"]

_DEEPEST = 20


def to_pandas(objects: Any) -> Any:
    """Return a `pandas.DataFrame` with a row for each object.

    `objects` is a list of objects, a page, `Pages`, or one object. Each member has a column with the name of its field;
    members of nested structures have dotted names, such as "model_artifacts.s3_model_artifacts". Enums become texts, times
    are in UTC, lists and maps are unchanged.

    Raises `ModuleNotFoundError` if pandas is not installed. Raises `TypeError` for objects of other classes, and for a page
    with several lists: pass one of its lists.
    """
    own: Any = getattr(objects, "to_pandas", None)
    if own is not None:
        return own()
    if isinstance(objects, Structure):
        return _frame_of(objects)
    if isinstance(objects, (str, bytes)) or is_mapping(objects) or not isinstance(objects, Iterable):
        raise TypeError(f"to_pandas takes objects of generated classes, not a {type(objects).__name__}")
    return frame(objects)  # pyright: ignore[reportUnknownArgumentType]


def _frame_of(obj: Structure) -> Any:
    """Return the items of a page, or any other object as the only row."""
    cls: Any = type(obj)
    lists = _lists(cls)
    others = [member.field for member, _ in member_types(cls) if member.field not in {*lists, "next_token"}]
    if others or not lists:
        return frame([obj])
    if len(lists) > 1:
        raise TypeError(f"{cls.__name__} has several lists; pass one of them: {', '.join(lists)}")
    ((field, item),) = lists.items()
    return frame(getattr(obj, field) or (), [item])


def item_classes(cls: Any, fields: Iterable[str]) -> list[type[Structure]]:
    """Return the classes of the items in these fields of a page of `cls`."""
    lists = _lists(cls)
    return [lists[field] for field in fields if field in lists]


def _lists(cls: Any) -> dict[str, type[Structure]]:
    """Return the fields of a class that are lists of structures, each with the class of its items."""
    found: dict[str, type[Structure]] = {}
    for member, type_ in member_types(cls):
        args = get_args(type_)
        if origin(type_) is list and isinstance(args[0], type) and issubclass(args[0], Structure):
            found[member.field] = args[0]
    return found


def frame(objects: Iterable[Any], classes: Iterable[type[Structure]] = ()) -> Any:
    """Return a DataFrame of the objects; `classes` determine the columns if there are no objects."""
    pandas = _pandas()
    rows: list[dict[str, Any]] = []
    kinds = dict.fromkeys(classes)
    for obj in objects:
        if not isinstance(obj, Structure):
            raise TypeError(f"to_pandas takes objects of generated classes, not a {type(obj).__name__}")
        kinds[type(obj)] = None
        rows.append(dict(_flat(to_dict(obj))))
    columns, times = _columns(kinds, rows)
    blank = dict.fromkeys(columns)
    made = pandas.DataFrame([{**blank, **row} for row in rows], columns=columns)
    for name in times:
        # Even if no time is set, so that the column's type does not depend on the rows.
        made[name] = pandas.to_datetime(made[name], utc=True).astype("datetime64[us, UTC]")
    return made


def _pandas() -> Any:
    try:
        import pandas  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("to_pandas needs pandas: pip install pandas", name="pandas") from error
    found: Any = pandas
    return found


def _flat(members: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in members.items():
        if type(value) is dict and value and depth < _DEEPEST:
            yield from _flat(cast("dict[str, Any]", value), f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value


def _columns(kinds: Iterable[Any], rows: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the columns in the model's order: all members without members of their own, and other keys of the rows."""
    found = dict.fromkeys(name for row in rows for name in row)
    columns: dict[str, None] = {}
    times: list[str] = []
    for kind in kinds:
        for member, type_ in member_types(kind):
            below = [name for name in found if name == member.field or name.startswith(f"{member.field}.")]
            holds_others = isinstance(type_, type) and issubclass(type_, Structure)
            columns.update(dict.fromkeys(below or ([] if holds_others else [member.field])))
            if type_ is datetime:
                times.append(member.field)
    columns.update(found)
    return list(columns), list(dict.fromkeys(times))
