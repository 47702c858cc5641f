"""Drafts sentences for the docstrings of what is new: from what is said of its like, or else from its name.

No sentence is AWS's. One that happens to share eight words in a row with AWS's text on the same thing is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from .guesses import Guess, singular
from .names import Namer, plural
from .overlay import Overlay
from .plan import EnumPlan, Field, Module, OperationPlan, Plan, StructurePlan, WaiterPlan
from .problems import Problems
from .read import BotocoreModel, Json

RUN = 8
"""So many words in a row are a copy."""
_LONGEST = 26

_FROM_NAME = "drafted from its name"

_ROLE = re.compile("(Request|Response|Input|Output|Result)$")
_ERRORS = ("Exception", "Error", "Failure")
_OF_HTTP = {
    "Accept": "Media types that the response may have.",
    "Body": "Body of the {}.",
    "ContentType": "Media type of the body of the {}.",
}
"""What is usual in requests and responses of the data plane: member -> sentence."""
_PART = re.compile("(Summary|Details|ListItem)$")
_SETTINGS = re.compile("(Config|Configuration|Settings|Options|Spec|Specification)$")
_WRITTEN = {
    **{word: word.upper() for word in (
        "ai", "api", "arn", "aws", "cidr", "cpu", "dns", "ebs", "efa", "efs", "gpu", "html", "iam", "id", "ip", "json", "kms",
        "ml", "sql", "ssh", "sso", "ui", "uri", "url", "vpc", "yaml",
    )},
    "arns": "ARNs", "fsx": "FSx", "ids": "IDs", "kv": "KV", "mlflow": "MLflow", "s3": "Amazon S3", "sns": "Amazon SNS",
    "urls": "URLs",
}  # fmt: skip
_VERBS = {
    **{verb: verb.capitalize() for verb in (
        "add", "attach", "create", "delete", "deregister", "detach", "disable", "enable", "import", "invoke", "list", "move",
        "register", "remove", "retry", "search", "send", "start", "stop",
    )},
    "describe": "Look up", "get": "Look up", "put": "Set", "update": "Change the settings of",
}  # fmt: skip
_SPELT = ("FSx", "ML", "S3", "SNS", "SQL", "SSH", "SSO", "HTML")
"""These begin with a vowel where they are read aloud."""
_UNITS = re.compile("_in_(seconds|minutes|hours|days|months|bytes|mb|gb|gib|mib|percent|percentage)$")


class Proposal(NamedTuple):
    """A sentence, and where it comes from."""

    sentence: str
    reason: str


def drafts(plan: Plan, model: BotocoreModel, overlay: Overlay, before: Json) -> Iterator[Guess]:
    """Yield a sentence for each new element without words, with the file where such sentences stand.

    `before` is the model that is not new.
    """
    writer = _Drafter(plan, model, overlay)
    for operation in plan.operations:
        if not operation.words:
            home = operation.group or "search"
            yield from writer.guess("operations", operation.name, home, writer.operation(operation))
    for group in plan.groups:
        if not group.words and not plan.target.attribute:
            draft = Proposal(f"{_sentence(group.name.split('_'))}.", _FROM_NAME)
            yield from writer.guess("groups", group.name, "groups", draft)
    # A class may have another name than its shape.
    old = {**before["shapes"], **{name: before["shapes"].get(shape, {}) for name, shape in plan.renamed.items()}}
    yield from (each for module in plan.modules for each in _of_module(module, writer, old))
    yield from writer.ends(old)


def _of_module(module: Module, writer: _Drafter, old: Json) -> Iterator[Guess]:
    """The sentences on the new classes and members of a module."""
    home = _file_of(module.name)
    for structure in module.structures:
        if structure.role == "plain" and not structure.words and structure.name not in old:
            yield from writer.guess("shapes", structure.name, home, writer.structure(structure))
        known = old.get(structure.name, {}).get("members", {})
        for field in structure.fields:
            if not field.words and field.wire not in known:
                draft = writer.member(structure, field)
                yield from writer.guess("members", f"{structure.name}.{field.wire}", home, draft)
    for enum in module.enums:
        if not enum.words and enum.name not in old:
            yield from writer.guess("shapes", enum.name, home, writer.enum(enum))


def _file_of(module: str) -> str:
    """The file with the words on the classes of a module of `types/`."""
    return "shared" if module.startswith("shared.") else module


class _Drafter:
    def __init__(self, plan: Plan, model: BotocoreModel, overlay: Overlay) -> None:
        self._plan = plan
        self._model = model.renamed({shape: name for name, shape in plan.renamed.items()})
        self._said: dict[str, dict[str, str]] = overlay.words
        self._namer = Namer(overlay.names, Problems())
        self._structures = plan.structures

    def guess(self, table: str, key: str, home: str, draft: Proposal) -> Iterator[Guess]:
        """The line for a sentence; none for one that AWS wrote, or that is too long."""
        if len(draft.sentence.split()) > _LONGEST or _copied(draft.sentence, self._theirs(table, key)):
            return
        overlay = self._plan.target.overlay
        file = f"words/services/{overlay}" if overlay else f"words/{home}"
        yield Guess(file, (table,), {key: draft.sentence}, draft.reason)

    # --- each kind ------------------------------------------------------------------------------------------------------

    def operation(self, operation: OperationPlan) -> Proposal:
        verb, *rest = self._words(operation.name)
        if verb == "batch" and rest:
            verb, rest = rest[0], rest[1:]
        noun = rest if verb in _VERBS else rest or [verb]
        said = _VERBS.get(verb, verb.capitalize())
        one = _many(noun) if noun and noun[-1] != singular(noun[-1]) else _one(noun)
        return Proposal(f"{said} {one}.".replace("  ", " ") if noun else f"{said}.", _FROM_NAME)

    def structure(self, structure: StructurePlan) -> Proposal:
        for name, other in self._structures.items():
            for field in other.fields:
                if field.type.shape == structure.name and field.words:
                    return Proposal(
                        self._plain(f"{name}.{field.wire}", field.wire),
                        f"drafted from the sentence on {name}.{field.wire}",
                    )
        if _PART.search(structure.name):
            return Proposal(f"{_first(_one(self._words(_PART.sub('', structure.name))))} in a list.", _FROM_NAME)
        if _SETTINGS.search(structure.name) and (rest := self._words(_SETTINGS.sub("", structure.name))):
            return Proposal(f"Settings of {_the(rest)}.", _FROM_NAME)
        return Proposal(self._of_role(structure.name), _FROM_NAME)

    def _of_role(self, name: str) -> str:
        """A sentence about a class, from the last word of its name."""
        *about, last = self._words(name)
        if last == "exception" and about:
            return f"The error: {_plainly(about)}."
        if last == "filter" and about:
            return f"A condition on listed {_many(about)}."
        if last == "error" and about:
            return f"What went wrong for {'one of the items' if about[0] in _VERBS else _one(about)}."
        return f"{_sentence([*about, last])}."

    def enum(self, enum: EnumPlan) -> Proposal:
        words = self._words(enum.name)
        if words[-1] in ("status", "state") and words[:-1]:
            return Proposal(f"States of {_one(words[:-1])}.", _FROM_NAME)
        if "sort" in words:
            said = "Directions in" if words[-1] == "order" else "Properties by"
            return Proposal(f"{said} which a list can be sorted.", _FROM_NAME)
        if words[-1] in ("type", "kind", "mode") and words[:-1]:
            return Proposal(f"{_first(plural(words[-1]))} of {_plainly(words[:-1])}.", _FROM_NAME)
        if words[-2:] == ["filter", "name"]:
            return Proposal("Properties by which a list can be filtered.", _FROM_NAME)
        if words[-2:] == ["error", "code"]:
            return Proposal("Codes of what went wrong.", _FROM_NAME)
        return Proposal(f"Choices of {_plainly(words)}.", _FROM_NAME)

    def member(self, structure: StructurePlan, field: Field) -> Proposal:
        """What a sibling says of the same member, what its type says, or what its name says."""
        return self._of_sibling(structure, field) or self._of_type(field) or self._of_name(structure, field)

    def ends(self, old: Json) -> Iterator[Guess]:
        """The new statuses that end a wait and have no words."""
        waiters = [waiter for group in self._plan.groups for waiter in group.waiters if waiter.status is not None]
        drawn = {key: draft for waiter in reversed(waiters) for key, draft in _of_ends(waiter)}
        for module in self._plan.modules:
            for enum in module.enums:
                known = {*enum.meanings, *old.get(enum.name, {}).get("enum", ())}
                for text in [each for each in enum.members if each not in known]:
                    if (draft := drawn.get((enum.name, text))) is not None:
                        yield from self.guess("values", f"{enum.name}.{text}", _file_of(module.name), draft)

    # --- members --------------------------------------------------------------------------------------------------------

    def _of_sibling(self, structure: StructurePlan, field: Field) -> Proposal | None:
        """The words of the same member, of the same type, in the structure whose name is most alike."""
        noun = self._noun(structure)
        alike: list[tuple[int, str]] = []
        for name, other in self._structures.items():
            if other is structure or (other.role == "request") != (structure.role == "request"):
                continue
            if _listing(other) != _listing(structure):
                continue
            if any(each.wire == field.wire and each.type.shape == field.type.shape for each in other.fields):
                alike.append((-len({*self._noun(other)} & {*noun}), name))
        for _, name in sorted(alike):
            sentence = self._said["members"].get(f"{name}.{field.wire}")
            if sentence:
                theirs = _plainly(self._noun(self._structures[name]))
                mine = _plainly(noun)
                return Proposal(
                    sentence.replace(theirs, mine) if theirs else sentence,
                    f"drafted from the sentence on {name}.{field.wire}",
                )
        return None

    def _of_type(self, field: Field) -> Proposal | None:
        said = self._said["shapes"].get(field.type.shape) if field.type.kind == "structure" else None
        return Proposal(said, f"drafted from the sentence on {field.type.shape}") if said else None

    def _of_name(self, structure: StructurePlan, field: Field) -> Proposal:
        if structure.name.endswith(_ERRORS) and field.wire.lower() == "message":
            return Proposal("What went wrong.", _FROM_NAME)
        if structure.role != "plain" and (usual := _OF_HTTP.get(field.wire)) is not None:
            return Proposal(usual.format(structure.role), _FROM_NAME)
        noun = self._noun(structure)
        name = _UNITS.sub("", "_".join(self._words(field.wire)))
        return Proposal(_by_suffix(name.split("_"), noun, field), _FROM_NAME)

    # --- words ----------------------------------------------------------------------------------------------------------

    def _plain(self, key: str, wire: str) -> str:
        """The words as they stand in the overlay, where AWS's names have not become those of fields."""
        return self._said["members"].get(key) or self._said["members"][wire]

    def _words(self, name: str) -> list[str]:
        return self._namer.snake(name).split("_")

    def _noun(self, structure: StructurePlan) -> list[str]:
        """What a structure is about: `inference gateway` for `DescribeInferenceGatewayResponse`."""
        name = _PART.sub("", _ROLE.sub("", structure.name) if structure.role != "plain" else structure.name)
        words = self._words(name)
        if structure.role != "plain" and words[0] in {*_VERBS, "batch"}:
            words = words[2:] if words[0] == "batch" else words[1:]
        return [*words[:-1], singular(words[-1])] if words else []

    def _theirs(self, table: str, key: str) -> Iterator[str]:
        """AWS's texts on a thing."""
        owner, _, wire = key.partition(".")
        if table == "operations":
            yield self._model.operations[key].get("documentation", "")
        elif table in ("shapes", "values"):
            yield self._model.shapes.get(owner, {}).get("documentation", "")
        elif table == "members":
            yield self._model.members(owner).get(wire, {}).get("documentation", "")


