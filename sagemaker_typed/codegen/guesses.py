"""The best guess at what a person would decide, with the reasons. What cannot be told is not guessed."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .build import places
from .names import Namer, plural
from .overlay import Overlay
from .plan import OUTCOMES
from .problems import Problems, Question
from .read import BotocoreModel, Json
from .statuses import outcome, states_for, words
from .targets import MAIN

Lines = dict[str, Any]


@dataclass(frozen=True)
class Guess:
    """What would settle a question: values for one table of a file of the overlay."""

    file: str
    table: tuple[str, ...]
    """Empty for the top of the file."""
    lines: Lines
    """Key -> value. A list is added to the one that stands there."""
    reason: str
    more: tuple[Guess, ...] = field(default=())
    """Further tables that belong to it."""

    def parts(self) -> Iterator[Guess]:
        """This table and the further ones."""
        yield self
        for each in self.more:
            yield from each.parts()

    def added_to(self, overlay: Overlay) -> None:
        """Put it into decisions that are already read."""
        for part in self.parts():
            table = getattr(overlay, part.file)
            for name in part.table:
                table = table.setdefault(name, {})
            for key, value in part.lines.items():
                table[key] = [*table.get(key, ()), *value] if isinstance(value, list) else value


def guess(question: Question, model: BotocoreModel, overlay: Overlay) -> Guess | None:
    """An answer to a question about SageMaker's model; None where nobody but a person can say."""
    return _Guesser(model, overlay).answer(question)


# --- groups -----------------------------------------------------------------------------------------------------------

_CONNECTORS = ("for", "by", "of", "to", "from", "in", "with")
_UNCOUNTED = ("metadata", "data", "information", "software", "capacity", "history", "status")
_WHOLE = (MAIN.service,)  # as the whole service is called
_NO_GROUPS = ("exceptions", "shared", "search")
_NAMES = re.compile("(Name|Arn|Id|Identifier)$")


