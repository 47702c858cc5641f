"""What every kind of embedded resource has in common. A new kind is a subclass of `Resource`, listed in `local.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sagemaker_typed.testing._states import Pace, Progress, Script, ScriptBook, State, Timeline

__all__ = ["Call", "Handler", "Item", "Resource"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that passed the checks against the service model."""

    region: str
    parameters: Mapping[str, Any]
    now: int


Handler = Callable[[Call], Mapping[str, Any] | None]
"""Answers one operation: the output members, or None for an operation without output. Raises `ServiceError`."""


class Item(Protocol):
    @property
    def region(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def progress(self) -> Progress: ...


ItemT = TypeVar("ItemT", bound=Item)


class Resource(ABC, Generic[ItemT]):
    """Moves the items of one kind through their scripts. Not thread-safe: the caller holds the lock."""

    kind: ClassVar[str]
    """The name in `LocalSageMaker.script(kind, ...)`."""
    status_shape: ClassVar[str]
    """The enum of its statuses in the service model."""
    terminal: ClassVar[frozenset[str]] = frozenset()
    """Statuses after which nothing comes."""
    reasons: ClassVar[Mapping[str, str]] = {}
    """The failure reason of a scripted status that was given none."""
    default_states: ClassVar[tuple[str, ...]]

    def __init__(self, backend: Any, scripts: ScriptBook, timeline: Timeline, every: float) -> None:
        """`backend` is what the subclass says that it needs of `Moto`."""
        del backend
        self._scripts = scripts
        self._timeline = timeline
        states = tuple(State(status) for status in self.default_states)
        self._default = Script(states, Pace.of(every, None, False), given=False)
        self._moving: dict[tuple[str, str], ItemT] = {}

    @abstractmethod
    def operations(self) -> Mapping[str, Handler]:
        """The operations that are answered here; moto has the others."""

    @abstractmethod
    def entered(self, item: ItemT, state: State, moment: int) -> None:
        """The item has just come into this state."""

    @abstractmethod
    def knows(self, name: str) -> bool:
        """Whether there is such an item, in any region."""

    def settle(self, now: int) -> None:
        """Catch up with time. Run before each request, so that nobody can see a state that is over."""
        for item in list(self._moving.values()):
            self._follow(item, item.progress.settle(now))

    def advance(self, name: str | None, now: int) -> int:
        """Move the named item, or all, by one state; how many moved."""
        moved = 0
        for item in list(self._moving.values()):
            if name is None or item.name == name:
                moved += self._follow(item, item.progress.advance(now))
        return moved

    def reset(self) -> None:
        self._moving.clear()

    def _script(self, name: str) -> Script:
        return self._scripts.find(self.kind, name) or self._default

    def _enter_first(self, item: ItemT) -> None:
        """Call when the item's progress is new or was restarted."""
        self.entered(item, item.progress.state, item.progress.entered)
        if not item.progress.finished:
            self._moving[item.region, item.name] = item

    def _follow(self, item: ItemT, states: Iterable[tuple[State, int]]) -> int:
        moved = 0
        for state, moment in states:
            self.entered(item, state, moment)
            moved += 1
        if item.progress.finished:
            self._moving.pop((item.region, item.name), None)
        return moved
