"""Scripts: the states of a resource, and what ends a state (time, Describe calls, or `advance`).

Independent of moto, HTTP and the kinds of resources. Moments are whole microseconds since the `Timeline` began: with
floats, three steps of 0.1 s would end after 0.3 s.
"""

from __future__ import annotations

import difflib
import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, cast

__all__ = [
    "GONE",
    "Pace",
    "Script",
    "ScriptBook",
    "ScriptProgress",
    "State",
    "StateLike",
    "Timeline",
    "Vocabulary",
    "parse_states",
    "with_outcome",
]

StateLike = str | tuple[str, str | None] | tuple[str, Mapping[str, Any]] | None
"""A status, or a status with its failure reason (None: the answer carries no reason at all) or with members of the
description that it brings.

"InProgress/Training" is a status with its secondary status. None: the resource is gone.
"""

_MICROSECONDS = 1_000_000


class Timeline:
    """The wall-clock time at the start plus the progress of an injectable clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._origin = clock()
        self._wall = time.time()

    def now(self) -> int:
        return round((self._clock() - self._origin) * _MICROSECONDS)

    def epoch(self, moment: int) -> float:
        """Return the seconds since 1970, rounded to milliseconds as in the service."""
        return round(self._wall + moment / _MICROSECONDS, 3)

    def moment(self, epoch: float) -> int:
        """Return the moment for seconds since 1970. A moment before the timeline began is negative."""
        return round((epoch - self._wall) * _MICROSECONDS)


@dataclass(frozen=True, slots=True)
class State:
    status: str
    reason: str | None = None
    secondary: str = ""
    members: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    """What a script says that the description holds from here on, by wire name."""
    metrics: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    """Values by name that a script says are measured here."""


GONE = State("")
"""Whoever enters it is removed."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What ends a state. Without `every` and `describes`, only `advance()` does."""

    every: int | None = None
    """Microseconds."""
    describes: int | None = None
    """Describe calls."""

    @classmethod
    def of(cls, every: float | None, describes: int | None, manual: bool) -> Pace:
        if (every is not None) + (describes is not None) + manual != 1:
            raise ValueError("a script moves by exactly one of every=, describes= and manual=True")
        if every is not None and not (every >= 0 and math.isfinite(every)):
            raise ValueError(f"every must be a number of seconds that is not negative: {every}")
        if describes is not None and describes < 1:
            raise ValueError(f"describes must be at least 1: {describes}")
        return cls(every=None if every is None else round(every * _MICROSECONDS), describes=describes)


@dataclass(frozen=True, slots=True)
class Script:
    states: tuple[State, ...]
    """None at all: the usual ones."""
    pace: Pace
    given: bool
    """Given by the user, and so followed to the letter; otherwise the default, whose end depends on what S3 holds."""
    outcome: State = GONE
    """What comes with the last of the usual states, if there are no others: its members and metrics."""
    created: object = None
    """The moment of creation, as `sagemaker_typed.testing._outcomes.epoch_of` reads it; None: when it is asked for."""


class ScriptProgress:
    """One resource on its way through a script.

    The methods that move it yield each state that was entered, with the moment. Consume their iterators fully.
    """

    def __init__(self, states: Sequence[State], pace: Pace, now: int) -> None:
        self.restart(states, now, pace)

    def restart(self, states: Sequence[State], now: int, pace: Pace) -> None:
        """Replace the script with other states."""
        self._pace = pace
        self._states = states
        self._begun = now
        self.state = states[0]
        self.entered = now
        self._coming = deque(states[1:])
        self._seen = 0

    def again(self, now: int) -> None:
        """Restart the script if time moves it, because the time spent on waiting does not count."""
        if self._pace.every is not None:
            self.restart(self._states, now, self._pace)

    def back(self, state: State, now: int) -> None:
        """Enter a state that precedes the current state; the current state follows it."""
        self.restart([state, self.state, *self._coming], now, self._pace)

    @property
    def finished(self) -> bool:
        return not self._coming

    @property
    def final(self) -> State:
        """The last state of the script."""
        return self._states[-1]

    def share(self, status: str, now: int) -> float:
        """Return the share, from 0 to 1, of the script's leading states with `status` that is over."""
        most = self._leading(status)
        at = len(self._states) - len(self._coming) - 1
        if at >= most:
            return 1.0
        over = 0.0
        if self._pace.every is not None:
            over = (now - self.entered) / self._pace.every if self._pace.every else 1.0
        elif self._pace.describes is not None:
            over = self._seen / self._pace.describes
        return min(1.0, (at + max(0.0, min(1.0, over))) / most)

    def moment_of(self, status: str, share: float) -> int | None:
        """Return the moment at which a share of the states with a status is over. None if time does not move them."""
        if self._pace.every is None:
            return None
        return self._begun + round(self._pace.every * self._leading(status) * share)

    def _leading(self, status: str) -> int:
        return next((index for index, state in enumerate(self._states) if state.status != status), len(self._states))

    def settle(self, now: int) -> Iterator[tuple[State, int]]:
        """Yield the states entered through the passing of time."""
        if self._pace.every is None:
            return
        while self._coming and self.entered + self._pace.every <= now:
            yield self._next(self.entered + self._pace.every)

    def described(self, now: int) -> Iterator[tuple[State, int]]:
        """Count one Describe call. The call sees the state reached by the calls before it."""
        if self._pace.describes is None:
            return
        if self._coming and self._seen >= self._pace.describes:
            yield self._next(now)
        self._seen += 1

    def advance(self, now: int) -> Iterator[tuple[State, int]]:
        """Move to the next state, whatever the pace."""
        if self._coming:
            yield self._next(now)

    def _next(self, moment: int) -> tuple[State, int]:
        self.state = self._coming.popleft()
        self.entered = moment
        self._seen = 0
        return self.state, moment