def singular(word: str) -> str:
    """Return the singular of an English noun."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "ases")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class _Guesser:
    def __init__(self, model: BotocoreModel, overlay: Overlay) -> None:
        self._model = model
        self._overlay = overlay
        self._namer = Namer(overlay.names, Problems())

    def answer(self, question: Question) -> Guess | None:
        match question.kind:
            case "group":
                return self._group(question.subject)
            case "word":
                return self._word(question.subject, question.detail[0])
            case "secret":
                return self._secret(question.subject)
            case "items":
                return self._items(question.subject, question.detail)
            case "describes":
                reason = "its response has more members than the list and the token, as a description has"
                return Guess("paging", ("describes",), {"operations": [question.subject]}, reason)
            case "waits":
                return self._waits(question.subject, *question.detail)
            case "status":
                return self._status(question.subject, question.detail[0])
            case "identifier":
                return self._identifier(question.subject)
            case "run":
                return self._run(question.subject, question.detail[0])

    def _group(self, operation: str) -> Guess | None:
        tokens = self._namer.snake(operation).split("_")
        size = 2 if tokens[0] == "batch" and len(tokens) > 2 else 1
        verb, rest = tokens[:size], tokens[size:]
        rest = [word for word in rest if word not in _WHOLE] or rest
        if not rest:
            return None
        group, left, reason = self._place(operation, rest)
        method = "_".join([*verb, *left])
        place = f"{group}.{method}_" if keyword.iskeyword(method) else f"{group}.{method}"
        if place in self._taken(operation) | self._ruled(operation):
            return None  # two operations cannot be one method
        return Guess("groups", ("operations",), {operation: place}, reason)

    def _place(self, operation: str, rest: list[str]) -> tuple[str, list[str], str]:
        """The group, the words that are left for the method, and why."""
        bare = [singular(word) for word in rest]
        found = self._longest(bare)
        if found is not None:
            group, named, start = found
            before, after = rest[:start], rest[start + len(named) :]
            if before and before[-1] in _CONNECTORS:
                before = before[:-1]
            return group, [*before, *after], f"the operation's name contains {' '.join(named)!r}"
        alike = sum(self._noun(other) == bare for other in self._model.operations)
        scope = None if alike > 1 else self._scope(operation)
        if scope is not None:
            return scope[0], rest, f"its required member {scope[1]} names one of the {scope[0]}"
        why = f"{alike} operations have the same noun" if alike > 1 else "the name of no group fits"
        return self._plural(rest), [], f"a new group: {why}"

    def _longest(self, bare: list[str]) -> tuple[str, list[str], int] | None:
        """The known group whose name is the longest part of the words, and where it begins."""
        best: tuple[str, list[str], int] | None = None
        for group in sorted(self._groups()):
            named = [singular(word) for word in group.split("_")]
            for start in range(len(bare) - len(named) + 1):
                if bare[start : start + len(named)] == named:
                    if best is None or (len(named), -start) > (len(best[1]), -best[2]):
                        best = (group, named, start)
                    break
        return best

    def _groups(self) -> set[str]:
        known = {home for home in self._overlay.homes.values() if home.partition(".")[0] not in _NO_GROUPS}
        return known | {place.partition(".")[0] for place in (*self._taken(""), *self._ruled(""))}

    def _taken(self, asking: str) -> set[str]:
        """The places of the operations that the overlay settles."""
        settled = self._overlay.groups["operations"]
        there = self._model.operations.keys() - {asking}
        return {str(place) for operation, place in settled.items() if operation in there}

    def _ruled(self, asking: str) -> set[str]:
        """The places of the operations that the rule settles."""
        found = places(self._model, self._overlay)
        return {f"{group}.{verb}" for name, (group, verb) in found.items() if group != "group" and name != asking}

    def _noun(self, operation: str) -> list[str]:
        return [singular(word) for word in self._namer.snake(operation).split("_")[1:]]

    @staticmethod
    def _plural(rest: list[str]) -> str:
        counted = rest[-1] != singular(rest[-1]) or rest[-1] in _UNCOUNTED[:4]
        return "_".join([*rest[:-1], rest[-1] if counted else plural(rest[-1])])

    def _scope(self, operation: str) -> tuple[str, str] | None:
        """The one group that a required member names a resource of."""
        request = self._model.input(operation)
        required = self._model.shape(request).get("required", ()) if request else ()
        named = {plural(self._namer.snake(_NAMES.sub("", wire))): wire for wire in required if _NAMES.search(wire)}
        found = [(group, wire) for group, wire in named.items() if group in self._groups()]
        return found[0] if len(found) == 1 else None

    # --- words --------------------------------------------------------------------------------------------------------

    def _word(self, member: str, word: str) -> Guess:
        wire = member.rpartition(".")[2]
        for chunk in _chunks(wire, word, self._namer):
            if self._is_a_name(chunk):
                reason = f"AWS's documentation writes {chunk} as one word"
                return Guess("names", ("fix",), {chunk: chunk.lower()}, reason)
        return Guess("names", ("words",), {"known": [word]}, f"a whole word in {member}")

    def _is_a_name(self, chunk: str) -> bool:
        """Whether AWS's own prose writes it so, and not in capitals."""
        said = re.compile(rf"(?<![A-Za-z]){re.escape(chunk)}(?![A-Za-z])")
        bodies = [*self._model.shapes.values(), *self._model.operations.values()]
        texts = [str(body.get("documentation", "")) for body in bodies]
        texts += [str(ref.get("documentation", "")) for body in bodies for ref in body.get("members", {}).values()]
        return any(said.search(text) for text in texts)

    # --- secrets ------------------------------------------------------------------------------------------------------

    def _secret(self, member: str) -> Guess:
        wire = member.rpartition(".")[2]
        if re.search("(Next|Client|ClientRequest|Idempotency|Pagination)Token$", wire):
            return Guess(
                "secrets",
                ("plain",),
                {member: "A token of the call, which grants nothing."},
                "a usual name of such a token",
            )
        if self._holds_structures(member):
            return Guess(
                "secrets",
                ("plain",),
                {member: "Its members are decided by themselves."},
                "it holds structures, not text",
            )
        if wire.lower().endswith(("url", "urls")) and not re.search(
            "Presigned|Authorized|Signed|Session|Stream|Login", member
        ):
            return Guess(
                "secrets",
                ("plain",),
                {member: "An address, which grants nothing."},
                "its name does not say that it is signed or opens a session",
            )
        return Guess("secrets", ("secret",), {member: "Named like a secret."}, "hiding a harmless value does no damage")

    def _holds_structures(self, member: str) -> bool:
        owner, _, wire = member.partition(".")
        ref = self._model.members(owner).get(wire) if owner in self._model.shapes else None
        if ref is None:
            return False
        body = self._model.shape(ref["shape"])
        while body["type"] in ("list", "map"):
            body = self._model.shape(body["member" if body["type"] == "list" else "value"]["shape"])
        return bool(body["type"] == "structure")

    # --- pages --------------------------------------------------------------------------------------------------------

    def _items(self, operation: str, lists: tuple[str, ...]) -> Guess:
        if not lists:
            return Guess("paging", ("items",), {operation: []}, "its response has no list")
        noun = {singular(word) for word in words(re.sub("^(List|Search|Describe|Query|Get)", "", operation))}
        shared = Counter({wire: len(noun & {singular(word) for word in words(wire)}) for wire in lists})
        (best, most), *others = shared.most_common()
        if others and others[0][1] == most:
            return Guess(
                "paging", ("items",), {operation: list(lists)}, "no list fits the operation's name better than another"
            )
        return Guess("paging", ("items",), {operation: [best]}, "the list that the operation is named after")

    # --- waits --------------------------------------------------------------------------------------------------------

    def _waits(self, describe: str, group: str, status: str) -> Guess | None:
        texts = self._texts(describe, status)
        noun = describe.removeprefix("Describe")
        stop, update = f"Stop{noun}", f"Update{noun}"
        states = states_for(texts, stops=stop in self._model.operations, updates=update in self._model.operations)
        if states is None:
            return None
        more = [self._state(group, state, classes, stop) for state, classes in states.items()]
        if f"Delete{noun}" in self._model.operations:
            more.append(Guess("waiters", (group, "deleted"), _classes("deleted", texts), f"Delete{noun} exists"))
        reason = f"{describe} returns {status}; a new resource is to become {next(iter(states)).replace('_', ' ')}"
        return Guess("waiters", (group,), {"status": status, **self._reason(describe, status)}, reason, tuple(more))

    def _state(self, group: str, state: str, classes: dict[str, list[str]], stop: str) -> Guess:
        entry: Lines = {}
        if state == "completed":
            entry = {"stop": stop} if stop in self._model.operations else {}
            entry |= {"timeout": 86400, "poll": _Fixed((5, 60))}
        return Guess("waiters", (group, state), entry | classes, "from the words in the names of the statuses")

    def _reason(self, describe: str, status: str) -> Lines:
        """The member that says why something failed, where it has another name than most."""
        members = self._model.members(self._model.output(describe))
        named = (
            "FailureReason",
            f"{status}Reason",
            "StatusReason",
            f"{status}Message",
            "StatusMessage",
            "FailureMessage",
        )
        found = next((wire for wire in named if wire in members), "FailureReason")
        return {} if found == "FailureReason" else {"reason": found}

    def _status(self, place: str, text: str) -> Guess | None:
        group, state = place.split(".")
        entry: Json = self._overlay.waiters.get(group, {}).get(state, {})
        found = outcome(state, text, list(entry.get("success", ())))
        if found is None:
            return None
        reason = f"from its words: {' '.join(words(text))!r} is {found} for a wait for {state.replace('_', ' ')!r}"
        return Guess("waiters", (group, state), {found: [text]}, reason)

    def _texts(self, describe: str, status: str) -> list[str]:
        ref = self._model.members(self._model.output(describe))[status]
        return list(dict.fromkeys(self._model.shape(ref["shape"])["enum"]))

    def _identifier(self, operation: str) -> Guess | None:
        request = self._model.input(operation)
        required = self._model.shape(request).get("required", ()) if request else ()
        named = [wire for wire in required if _NAMES.search(wire)]
        if not named:
            return None
        # What narrows comes first, and the name of the thing itself last.
        noun = operation.removeprefix("Describe")
        best = max(named, key=lambda wire: (wire.startswith(noun), named.index(wire)))
        return Guess("groups", ("identifiers",), {operation: best}, "the required member that names the resource")

    def _run(self, operation: str, describe: str) -> Guess | None:
        """The answer identifies what was made, and a list finds it by its name."""
        noun = re.sub("^(Create|Start)", "", operation)
        answers = self._model.members(self._model.output(operation))
        wanted = self._model.shape(self._model.input(describe) or "").get("required", [])
        answer = next((wire for wire in (*wanted, f"{noun}Arn", f"{noun}Id", "Arn") if wire in answers), None)
        if answer is None:
            return None
        given = self._model.members(self._model.input(operation))
        names = [wire for wire in (f"{noun}Name", "Name", f"{noun}DisplayName") if wire in given]
        lines: Lines = {"answer": answer}
        if names:
            lines = {"name": _Fixed(names[:1]), "answer": answer}
            listing = f"List{plural(noun)}"
            if listing in self._model.operations:
                lines["find"] = listing
        return Guess("waiters", ("runs", operation), lines, f"its response has {answer}, which identifies the resource")


def _classes(state: str, texts: list[str]) -> Lines:
    """Outcome -> the texts that mean it."""
    means = {text: outcome(state, text, []) or "pending" for text in texts}
    found = {each: [text for text in texts if means[text] == each] for each in OUTCOMES}
    return {each: classed for each, classed in found.items() if classed}


class _Fixed(tuple[Any, ...]):
    """A list that stands for itself: nothing is added to it."""

    __slots__ = ()


def _chunks(wire: str, word: str, namer: Namer) -> Iterator[str]:
    """The pieces of a name of which a short word may be torn off: `FSx` for `f` in `f_sx`."""
    pieces = namer.snake(wire).split("_")
    at = 0
    for index, piece in enumerate(pieces):
        begin = wire.lower().find(piece, at)
        at = begin + len(piece)
        if piece != word:
            continue
        following = pieces[index + 1] if index + 1 < len(pieces) else ""
        if following and (len(word) == 1 or len(following) == 1):
            yield wire[begin : at + len(following)]
        previous = pieces[index - 1] if index else ""
        if previous and len(word) == 1 and len(previous) <= 2:
            yield wire[begin - len(previous) : at]
