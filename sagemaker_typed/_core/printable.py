"""Texts that are safe to show: without terminal control characters and without passwords in URLs.

Texts from the service pass through this module before they are part of an error message, a log line or terminal output.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from sagemaker_typed._core.patterns import lazy_pattern

__all__ = ["HIDDEN", "cause", "escaped", "logger", "one_line", "printable", "safe", "without_passwords"]

HIDDEN = "***"
"""The replacement for a hidden value."""

# C0 and C1 controls, characters that change the text direction, Unicode line ends, tags, and lone surrogates.
_CONTROLS = (
    "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_EVERY_CONTROL = lazy_pattern(f"[{_CONTROLS}]")
_ALL_BUT_LINES = lazy_pattern(f"(?![\t\n])[{_CONTROLS}]")
_DEEPEST = 20
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# The user and password of a URL. The pattern is tried only after "://", which keeps the search linear.
_USER_AND_PASSWORD = lazy_pattern(r"([^/:@\n]*):(\S*)")
_USER = lazy_pattern(r"[^\s/?#]*@")
_PORT = lazy_pattern(r"\d{1,5}(?=[/?#\s'\"<>),;\]}]|$)")
_NO_PASSWORD = frozenset({"", "x-oauth-basic"})  # Git hosts that accept a token as the user
# Settings may be URLs without "://". Elsewhere "a:b@c" may be the digest of an image.
_SETTING = lazy_pattern(
    r"((?:endpoint|proxy|url)[ ='\":]{1,4})(?=([^\s/:@?#]{0,100}):)(?!\2://|url:)(\S*)", re.IGNORECASE
)
# Query parameters that grant access.
_SIGNED = lazy_pattern(
    r"([?&][\w.-]{0,40}(?:token|signature|credential|secret|password)[\w.-]{0,40}=)[^&#\s\"'<>]+", re.IGNORECASE
)


def printable(text: str, *, lines: bool = False) -> str:
    """Escape control characters, for example as `\\x1b`. With `lines`, keep line feeds and tabs."""
    return (_ALL_BUT_LINES if lines else _EVERY_CONTROL).sub(_in_python, text)


def one_line(text: object) -> str:
    """Return the text on one line, for a terminal or a log."""
    return printable(" ".join(_one_by_one(str(text))))


def _one_by_one(text: str) -> list[str]:
    # Not `split()`, which treats some control characters as whitespace.
    return re.split(r"[ \t\r\n]+", text.strip(" \t\r\n"))


def safe(text: str) -> str:
    """Return the text for an error message: control characters escaped, passwords in URLs hidden."""
    return printable(without_passwords(text), lines=True)


def cause(error: BaseException, hide: Callable[[str], str] = safe) -> BaseException | None:
    """Return the error to use as the cause of ours, or None if its traceback would show text that ours hides.

    `hide` is the function that made the text of our error.
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
    """Hide passwords in URLs, and values of query parameters that grant access."""
    if "@" in text:
        first, *rest = text.split("://")
        text = "://".join([first, *map(_without_password, rest)])
        text = _SETTING.sub(lambda match: match[1] + _without_password(match[3]), text)
    if "=" in text:
        text = _SIGNED.sub(rf"\1{HIDDEN}", text)
    return text


def _without_password(rest: str) -> str:
    """Return the part of a URL after "://" without the password. A user without a password is hidden, as it may be a token."""
    both = _USER_AND_PASSWORD.match(rest)
    if both is not None and _PORT.match(rest, both.start(2)) is None:
        # For a parser, the password ends at the last "@" before a "/", but people write passwords with a "/".
        before_slash = both[2].partition("/")[0]
        password = (before_slash if "@" in before_slash else both[2]).rpartition("@")[0]
        if "@" in both[2]:
            user = HIDDEN if password in _NO_PASSWORD else both[1]
            return f"{user}:{HIDDEN}{rest[both.start(2) + len(password) :]}"
    user_alone = _USER.match(rest)
    return rest if user_alone is None else f"{HIDDEN}@{rest[user_alone.end() :]}"


def escaped(document: str) -> str:
    """Return a JSON document with escaped control characters; `json.dumps` escapes only the first 32."""
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
    """Return the logger of this name, whose records are one safe line each."""
    found = logging.getLogger(name)
    found.addFilter(_one_safe_line)  # escaping twice changes nothing
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
