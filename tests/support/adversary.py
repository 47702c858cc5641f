"""Texts that make a backtracking engine work: for each repetition of a pattern, many rounds of it and an end that fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["texts"]

# Private, and the same since Python 3.11: the tree that `re` itself compiles.
_parser: Any = re._parser  # type: ignore[attr-defined]  # pyright: ignore
_constants: Any = re._constants  # type: ignore[attr-defined]  # pyright: ignore

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)

# Which character stands for a set that has several: each order is tried, so that neighbours come to share one.
_ORDERS = ("a0-./:_ ", "0a.-/:_ ", "-a0./:_ ", "./-:a0_ ", " a0-./:_", ":/a0-._ ", "_a0-./: ", "A9+a0-./")
_ENDS = ("!", "\n", "\x00", "-", "/", "")


def texts(pattern: str, length: int) -> Iterator[str]:
    """Yield texts of about `length` characters, of which most nearly match."""
    tree = _parser.parse(pattern)
    pumps = list(_repeats(tree))
    seen: set[str] = set()
    for order in _ORDERS:
        for pump in [*pumps, None]:
            base = _sample(tree, order, pump, 1)
            rounds = 2 + max(0, length - len(base)) // max(1, len(_sample(tree, order, pump, 2)) - len(base))
            body = _sample(tree, order, pump, rounds if pump is not None else 1)[: max(0, length - 1)]
            for end in _ENDS:
                text = body + end
                if text not in seen:
                    seen.add(text)
                    yield text
    for letter in "a0-./: _":
        yield letter * (length - 1) + "!"


def _repeats(tree: Any) -> Iterator[int]:
    for op, argument in tree:
        if op in _REPEATS:
            if argument[1] > 1:
                yield id(argument)
            yield from _repeats(argument[2])
        elif op is _constants.SUBPATTERN:
            yield from _repeats(argument[3])
        elif op is _constants.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch)
        elif op is _constants.ATOMIC_GROUP:
            yield from _repeats(argument)


def _holds(tree: Any, pump: int | None) -> bool:
    return pump in set(_repeats(tree))


def _sample(tree: Any, order: str, pump: int | None, rounds: int) -> str:
    """A text that matches, in which the repetition `pump` goes `rounds` times."""
    parts: list[str] = []
    for op, argument in tree:
        if op is _constants.LITERAL:
            parts.append(chr(argument))
        elif op is _constants.NOT_LITERAL:
            parts.append(next(letter for letter in order if ord(letter) != argument))
        elif op is _constants.ANY:
            parts.append(order[0])
        elif op is _constants.IN:
            parts.append(_of_set(argument, order))
        elif op in _REPEATS:
            least, most, body = argument
            if id(argument) == pump:
                times = max(least, min(rounds, most))
            else:
                times = max(least, 1 if most and _holds(body, pump) else min(least, most))
            parts.append(_sample(body, order, pump, rounds) * int(times))
        elif op is _constants.SUBPATTERN:
            parts.append(_sample(argument[3], order, pump, rounds))
        elif op is _constants.BRANCH:
            branches = argument[1]
            chosen = next((each for each in branches if pump is not None and _holds(each, pump)), branches[0])
            parts.append(_sample(chosen, order, pump, rounds))
        elif op is _constants.ATOMIC_GROUP:
            parts.append(_sample(argument, order, pump, rounds))
    return "".join(parts)


def _of_set(items: Any, order: str) -> str:
    for letter in [*order, *map(chr, range(33, 127)), "\t", "\n"]:
        if _in_set(items, letter):
            return letter
    return "?"


def _in_set(items: Any, letter: str) -> bool:
    negated = False
    found = False
    for op, argument in items:
        if op is _constants.NEGATE:
            negated = True
        elif op is _constants.LITERAL:
            found = found or ord(letter) == argument
        elif op is _constants.RANGE:
            found = found or argument[0] <= ord(letter) <= argument[1]
        elif op is _constants.CATEGORY:
            classes = {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w"}
            name = str(argument).removeprefix("CATEGORY_")
            found = found or re.match(classes.get(name, r"\W"), letter) is not None
    return found != negated