def _listing(structure: StructurePlan) -> bool:
    """Whether a structure belongs to a list, whose members are filters and pages."""
    return structure.role != "plain" and structure.name.startswith("List")


_OF_WHAT = ("arn", "name", "id", "identifier", "status", "state", "type", "version", "description", "url", "uri")
_BOUNDS = {"max": "Largest", "maximum": "Largest", "min": "Smallest", "minimum": "Smallest"}


def _by_suffix(words: list[str], noun: list[str], field: Field) -> str:
    """A sentence about a member, from its type and from the last or the first word of its name."""
    *rest, last = words
    rest = rest or noun
    if last in _OF_WHAT:
        return f"{_first(_written({'identifier': 'id'}.get(last, last)))} of {_the(rest)}."
    if last in ("arns", "names", "ids"):
        return f"{_first(_written(last))} of the {_many(rest)}."
    if last == "count":
        return f"Number of {_many(rest)}."
    if words[0] in _BOUNDS and words[1:]:
        return f"{_BOUNDS[words[0]]} {_plainly(words[1:])}."
    if words == noun[-len(words) :]:
        return f"{_first(_the(noun))}."
    return _by_kind(words, noun, field) or f"{_sentence(words)}{f' of {_the(noun)}' if noun and words != noun else ''}."


