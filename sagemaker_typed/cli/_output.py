"""Prints answers: as a table, as JSON, as YAML, or the result of a query."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from sagemaker_typed._core.printable import escaped, printable, without_passwords
from sagemaker_typed._core.secrets import shown_document
from sagemaker_typed.cli._common import misuse, plain, query_of, say, show_json, shown
from sagemaker_typed.cli._documents import as_yaml
from sagemaker_typed.cli._streams import on_terminal
from sagemaker_typed.structure import Response

__all__ = ["OutputForm", "as_yaml_document", "cell", "console", "show_response", "show_rows", "show_table"]


class OutputForm:
    """The output format of a command. Made before anything is sent, so that a wrong query sends nothing."""

    def __init__(self, *, as_json: bool = False, as_yaml: bool = False, query: str | None = None) -> None:
        if as_json and as_yaml:
            raise misuse("not together with --json", "--yaml")
        self._find: Callable[[Any], Any] | None = query_of(query)
        self._as_json, self._as_yaml = as_json, as_yaml
        if as_yaml:
            as_yaml_document({})  # raises if PyYAML is missing

    @property
    def is_document(self) -> bool:
        """Whether to print the answer itself rather than a table."""
        return self._as_json or self._as_yaml or self._find is not None

    def show(self, document: Any, indent: int | None = 4) -> None:
        """Print a document, or the result of the query."""
        found = self._find(plain(document)) if self._find is not None else document
        if self._as_yaml:
            sys.stdout.write(as_yaml_document(plain(found)))
        else:
            show_json(found, indent)

    def show_line(self, document: Any) -> None:
        """Print a document on one line, as one of several."""
        found = self._find(plain(document)) if self._find is not None else document
        show_json(found, None)
        sys.stdout.flush()


def as_yaml_document(document: Any) -> str:
    """Return a document as YAML, escaped for terminals and narrow encodings."""
    text = as_yaml(document)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return as_yaml(document, ascii_only=True)
    return text if escaped(text) == text else as_yaml(document, ascii_only=True)


def show_response(response: Response | None, form: OutputForm) -> None:
    """Print an answer as a document, or its members as rows. Only the document shows secrets."""
    if form.is_document:
        form.show({} if response is None else shown(response))
    elif response is not None:
        hidden = shown_document(response)
        show_rows({name: hidden[name] for name in shown(response)})


def show_rows(document: Mapping[str, Any]) -> None:
    """Print each value after its dotted path."""
    to, rows = console(), _rows(document)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold", max_width=to.width * 3 // 5)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    if rows:
        to.print(table)


_BETWEEN = 2
"""The cells between two columns."""
_FIRST = ("Name", "Status", "CreationTime", "LastModifiedTime")


def show_table(items: Sequence[Mapping[str, Any]]) -> None:
    """Print name, status and times of each item. --json shows the rest."""
    if not items:
        say("none")
        return
    to, columns = console(), _columns(items)
    rows = [[cell(item.get(column)) for column in columns] for item in items]
    table = Table(box=None, pad_edge=False)
    for index, column in enumerate(columns[: _fitting(columns, rows, to.width)]):
        # The name may wrap but is never cut, so that it can be copied.
        table.add_column(printable(column), overflow="fold", no_wrap=index > 0)
    for row in rows:
        table.add_row(*row[: len(table.columns)])
    to.print(table)


def _columns(items: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for item in items for name in item))
    plain_names = [name for name in names if not isinstance(items[0].get(name), dict | list)]
    chosen = [name for end in _FIRST for name in plain_names if name.endswith(end)]
    return list(dict.fromkeys(chosen)) or names[:4]


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns fit side by side. The last are dropped first, and two always stay."""
    widths = [max(cell_len(text) for text in (column, *(row[at] for row in rows))) for at, column in enumerate(columns)]
    count = len(columns)
    while count > 2 and sum(widths[:count]) + _BETWEEN * (count - 1) > width:
        count -= 1
    return count


def _rows(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Return every value with its dotted path."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value).items()
        parts = [(f"{path}.{name}" if path else name, member) for name, member in members]
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in cast("list[object]", value)):
        items = cast("Sequence[Any]", value)
        parts = [(f"{path}[{index}]", item) for index, item in enumerate(items)]
    else:
        return [(printable(path), cell(value))]
    return [row for inner, part in parts for row in _rows(part, inner)]


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list):
        items = cast("Sequence[Any]", value)
        return printable(", ".join(map(str, items)))
    return printable(without_passwords(str(value)))


def console() -> Console:
    # In a pipe, a table is as wide as it needs to be.
    return Console(highlight=False, markup=False, emoji=False, width=None if on_terminal(sys.stdout) else 400)
