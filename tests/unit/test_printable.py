"""Texts of the service before somebody sees them."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import unicodedata
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_typed import errors
from sagemaker_typed._core import printable
from sagemaker_typed._core.printable import cause, escaped, one_line, safe, without_passwords

ODD = "".join(map(chr, range(0x20))) + "\x7f\x80\x9b\x9f\u200e\u202a\u202e\u2066\u2069\u2028\ufeff\ud800\U000e0041"


def moves_a_terminal(character: str) -> bool:
    """By Unicode's own classes: controls, direction, line ends, halves of pairs, and tags."""
    kind = unicodedata.category(character)
    direction = unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return kind in {"Cc", "Cs", "Zl", "Zp"} or direction or 0xE0000 <= ord(character) <= 0xE007F


def test_every_character_that_moves_a_terminal_is_escaped_and_no_letter_is() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        shown = printable.printable(character)
        if moves_a_terminal(character):
            assert shown.isascii()
            assert shown.isprintable()
            assert shown.startswith("\\")
        elif character.isprintable():
            assert shown == character


def test_how_they_are_escaped() -> None:
    assert printable.printable("a\x1b[2J\x9b\u202eb\n") == r"a\x1b[2J\x9b\u202eb\n"
    assert printable.printable("a\tb\nc\rd", lines=True) == "a\tb\nc\\rd"
    assert one_line("  a\r\n forged: ok\x85\x1c\t b ") == r"a forged: ok\x85\x1c b"


def test_json_stays_what_it_was() -> None:
    document = {ODD: [ODD, "日本 é 😀"]}
    text = escaped(json.dumps(document, indent=2, ensure_ascii=False))
    assert json.loads(text) == document
    assert not [character for character in text if moves_a_terminal(character) and character != "\n"]
    assert "日本 é 😀" in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:secret@host:80/p", "http://me:***@host:80/p"),
        ("http://me:s:e@c@host/", "http://me:***@host/"),
        ("http://:secret@host", "http://:***@host"),
        ('"http://my self:secret@host" and https://b:secret@h', '"http://my self:***@host" and https://b:***@h'),
        ("https://h/x?authToken=secret&a=1", "https://h/x?authToken=***&a=1"),
        ("https://h/?X-Amz-Signature=secret", "https://h/?X-Amz-Signature=***"),
        ("https://host:8080/a@b", "https://host:8080/a@b"),
        ("https://secret@github.com/x", "https://***@github.com/x"),
        ("https://secret@host:80/a@b", "https://***@host:80/a@b"),
        ("https://secret:@host/x", "https://***:***@host/x"),
        ("https://secret:x-oauth-basic@host/x", "https://***:***@host/x"),
        ("http://u:a/secret@h/p", "http://u:***@h/p"),
        ("http://u:'secret@h/p", "http://u:***@h/p"),
        ("http://u:1234@h/p", "http://u:***@h/p"),
        ("http://u:123/secret4@h", "http://u:123/secret4@h"),  # for every parser the host is u
        ("git+https://u:secret@h/x@v1", "git+https://u:***@h/x@v1"),
        ("endpoint_url='u:secret@h:80'", "endpoint_url='u:***@h:80'"),
        ("Invalid endpoint: u:secret@h:80", "Invalid endpoint: u:***@h:80"),
        ('proxy URL: "u:sec/ret@h"', 'proxy URL: "u:***@h"'),
        ("image_url='python:3@sha256'", "image_url='python:***@sha256'"),
        ("1.dkr.ecr/x:tag@sha256:ab", "1.dkr.ecr/x:tag@sha256:ab"),
        ("see http://host and a@b", "see http://host and a@b"),
        ("mailto me@host, see http://host/", "mailto me@host, see http://host/"),
        ("https://h/?page=1&name=x", "https://h/?page=1&name=x"),
    ],
)
def test_passwords(url: str, shown: str) -> None:
    assert without_passwords(url) == shown


@pytest.mark.parametrize(
    "piece",
    [
        "://",
        "://a:",
        "?token",
        "&tokentoken",
        "://a:@",
        "://a@",
        "url: a:",
        "url:",
        "url=",
        "endpoint='a:b@",
        "Value '",
        "\x1b",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """A search that is worse than linear would take hours for a text of this length."""
    text = piece * (2_000_000 // len(piece))
    safe(text)
    one_line(text)


def test_errors_escape_what_the_service_says() -> None:
    response = {"Error": {"Code": "ValidationException", "Message": "no \x1b]0;title\x07 here\r\nForged: line"}}
    for error in (
        errors.ApiError(response, "DescribeEndpoint"),
        errors.WaitFailedError("failed: \x1b]0;title\x07 here\r\nForged: line", name="x"),
        errors.ConversionError("\x1b]0;title\x07 here\r\nForged: line"),
        errors.TransportError("\x1b]0;title\x07 here\r\nForged: line"),
    ):
        text = str(error)
        assert r"\x1b]0;title\x07 here\r" in text
        assert not {"\x1b", "\x07", "\r"} & set(text)
        assert errors.SageMakerError.message.fget is not None
    assert errors.ApiError(response, "DescribeEndpoint").message == response["Error"]["Message"]


def test_the_cause_is_left_out_where_it_shows_more() -> None:
    def of(message: str) -> ClientError:
        return ClientError({"Error": {"Code": "X", "Message": message}}, "Op")

    fine = of("fine")
    assert cause(fine) is fine
    assert cause(of("\x1b[2J")) is None
    inner = ValueError("http://u:secret@h")
    fine.__context__ = inner
    assert cause(fine) is None
    fine.__suppress_context__ = True
    assert cause(fine) is fine
    looped = ValueError("a")
    looped.__cause__ = looped
    assert cause(looped) is None
    assert traceback.format_exception(looped)


def test_loggers_write_one_safe_line(caplog: pytest.LogCaptureFixture) -> None:
    log = printable.logger("sagemaker_typed.test")
    assert printable.logger("sagemaker_typed.test") is log
    assert len(log.filters) == 1
    caplog.set_level(logging.INFO, logger=log.name)
    error: Any = errors.WaitFailedError("bad\r\nthing", name="x")
    log.info("%s and %d and %s", "a\x1b\nb", 3, error)
    log.info("plain")
    log.info("%(name)s", {"name": "x"})
    assert [record.getMessage() for record in caplog.records] == [r"a\x1b b and 3 and bad\r thing", "plain", "x"]
