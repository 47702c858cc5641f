"""Reads JSON, JSON lines and YAML. Unquoted YAML scalars keep their text, so that a version 1.10 stays "1.10"."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed.cli._common import misuse, one_line

__all__ = [
    "Plain",
    "Written",
    "as_yaml",
    "documents_of_yaml",
    "plain_of_text",
    "read_many",
    "read_one",
    "source_of",
    "values_of",
    "yaml_module",
]

_LARGEST = 64 << 20
"""Bytes. Requests are smaller; a larger file was named by mistake."""


@attrs.frozen
class Plain:
    """A value written without quotes, with its text for members that are texts."""

    text: str
    value: Any


class Written(NamedTuple):
    """A document and its place."""

    where: str
    document: Any


def source_of(path: str, option: str) -> tuple[str, str]:
    """Return the name for messages and the text, of a file or of standard input."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(_LARGEST + 1)
    except OSError as error:
        raise misuse(f"{path}: {error.strerror or error}", option) from None
    if len(data) > _LARGEST:
        raise misuse(f"{path} is larger than {_LARGEST >> 20} MiB", option)
    try:
        return ("standard input" if path == "-" else path), data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise misuse(f"{path} is not UTF-8: {error.reason} at byte {error.start}", option) from None


def read_one(path: str, option: str) -> Written:
    """Read the only document of a file; - is standard input."""
    name, text = source_of(path, option)
    found = list(_documents(name, text, option))
    if len(found) != 1:
        raise misuse(f"{name} holds {len(found)} documents; expected one", option)
    return found[0]


def read_many(path: str, option: str) -> list[Written]:
    """Read the documents of a file: one per line of JSON, those between the --- of YAML, or the items of one list."""
    name, text = source_of(path, option)
    found = [part for place in _documents(name, text, option) for part in _items(place)]
    if not found:
        raise misuse(f"{name} holds nothing", option)
    return found


def _items(place: Written) -> Iterator[Written]:
    if is_list(place.document):
        for index, item in enumerate(place.document):
            yield Written(f"{place.where}[{index}]", item)
    else:
        yield place


def _documents(name: str, text: str, option: str) -> Iterator[Written]:
    if not text.strip():
        return
    if name.lower().endswith((".yaml", ".yml")) or not _is_json(name, text):
        yield from documents_of_yaml(name, text, option)
        return
    try:
        yield Written(name, json.loads(text, parse_constant=_no_constant))
    except RecursionError:
        raise misuse(f"{name} is nested too deeply", option) from None
    except ValueError as error:
        lines = text.splitlines()
        if sum(bool(line.strip()) for line in lines) < 2 or not _is_whole(next(filter(str.strip, lines))):
            raise misuse(f"{name} is not JSON: {one_line(error)}", option) from None
        yield from _of_lines(name, lines, option)


def _is_json(name: str, text: str) -> bool:
    return name.lower().endswith((".json", ".jsonl", ".ndjson")) or text.lstrip()[:1] in ("{", "[")


def _is_whole(line: str) -> bool:
    """Whether a line is complete JSON, as the first of JSON lines is."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _of_lines(name: str, lines: list[str], option: str) -> Iterator[Written]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield Written(f"{name} line {number}", json.loads(line, parse_constant=_no_constant))
            except (ValueError, RecursionError) as error:
                raise misuse(f"{name} line {number} is not JSON: {one_line(error)}", option) from None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number in JSON")


def plain_of_text(text: str) -> Any:
    """Return a value from the command line: JSON if it is valid JSON, otherwise the text."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else Plain(text, value)


def values_of(document: Any) -> Any:
    """Return the document with the values of unquoted scalars."""
    if isinstance(document, Plain):
        return document.value
    if is_mapping(document):
        return {key: values_of(item) for key, item in document.items()}
    if is_list(document):
        return [values_of(item) for item in document]
    return document


# --- YAML -------------------------------------------------------------------------------------------------------------


def yaml_module(option: str) -> Any:
    """Return PyYAML, which the extra `cli` installs."""
    try:
        return importlib.import_module("yaml")
    except ModuleNotFoundError:
        raise misuse("YAML needs PyYAML; install it with: pip install 'sagemaker-typed[cli]'", option) from None


def documents_of_yaml(name: str, text: str, option: str) -> Iterator[Written]:
    yaml = yaml_module(option)
    try:
        documents = [each for each in yaml.load_all(text, Loader=_loader(yaml)) if each is not None]
    except RecursionError:
        raise misuse(f"{name} is nested too deeply", option) from None
    except (yaml.YAMLError, ValueError) as error:
        raise misuse(f"{name} is not YAML: {one_line(error)}", option) from None
    for index, document in enumerate(documents, 1):
        yield Written(name if len(documents) == 1 else f"{name} document {index}", document)


_PLAIN = ("int", "float", "bool", "timestamp")


def _loader(yaml: Any) -> Any:
    """Return a safe loader whose unquoted scalars are `Plain`. It refuses duplicate keys and aliases.

    A few lines of aliases can stand for gigabytes.
    """

    def construct_plain(loader: Any, node: Any) -> Any:
        construct: Callable[..., Any] = yaml.SafeLoader.yaml_constructors[node.tag]
        return Plain(node.value, construct(loader, node))

    def construct_mapping(loader: Any, node: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            # A key is always a name, even if its text could be another value: `on`, `1`, `2026-01-31`.
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that is not a text", key_node.start_mark)
            key = key_node.value
            if key in found:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            found[key] = loader.construct_object(value_node, deep=True)
        return found

    def compose_node(loader: Any, parent: Any, index: Any) -> Any:
        if loader.check_event(yaml.events.AliasEvent):
            mark = loader.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "aliases are not read", mark)
        return yaml.SafeLoader.compose_node(loader, parent, index)

    constructors = {
        **yaml.SafeLoader.yaml_constructors,
        **{f"tag:yaml.org,2002:{kind}": construct_plain for kind in _PLAIN},
        "tag:yaml.org,2002:map": construct_mapping,
    }
    return type("Loader", (yaml.SafeLoader,), {"yaml_constructors": constructors, "compose_node": compose_node})


def as_yaml(document: Any, *, ascii_only: bool = False) -> str:
    """Return a document of plain values as YAML, with its keys in order."""
    text: str = yaml_module("--yaml").safe_dump(
        document, sort_keys=False, allow_unicode=not ascii_only, default_flow_style=False, width=1000
    )
    return text.removesuffix("...\n")
