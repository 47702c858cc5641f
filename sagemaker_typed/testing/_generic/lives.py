"""The states of a kind's life, derived from the values of its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sagemaker_typed.testing._generic.facts import Facts
from sagemaker_typed.testing._states import StateLike

__all__ = ["Life", "life_of"]

_BEGINNINGS = ("creating", "createinprogress", "pending", "initializing", "importing", "registering", "adding")
_JOB_BEGINNINGS = ("starting", "pending", "initializing", "created")
_AT_REST = (
    *("inservice", "created", "createcompleted", "active", "available", "scheduled", "running", "enabled", "ready"),
    *("completed", "succeeded", "deployed"),
)
_UPDATING = ("updating", "updateinprogress")
_UPDATED = ("updated", "updatecompleted")
_DELETING = ("deleting", "deleteinprogress")
_WORKING = ("inprogress", "running")
_JOB_ENDS = ("completed", "failed", "stopped")
_LASTING = frozenset({"running"})
"""Words in -ing that stay."""


@dataclass(frozen=True, slots=True)
class Life:
    """The phases and states of a kind."""

    phases: Mapping[str, Sequence[StateLike]]
    terminal: frozenset[str]
    """Statuses after which nothing comes: only jobs have them."""
    passing: frozenset[str]
    """Statuses that give way to another one by themselves."""
    reasons: Mapping[str, str]
    working: frozenset[str]
    """Statuses in which a job has begun."""

    @property
    def begins(self) -> Mapping[str, str]:
        """Map the first status of a script to the phase that the script is for."""
        made = self.phases.get("create", ())
        firsts = {states[0]: phase for phase, states in self.phases.items() if phase != "create"}
        return {str(status): phase for status, phase in firsts.items() if status not in made}

    def laid_over(self, facts: Facts) -> Life:
        """Return the life with some phases replaced."""
        return replace(self, phases={**self.phases, **facts.lives}) if facts.lives else self


def life_of(statuses: Sequence[str], verbs: Mapping[str, str], label: str) -> Life:
    """Return the usual life. Without statuses it is empty."""
    words = {status.lower().replace("_", ""): status for status in statuses}
    working = _known(words, _WORKING)
    is_job = "completed" in words and bool(working)
    phases = {phase: states for phase, states in _phases(words, is_job) if phase in verbs}
    return Life(
        phases=phases,
        terminal=_known(words, _JOB_ENDS) if is_job else frozenset(),
        passing=frozenset(status for word, status in words.items() if _passes(word)),
        reasons={
            status: f"InternalServerError: the {label} failed (as scripted)"
            for word, status in words.items()
            if "fail" in word
        },
        working=working,
    )


def _phases(words: Mapping[str, str], is_job: bool) -> Iterator[tuple[str, list[StateLike]]]:
    resting = _some(words, [_AT_REST])
    if is_job:
        yield "create", _some(words, [_JOB_BEGINNINGS, _WORKING, ("completed",)])
    elif words:
        yield "create", _some(words, [_BEGINNINGS]) + resting or [next(iter(words.values()))]
    updating = _some(words, [_UPDATING])
    if updating:
        yield "update", updating + (_some(words, [_UPDATED]) or resting)
    stopped = _some(words, [("stopping",), ("stopped",)])
    if stopped:
        yield "stop", stopped
    starting = _some(words, [("starting",), ("started",)])
    if starting and not is_job:
        yield "start", starting if "started" in words else starting + resting
    deleting = _some(words, [_DELETING])
    if deleting:
        yield "delete", [*deleting, None]


def _known(words: Mapping[str, str], row: Sequence[str]) -> frozenset[str]:
    return frozenset(words[word] for word in row if word in words)


def _some(words: Mapping[str, str], choices: Sequence[Sequence[str]]) -> list[StateLike]:
    """Return the first word of each row that the kind knows."""
    firsts = (next((words[word] for word in row if word in words), None) for row in choices)
    return [status for status in firsts if status is not None]


def _passes(word: str) -> bool:
    return word not in _LASTING and (word.endswith(("ing", "inprogress", "back")) or word.startswith("pending"))
