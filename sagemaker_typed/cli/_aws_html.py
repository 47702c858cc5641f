"""Converts AWS's documentation in botocore, which is HTML, to blocks of text for a terminal."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from sagemaker_typed._core.printable import printable

__all__ = ["Block", "blocks_of", "first_sentence", "show"]

_BREAKING = frozenset(
    (
        "p", "ul", "ol", "li", "note", "important", "caution", "tip", "div", "dl", "dt", "dd", "pre", "h1",
        "h2", "h3", "h4", "h5", "h6", "br", "table", "tr", "fullname", "examples", "title", "section",
    )
)  # fmt: skip
_STYLES = {
    "b": "bold",
    "strong": "bold",
    "h1": "bold",
    "h2": "bold",
    "h3": "bold",
    "h4": "bold",
    "dt": "bold",
    "i": "italic",
    "em": "italic",
    "code": "cyan",
    "pre": "cyan",
    "a": "underline",
}
_HIDDEN = ("fullname",)
_NOTES = {"note": "Note: ", "important": "Important: ", "caution": "Caution: ", "tip": "Tip: "}
_INDENT, _NARROWEST = 2, 20


class Block(NamedTuple):
    """A paragraph or an item of a list."""

    indent: int
    mark: str
    """The text before the first line: "- ", "2. "."""
    text: Text

    @property
    def plain(self) -> str:
        return f"{' ' * self.indent}{self.mark}{self.text.plain}"


class _BlockReader(HTMLParser):
    """Builds blocks. Unknown tags are dropped, and their text is kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text = Text()
        self._open: list[str] = []
        self._numbers: list[int | None] = []
        """The number of the last item for each open list; None for a list with bullets."""
        self._mark = ""
        self._href: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self._end_block()
        if tag in ("ul", "ol"):
            self._numbers.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag in _NOTES:
            self._text.append(_NOTES[tag], style="bold")
        elif tag == "a":
            self._href.append(dict(attrs).get("href"))
        if tag != "br":
            self._open.append(tag)

    def _next_mark(self) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number + 1}. "

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open and self._open.pop() != tag:
            pass
        if tag in _BREAKING:
            self._end_block()
        if tag in ("ul", "ol") and self._numbers:
            self._numbers.pop()
        elif tag == "a" and self._href:
            self._href.pop()

    def handle_data(self, data: str) -> None:
        if any(tag in self._open for tag in _HIDDEN):
            return
        data = printable(data.strip("\n") if "pre" in self._open else re.sub(r"\s+", " ", data), lines=True)
        if not self._text.plain or self._text.plain[-1].isspace():
            data = data.lstrip(" ")
        styles = [_STYLES[tag] for tag in self._open if tag in _STYLES]
        href = self._href[-1] if self._href else None
        if href is not None and href.startswith("https://"):
            styles.append(f"link {printable(href)}")
        if data:
            self._text.append(data, style=" ".join(styles))

    def _end_block(self) -> None:
        text, self._text = self._text, Text()
        text.rstrip()
        if text.plain in ("", *(note.strip() for note in _NOTES.values())):
            self._text = text if not text.plain else Text(f"{text.plain} ", style="bold")
            return
        indent = _INDENT * max(0, len(self._numbers) - 1)
        if self._numbers and not self._mark:
            indent += _INDENT  # a further paragraph of an item
        self.blocks.append(Block(indent, self._mark, text))
        self._mark = ""

    def close(self) -> None:
        super().close()
        self._end_block()


def blocks_of(html: str) -> list[Block]:
    """Return the paragraphs and items of a piece of AWS's documentation."""
    reader = _BlockReader()
    reader.feed(html)
    reader.close()
    return reader.blocks


def first_sentence(html: str) -> str:
    """Return the first sentence as plain text."""
    first = next(iter(blocks_of(html)), None)
    if first is None:
        return ""
    text = first.text.plain
    end = re.search(r"(?<![Ee]\.g|[Ii]\.e)(?<!etc)\.(?=\s+[A-Z])", text)
    return text[: end.end()] if end else text


def show(blocks: list[Block], to: Console, indent: int = 0) -> None:
    """Print blocks, wrapped, with an empty line between paragraphs and none between items."""
    for index, block in enumerate(blocks):
        before = blocks[index - 1] if index else None
        if before is not None and not (block.mark and (before.mark or before.indent)):
            to.print()
        left = " " * (indent + block.indent)
        width = max(_NARROWEST, to.width - len(left) - len(block.mark))
        for number, line in enumerate(block.text.wrap(to, width)):
            line.rstrip()
            mark = " " * len(block.mark) if number else block.mark
            to.print(Text.assemble(left, mark, line), soft_wrap=True)