def _by_kind(words: list[str], noun: list[str], field: Field) -> str | None:
    """A sentence about a member, from its type; None where that says nothing."""
    *rest, last = words
    match field.type.kind:
        case "boolean" if words[0] in ("enable", "disable") and words[1:]:
            return f"Whether to {_plainly(words)}."
        case "boolean":
            return f"Whether {_the(words)} applies."
        case "timestamp":
            return f"Time of {_the(rest if last in ('time', 'at') and rest else words)}."
        case "list" if noun and (last == "summaries" or [*rest, singular(last)] == noun):
            return f"One page of {_many(noun)}."
        case _:
            return None


_PARTICIPLES = {
    "adding": "added", "creating": "created", "deleting": "deleted", "removing": "removed", "stopping": "stopped",
    "terminating": "terminated", "updating": "changed",
}  # fmt: skip


def _of_ends(waiter: WaiterPlan) -> Iterator[tuple[tuple[str, str], Proposal]]:
    """Each status that ends a wait, by enum and text, with a sentence."""
    enum = waiter.status.type.shape if waiter.status else ""
    for outcome, texts in waiter.classes.items():
        for text in texts if outcome != "pending" else ():
            yield (
                (enum, text),
                Proposal(_of_status(waiter.noun, text, outcome), f"drafted from its meaning for a wait: {outcome}"),
            )


