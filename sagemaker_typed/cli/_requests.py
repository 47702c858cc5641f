"""Makes a typed request from a document and `--set`: with AWS's names or ours, checked against the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagemaker_typed import errors
from sagemaker_typed._core.convert.dicts import from_dict
from sagemaker_typed.cli._common import misuse, one_line
from sagemaker_typed.cli._documents import Written, plain_of_text
from sagemaker_typed.cli._settings import put
from sagemaker_typed.cli._values import NotWanted, structure_value
from sagemaker_typed.structure import Request

__all__ = ["request_from"]


def request_from(
    cls: type[Request[Any]],
    place: Written | None,
    settings: Sequence[str],
    given: Mapping[str, str] | None = None,
    option: str = "--from",
) -> Request[Any]:
    """Return the request of a document, with the settings and other values laid over it."""
    try:
        document: dict[str, Any] = structure_value(cls, {} if place is None else place.document, "")
    except NotWanted as error:
        raise misuse(f"{place.where if place else cls.__name__}: {error}", option) from None
    for text in settings:
        path, equals, value = text.partition("=")
        if not (path and equals):
            raise misuse(f"{text!r} is not PATH=VALUE", "--set")
        try:
            put(cls, document, path.strip(), plain_of_text(value))
        except NotWanted as error:
            raise misuse(str(error), "--set") from None
    document.update(given or {})
    try:
        return from_dict(cls, document)
    except (errors.ConversionError, errors.InvalidRequestError, TypeError) as error:
        raise misuse(f"{place.where if place else cls.__name__}: {one_line(error)}", option) from None
