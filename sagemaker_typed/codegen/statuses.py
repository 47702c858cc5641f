"""What a status means, guessed from its words and from the state that is waited for."""

from __future__ import annotations

import re
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
    last = said[-1]
    if _FAILED & set(said) or said[:3] == ["out", "of", "service"] or said == ["inactive"]:
        return "failed"
    if last in _STOPPED:
        return "stopped"
    if said[0] in ("deleted", "removed") or (said[0] == "delete" and last in ("completed", "complete")):
        return "gone"
    if said[0] in ("deleting", "removing", "terminating") or ("delete" in said and _PASSING & set(said)):
        return "leaving"
    if last == "running":
        return "good"
    if last in _PASSING or last in ("stopping", "pending") or any(word.endswith("ing") for word in said[:2]):
        return "passing"
    return "good" if last in _GOOD else None


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
    if updates and any(words(text)[0] in ("update", "updated") for text in texts):
        states.append("updated")
    if stops and any(sense(text) == "stopped" for text in texts):
        states.append("stopped")
    found: dict[str, dict[str, list[str]]] = {}
    for state in states:
        classes: dict[str, list[str]] = {}
        for text in texts:
            meaning = outcome(state, text, [])
            if meaning is None:
                return None
            classes.setdefault(meaning, []).append(text)
        if "success" not in classes:
            return None
        found[state] = {each: classes[each] for each in OUTCOMES if each in classes}
    return found


def _main_state(texts: list[str]) -> str | None:
    good = [words(text) for text in texts if sense(text) == "good"]
    for state in _MAIN:
        if state.split("_") in good:
            return state
    if any(said in (["completed"], ["succeeded"]) for said in good):
        return "completed"
    return "created" if ["create", "completed"] in good else None
