"""Texts that may be shown: without the characters that control a terminal, and without the passwords of URLs.

What the service sends goes through here before it becomes part of an error's text, a log line or a terminal.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

__all__ = ["HIDDEN", "cause", "escaped", "logger", "one_line", "printable", "safe", "without_passwords"]

HIDDEN = "***"
"""What stands for a value that is not shown."""

# The C0 and C1 controls, what turns the direction of text, line ends of Unicode, tags, and halves of surrogate pairs.
_CONTROLS = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_EVERY_CONTROL = re.compile(f"[{_CONTROLS}]")
_ALL_BUT_LINES = re.compile(f"(?![\t\n])[{_CONTROLS}]")
_DEEPEST = 20
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# What stands before the host of a URL. Tried at one place each, after "://", which keeps the search linear.
_USER_AND_PASSWORD = re.compile(r"([^/:@\n]*):(\S*)")
_USER = re.compile(r"[^\s/?#]*@")
_PORT = re.compile(r"\d{1,5}(?=[/?#\s'\"<>),;\]}]|$)")
_NO_PASSWORD = frozenset({"", "x-oauth-basic"})  # of Git hosts that take a token as the user
# Settings are URLs even without "://". Elsewhere "a:b@c" may be the digest of an image.
_SETTING = re.compile(
    r"((?:endpoint|proxy|url)[ ='\":]{1,4})(?=([^\s/:@?#]{0,100}):)(?!\2://|url:)(\S*)", re.IGNORECASE
)
# What grants access in the query of a URL.
_SIGNED = re.compile(
    r"([?&][\w.-]{0,40}(?:token|signature|credential|secret|password)[\w.-]{0,40}=)[^&#\s\"'<>]+", re.IGNORECASE
)


def printable(text: str, *, lines: bool = False) -> str:
    """The text with its control characters escaped, as `\\x1b`. With `lines`, line feeds and tabs stay."""
    return (_ALL_BUT_LINES if lines else _EVERY_CONTROL).sub(_in_python, text)


def one_line(text: object) -> str:
    """The text on one line, for a terminal or a log."""
    return printable(" ".join(_one_by_one(str(text))))


def _one_by_one(text: str) -> list[str]:
    # Not `split()`, which takes control characters for space.
    return re.split(r"[ \t\r\n]+", text.strip(" \t\r\n"))


def safe(text: str) -> str:
    """The text of an error: control characters escaped, passwords of URLs hidden."""
    return printable(without_passwords(text), lines=True)


def cause(error: BaseException, hide: Callable[[str], str] = safe) -> BaseException | None:
    """The error as the cause of ours; None where a traceback would then show what the text of ours leaves out.

    `hide` is what made the text of ours.
    """
    seen: BaseException | None = error
    for _ in range(_DEEPEST):
        if seen is None:
            return error
        text = str(seen)
        if hide(text) != text:
            return None
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return None


def without_passwords(text: str) -> str:
    """The text with the passwords of its URLs hidden, and the values in their queries that grant access."""
    if "@" in text:
        first, *rest = text.split("://")
        text = "://".join([first, *map(_without_password, rest)])
        text = _SETTING.sub(lambda match: match[1] + _without_password(match[3]), text)
    if "=" in text:
        text = _SIGNED.sub(rf"\1{HIDDEN}", text)
    return text


def _without_password(rest: str) -> str:
    """What follows the "://" of a URL. The user is hidden where it stands alone, as a token does."""
    both = _USER_AND_PASSWORD.match(rest)
    if both is not None and _PORT.match(rest, both.start(2)) is None:
        # A parser takes the password up to the last "@" before a "/", and people write one with a "/" in it.
        before_slash = both[2].partition("/")[0]
        password = (before_slash if "@" in before_slash else both[2]).rpartition("@")[0]
        if "@" in both[2]:
            user = HIDDEN if password in _NO_PASSWORD else both[1]
            return f"{user}:{HIDDEN}{rest[both.start(2) + len(password) :]}"
    user_alone = _USER.match(rest)
    return rest if user_alone is None else f"{HIDDEN}@{rest[user_alone.end() :]}"


def escaped(document: str) -> str:
    """A JSON document with the control characters in its texts escaped; `json.dumps` escapes only the first 32."""
    return _ALL_BUT_LINES.sub(_in_json, document)


def _in_python(match: re.Match[str]) -> str:
    character = match[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _in_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))


# --- logs -------------------------------------------------------------------------------------------------------------


def logger(name: str) -> logging.Logger:
    """The logger of this name, whose records are one safe line each."""
    found = logging.getLogger(name)
    found.addFilter(_one_safe_line)  # a second time it changes nothing
    return found


def _one_safe_line(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(map(_safe_argument, record.args))
    return True


def _safe_argument(argument: Any) -> Any:
    if not isinstance(argument, (str, BaseException)):
        return argument
    text = str(argument)
    shown = one_line(without_passwords(text))
    return argument if shown == text else shown
