"""What a status means, guessed from its words and from the state that is waited for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from .plan import OUTCOMES

Sense = Literal["passing", "leaving", "good", "failed", "stopped", "gone"]
"""`passing` ends of itself; `leaving` too, and then the resource is `gone`; `good` and the others stay."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FAILED = frozenset(
    {"failed", "failure", "failures", "error", "faulty", "rejected", "unhealthy", "unavailable", "impaired", "expired"}
)
_GOOD = frozenset(
    {"completed", "complete", "succeeded", "success", "done", "service", "active", "available", "created", "updated", "ready",
     "running", "started", "approved", "enabled", "scheduled", "healthy"}
)  # fmt: skip
_STOPPED = frozenset({"stopped", "cancelled", "canceled", "terminated", "aborted"})
_PASSING = frozenset({"maintenance", "progress", "inprogress", "pending", "queued", "requested", "accepted", "waiting"})
_ENDED = ("completed", "done")
_UNDER_WAY = frozenset({"active", "created", "running", "scheduled", "started"})
_JOB_WORDS = frozenset({"completed", "complete", "succeeded", "success", "done"})


def words(text: str) -> list[str]:
    """`IN_PROGRESS` and `InProgress` are `in progress`."""
    return [word.lower() for word in _WORD.findall(text)]


def sense(text: str) -> Sense | None:
    """What a status says; None where its words do not tell."""
    said = words(text)
    if not said:
        return None
    for found, tells in _TELLS.items():
        if tells(said):
            return found
    return None


def _is_failed(said: list[str]) -> bool:
    return bool(_FAILED & set(said)) or said[:3] == ["out", "of", "service"] or said == ["inactive"]


def _is_gone(said: list[str]) -> bool:
    return said[0] in ("deleted", "removed") or (said[0] == "delete" and said[-1] in ("completed", "complete"))


def _is_leaving(said: list[str]) -> bool:
    return said[0] in ("deleting", "removing", "terminating") or ("delete" in said and bool(_PASSING & set(said)))


def _is_passing(said: list[str]) -> bool:
    return said[-1] in _PASSING or (
        said[-1] != "running" and any(word.endswith("ing") for word in (*said[:2], said[-1]))
    )


# The first that tells.
_TELLS: Mapping[Sense, Callable[[list[str]], bool]] = {
    "failed": _is_failed,
    "stopped": lambda said: said[-1] in _STOPPED,
    "gone": _is_gone,
    "leaving": _is_leaving,
    "passing": _is_passing,
    "good": lambda said: said[-1] in _GOOD,
}


def outcome(state: str, text: str, success: list[str]) -> str | None:
    """What a status means to whoever waits for a state; `success` are the texts that are known to be it."""
    found = sense(text)
    if found is None:
        return None
    if state == "deleted":
        if found == "failed":
            return "failure" if words(text)[0] in ("delete", "deletion") else "pending"
        return "success" if found == "gone" else "pending"
    means = {"passing": "pending", "leaving": "failure", "failed": "failure", "gone": "failure"}
    if found in means:
        return means[found]
    if found == "stopped":
        if state == "stopped":
            return "success"
        return "pending" if state == "updated" else "stopped"
    return _of_good(state, text, success)


def _of_good(state: str, text: str, success: list[str]) -> str | None:
    """A settled, sound status: the state itself, one from before it, or one from which it cannot be reached."""
    said, wanted = words(text), state.split("_")
    if text in success or said[-len(wanted) :] == wanted or (state == "updated" and said[0] == "update"):
        return "success"
    if state == "stopped":
        return "failure" if said[-1] in _JOB_WORDS else "pending"
    if state == "updated":
        return "pending"
    if state.startswith(_ENDED):
        return "success" if said[-1] in _JOB_WORDS else "pending" if said[-1] in _UNDER_WAY else None
    if state == "created":
        return "success"
    return None


_MAIN = ("in_service", "active", "available", "created", "running", "scheduled", "approved", "started", "ready")


def states_for(texts: list[str], *, stops: bool, updates: bool) -> dict[str, dict[str, list[str]]] | None:
    """The states that can be waited for, and what each of the statuses means to them; None where that is not clear.

    `stops` and `updates` say whether the resource can be. The wait for its end follows from the model.
    """
    wanted = _main_state(texts)
    if wanted is None:
        return None
    states = [wanted]
    if updates and {"update", "updated"} & {words(text)[0] for text in texts}:
        states.append("updated")
    if stops and "stopped" in map(sense, texts):
        states.append("stopped")
    found: dict[str, dict[str, list[str]]] = {}
    for state in states:
        classes = _classed(state, texts)
        if classes is None or "success" not in classes:
            return None
        found[state] = classes
    return found


def _classed(state: str, texts: list[str]) -> dict[str, list[str]] | None:
    """Outcome -> the texts that mean it; None where one is not clear."""
    means = {text: outcome(state, text, []) for text in texts}
    if None in means.values():
        return None
    found = {each: [text for text in texts if means[text] == each] for each in OUTCOMES}
    return {each: classed for each, classed in found.items() if classed}


def _main_state(texts: list[str]) -> str | None:
    good = [words(text) for text in texts if sense(text) == "good"]
    for state in _MAIN:
        if state.split("_") in good:
            return state
    if any(said in (["completed"], ["succeeded"]) for said in good):
        return "completed"
    return "created" if ["create", "completed"] in good else None