class ScriptBook:
    """The scripts by kind of resource, phase of life and name pattern. The latest that matches wins."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, str, str, Script]] = []

    def add(self, kind: str, phase: str, pattern: str, script: Script) -> None:
        self._entries.append((kind, phase, pattern, script))

    def find(self, kind: str, phase: str, names: Collection[str]) -> Script | None:
        for entry_kind, entry_phase, pattern, script in reversed(self._entries):
            if (entry_kind, entry_phase) == (kind, phase) and any(fnmatchcase(name, pattern) for name in names):
                return script
        return None

    def clear(self) -> None:
        self._entries.clear()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The statuses allowed in scripts of one kind of resource."""

    statuses: Collection[str]
    terminal: Collection[str]
    """Statuses after which nothing comes."""
    secondaries: Mapping[str, str]
    """The secondary status that goes with a status if none is said; empty where the kind has none."""
    known_secondaries: Collection[str]
    reasons: Mapping[str, str]
    """The failure reason of a status that was given none."""
    usual_reason: str | None
    """The reason where nothing failed: None if Describe leaves it out."""


def parse_states(states: Sequence[StateLike], words: Vocabulary, *, allow_unknown: bool = False) -> tuple[State, ...]:
    """Parse and check the states of a script: a misspelt status would otherwise cause a wait that never ends."""
    if not isinstance(states, list | tuple):
        raise ValueError(f"a script is a list of states, not a single state: write [{states!r}]")
    parsed = [GONE if item is None else _parsed(item, words, allow_unknown) for item in states]
    if not parsed:
        raise ValueError("a script needs at least one state")
    if parsed[0] is GONE:
        raise ValueError("a script must begin with a status")
    for state in parsed[:-1]:
        if state is GONE or state.status in words.terminal:
            raise ValueError(f"{state.status or None} is final: nothing can come after it")
    return tuple(parsed)


def with_outcome(states: Sequence[State], outcome: State) -> tuple[State, ...]:
    """Return the states, with the outcome's members and metrics added to the last state that has a status."""
    last = max(index for index, state in enumerate(states) if state is not GONE)
    found = replace(
        states[last],
        members={**states[last].members, **outcome.members},
        metrics={**states[last].metrics, **outcome.metrics},
    )
    return (*states[:last], found, *states[last + 1 :])


def _parsed(item: object, words: Vocabulary, allow_unknown: bool) -> State:
    text, given = _state_and_more(item)
    status, _, secondary = text.partition("/")
    _check_known(status, words.statuses, "status", allow_unknown)
    if secondary:
        _check_known(secondary, words.known_secondaries, "secondary status", allow_unknown)
    secondary = secondary or words.secondaries.get(status, "")
    if isinstance(given, tuple):
        return State(status, given[0], secondary)
    return State(status, words.reasons.get(status, words.usual_reason), secondary, given)


def _state_and_more(item: object) -> tuple[str, tuple[str | None] | Mapping[str, Any]]:
    """Split a state into its status and either the failure reason (in a tuple) or the members (empty by default)."""
    if isinstance(item, str):
        return item, {}
    pair = cast("tuple[object, ...]", item) if isinstance(item, tuple) else ()
    match pair:
        case (str(text), str() | None as reason):
            return text, (reason,)
        case (str(text), more) if isinstance(more, Mapping):
            return text, cast("Mapping[str, Any]", more)
        case _:
            pass
    raise ValueError(f"a state is a status, a status with its reason or with members, or None: {item!r}")


def _check_known(word: str, known: Collection[str], what: str, allow_unknown: bool) -> None:
    if word in known or allow_unknown:
        return
    if not known:
        raise ValueError(f"unknown {what} {word!r}: this kind of resource has none")
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"unknown {what} {word!r}{hint or '.'} Known: {', '.join(known)}. "
        f"To script a {what} that the service does not have yet, pass allow_unknown=True"
    )