def _of_status(noun: str, text: str, outcome: str) -> str:
    said = " ".join(word.lower() for word in re.findall("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", text)) or text
    if outcome == "failure" and re.search("fail|error", said):
        return f"A final state: something went wrong with the {noun}."
    if outcome == "stopped":
        return f"A final state: the {noun} was stopped."
    if (done := _PARTICIPLES.get(said)) is not None:
        return f"The {noun} is being {done}."
    return f"The {noun} is in the state `{text}`." if said.endswith("ing") else f"The {noun} is {said}."


def _written(word: str) -> str:
    return _WRITTEN.get(word, word)


def _first(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(words: list[str]) -> str:
    return _first(_plainly(words))


def _plainly(words: list[str]) -> str:
    return " ".join(map(_written, words))


def _the(words: list[str]) -> str:
    return f"the {_plainly(words)}"


def _one(words: list[str]) -> str:
    said = _plainly(words)
    vowel = said[:1].lower() in "aeio" or said.startswith(_SPELT)
    return f"{'an' if vowel else 'a'} {said}" if said else ""


def _many(words: list[str]) -> str:
    said = [*words[:-1], words[-1] if words[-1] != singular(words[-1]) else plural(words[-1])]
    return _plainly(said)


# --- copies -----------------------------------------------------------------------------------------------------------


def _copied(sentence: str, theirs: Iterator[str]) -> bool:
    mine = _runs(sentence)
    return any(not mine.isdisjoint(_runs(text)) for text in theirs)


def _runs(text: str) -> set[tuple[str, ...]]:
    found = re.findall(r"[a-z0-9']+", re.sub(r"<[^>]+>", " ", html.unescape(text)).lower())
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}
