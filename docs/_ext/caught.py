"""Writes the table of boto3's and Python's classes that catch each error, for the reference of errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore import exceptions as botocore_exceptions
from botocore.session import Session
from drawing import table
from reference import write

from sagemaker_typed import errors
from sagemaker_typed._core import codes, failures

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/errors"
_EVERY = (BaseException, Exception, object)


def pages() -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    rows = [(f"{{py:exc}}`{cls.__name__}`", _names(_always(cls)), _names(_sometimes(cls))) for cls in _errors()]
    head = ("error", "always also", "also, if boto3 raises it")
    return {"caught.md": table(head, [row for row in rows if any(row[1:])], "lll")}


def _errors() -> Iterator[type[Exception]]:
    """Yield our errors in the order of their module."""
    for value in vars(errors).values():
        if inspect.isclass(value) and issubclass(value, errors.SageMakerError) and value.__name__ in errors.__all__:
            yield value


def _always(cls: type[Exception]) -> list[str]:
    return [each.__name__ for each in cls.__mro__ if each not in _EVERY and not _is_ours(each)]


def _is_ours(cls: type[Any]) -> bool:
    return cls.__module__.partition(".")[0] == "sagemaker_typed"


def _sometimes(cls: type[Exception]) -> list[str]:
    modeled = [name for name, ours in _modeled().items() if ours is cls]
    return modeled + sorted(name for name, ours in _without_answer().items() if ours is cls)


def _modeled() -> dict[str, type[Exception]]:
    """Return the classes of `client.exceptions`, with our class for the code of each."""
    client: Any = Session().create_client("sagemaker", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    return {
        f"client.exceptions.{shape.name}": codes.BY_CODE.get(shape.error_code, errors.ApiError)
        for shape in client.meta.service_model.error_shapes
    }


def _without_answer() -> dict[str, type[Exception]]:
    """Return botocore's classes for a missing answer, with our class of the first matching group, as in `no_answer`."""
    groups = (
        (failures._CREDENTIALS, errors.CredentialsError),
        (failures._CONFIGURATION, errors.ConfigurationError),
        (failures._TRANSPORT, errors.TransportError),
    )
    found: dict[str, type[Exception]] = {}
    for name, each in vars(botocore_exceptions).items():
        if inspect.isclass(each) and each.__name__ == name:  # some have an older name as well
            kinds = [ours for group, ours in groups if issubclass(each, group)]
            if kinds:
                found[name] = kinds[0]
    return found


def _names(names: list[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


def _generate(app: Sphinx) -> None:
    write(pages(), Path(app.srcdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
