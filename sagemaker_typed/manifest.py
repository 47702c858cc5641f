"""Manifests: the JSON files that list the objects of a channel or of a transform job, for `S3DataType.MANIFEST_FILE`.

    from sagemaker_typed.manifest import Manifest

    manifest = Manifest.of("s3://bucket/prefix/", ["cats/1.jpg", "cats/2.jpg"])
    s3.put_object(Bucket="bucket", Key="example.manifest", Body=manifest)

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, Self

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

__all__ = ["Manifest"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


class Manifest(str):
    """The text of a manifest: a prefix, and the rest of each object's URI. It is a `str`: upload it, print it, compare it."""

    __slots__ = ()

    @classmethod
    def of(cls, prefix: str, paths: Iterable[str]) -> Self:
        """Write a manifest. Each URI is `prefix` followed by a path, without a separator: the prefix usually ends in "/".

        Raises `InvalidRequestError` for a prefix that does not begin with "s3://", for an empty list of paths, and for a
        path that is not a string or is empty.
        """
        if isinstance(paths, str):
            _refuse("paths", "type", f"must be a list of strings, not the string {quoted(paths)}")
        entries = [{"prefix": prefix}, *paths]
        _check(entries)
        return cls(json.dumps(entries))

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a manifest. Raises `InvalidRequestError` if the text is not a manifest."""
        try:
            entries: Any = json.loads(text)
        except (ValueError, RecursionError):
            entries = None
        if not is_list(entries):
            _refuse(
                "manifest",
                "json",
                f'is not JSON such as [{{"prefix": "s3://..."}}, "..."], but begins with {quoted(text)}',
            )
        _check(entries)
        return cls(text if isinstance(text, str) else text.decode())

    @property
    def prefix(self) -> str:
        """The beginning of all URIs."""
        return str(self._entries()[0]["prefix"])

    @property
    def paths(self) -> list[str]:
        """The rest of each URI."""
        return list(self._entries()[1:])

    @property
    def uris(self) -> list[str]:
        """The `s3://` URIs of the objects."""
        prefix, *paths = self._entries()
        return [f"{prefix['prefix']}{path}" for path in paths]

    def _entries(self) -> list[Any]:
        found: list[Any] = json.loads(self)
        return found


def _check(entries: Sequence[Any]) -> None:
    problems = list(_problems(entries))
    if problems:
        raise InvalidRequestError(problems)


def _problems(entries: Sequence[Any]) -> Iterator[Problem]:
    first, *paths = entries or [None]
    prefix = first.get("prefix") if is_mapping(first) else None
    if not isinstance(prefix, str) or not prefix.startswith("s3://"):
        yield Problem("prefix", "pattern", f'the first entry must be {{"prefix": "s3://..."}}, not {quoted(first)}')
    if not paths:
        yield Problem("paths", "min", "at least one path is required")
    for index, path in enumerate(paths):
        if not isinstance(path, str) or not path:
            yield Problem(f"paths[{index}]", "type", f"must be a non-empty string, not {quoted(path)}")


def _refuse(path: str, rule: str, detail: str) -> NoReturn:
    raise InvalidRequestError([Problem(path, rule, detail)])
