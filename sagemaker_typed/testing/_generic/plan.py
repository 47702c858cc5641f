"""The plan of one kind of resource, read from the service model: its operations, names and states.

Nothing here is specific to a resource. `facts` adds what the model lacks, and overrides what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sagemaker_typed.testing._generic.facts import FACTS, Facts
from sagemaker_typed.testing._generic.lives import Life, life_of
from sagemaker_typed.testing._model import ServiceTables, Shape

__all__ = ["KindPlan", "derive", "kind_of", "members_of", "words_of"]

_CREATION = re.compile(r"(?:Create|Import)([A-Z].*)")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_REASONS = ("FailureReason", "FailureMessage", "StatusReason", "StatusMessage")
_VAGUE = frozenset({"Name", "Arn", "Id", "Status", "Type", "Description", "Version", "Key", "Value", "Identifier"})
"""Members whose name says too little to look for them deeper in a request."""


@dataclass(frozen=True, slots=True)
class KindPlan:
    """One kind of resource."""

    noun: str
    kind: str
    facts: Facts
    verbs: Mapping[str, str]
    """Its operations by what they do: create, describe, list, update, delete, stop, start."""
    key: tuple[str, ...]
    """The members that Describe finds it by."""
    name_member: str
    """The member of Create that names it; empty if it has no name."""
    arn_member: str
    id_member: str
    """The id that the service gives it; empty if there is none."""
    described: str
    """The structure that describes it."""
    wrapper: str
    """The member of Describe's answer that holds that structure; empty if it is the answer itself."""
    result_key: str
    """The member of the list's answer that holds the items."""
    summary: str
    """The structure of an item."""
    status_member: str
    status_shape: str
    reason_member: str
    life: Life
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Where a member of an answer stands deeper in the request that made it."""

    @property
    def label(self) -> str:
        """The name of the kind in messages."""
        return self.facts.label or words_of(self.noun)

    @property
    def scope(self) -> tuple[str, ...]:
        """The other members of the key: a name is unique within their values."""
        own = {self.name_member, self.arn_member, self.id_member}
        return tuple(member for member in self.key if member not in own and member != "Identifier")

    @property
    def named(self) -> bool:
        """Whether Describe takes the name rather than an id or ARN that the service assigned."""
        return self.name_member in self.key


def derive(model: ServiceTables, taken: Collection[str] = (), also: Collection[str] = ()) -> Iterator[KindPlan]:
    """Return the plans of all resources with a Create and a Describe, except for those whose Create is `taken`.

    `also` are the nouns of resources that no operation creates.
    """
    found = (_CREATION.fullmatch(operation) for operation in sorted(model.operations) if operation not in taken)
    nouns = {match[1]: match[0] for match in found if match and f"Describe{match[1]}" in model.operations}
    for noun, creation in nouns.items():
        yield _plan(model, noun, creation)
    for noun in also:
        # Resources that others create: devices of a fleet, nodes of a cluster.
        if noun not in nouns and dict(_verbs(model, noun)).keys() & {"describe", "list"}:
            yield _plan(model, noun, "")


def kind_of(noun: str) -> str:
    """`AIBenchmarkJob` -> `ai_benchmark_job`."""
    return _WORDS.sub("_", noun).lower()


def words_of(noun: str) -> str:
    """`AIBenchmarkJob` -> `AI benchmark job`."""
    return " ".join(word if word.isupper() else word.lower() for word in _WORDS.split(noun))


def members_of(model: ServiceTables, shape: str) -> Mapping[str, str]:
    """Return the shapes of a structure's members."""
    members: Mapping[str, Mapping[str, str]] = model.shape(shape).get("members", {})
    return {name: member["shape"] for name, member in members.items()}


def _plan(model: ServiceTables, noun: str, creation: str) -> KindPlan:
    facts = FACTS.get(noun, Facts())
    verbs = dict(_verbs(model, noun))
    asked: Mapping[str, str] = {}
    made: Mapping[str, str] = {}
    if creation:
        verbs = {"create": creation, **verbs}
        asked = _input_members(model, creation)
        made = members_of(model, model.output_name(creation)) if model.has_output(creation) else {}
    result_key, summary = _listed(model, verbs.get("list", ""))
    described, wrapper = _description(model, verbs["describe"]) if "describe" in verbs else (summary, "")
    shown = members_of(model, described)
    key = facts.key or tuple(_required(model, verbs["describe"]))
    status_member, status_shape = _status(model, noun, shown, asked, facts)
    statuses = model.enum(status_shape) if status_shape and model.has_shape(status_shape) else ()
    life = life_of(statuses, {"create": "", **verbs}, words_of(noun)).laid_over(facts)
    return KindPlan(
        noun=noun,
        kind=kind_of(noun),
        facts=facts,
        verbs=verbs,
        key=key,
        name_member=_name(noun, key, asked) if facts.name is None else facts.name,
        arn_member=_arn(noun, made, shown),
        id_member=_id(noun, made, asked),
        described=described,
        wrapper=wrapper,
        result_key=result_key,
        summary=summary,
        status_member=status_member,
        status_shape=status_shape,
        reason_member=next((name for name in _REASONS if name in shown), ""),
        life=life,
        paths=dict(_paths(model, creation)) if creation else {},
    )


def _verbs(model: ServiceTables, noun: str) -> Iterator[tuple[str, str]]:
    for verb in ("Describe", "Update", "Delete", "Stop", "Start"):
        if f"{verb}{noun}" in model.operations:
            yield verb.lower(), f"{verb}{noun}"
    for plural in (f"{noun}s", f"{noun.removesuffix('y')}ies", noun):
        if f"List{plural}" in model.operations:
            yield "list", f"List{plural}"
            return


def _input_members(model: ServiceTables, operation: str) -> Mapping[str, str]:
    shape = model.input_shape(operation) or {}
    return {name: member["shape"] for name, member in shape.get("members", {}).items()}


def _required(model: ServiceTables, operation: str) -> Sequence[str]:
    shape: Shape = model.input_shape(operation) or {}
    return list(shape.get("required", ()))


def _description(model: ServiceTables, operation: str) -> tuple[str, str]:
    """Return the structure that is the description: the only member of an answer, or its only required member."""
    output = model.output_name(operation)
    members = members_of(model, output)
    needed = list(members) if len(members) == 1 else model.shape(output).get("required", ())
    if len(needed) == 1 and model.shape(members[needed[0]])["type"] == "structure":
        return members[needed[0]], needed[0]
    return output, ""


def _listed(model: ServiceTables, operation: str) -> tuple[str, str]:
    for name, shape in members_of(model, model.output_name(operation)).items() if operation else ():
        about = model.shape(shape)
        if about["type"] == "list" and model.shape(about["member"]["shape"])["type"] == "structure":
            return name, about["member"]["shape"]
    return "", ""


def _name(noun: str, key: Sequence[str], asked: Mapping[str, str]) -> str:
    candidates = [f"{noun}Name", *(member for member in reversed(key) if member.endswith("Name")), "Name"]
    # The name of a ClusterExtension is its ExtensionName.
    candidates += [member for member in asked if member.endswith("Name") and noun.endswith(member[:-4])]
    return next((member for member in candidates if member in asked), "")


def _arn(noun: str, made: Mapping[str, str], shown: Mapping[str, str]) -> str:
    arns = [member for member in made if member.endswith("Arn")]
    candidates = [f"{noun}Arn", "Arn"]
    return next((member for member in candidates if member in made or member in shown), (arns or [f"{noun}Arn"])[-1])


def _id(noun: str, made: Mapping[str, str], asked: Mapping[str, str]) -> str:
    candidates = (f"{noun}Id", "Id")
    return next((member for member in candidates if member in made and member not in asked), "")


def _status(
    model: ServiceTables, noun: str, shown: Mapping[str, str], asked: Mapping[str, str], facts: Facts
) -> tuple[str, str]:
    """Return the member and enum of the status that the service sets. If Create takes it, the caller sets it."""
    candidates = [facts.status, f"{noun}Status", "Status"]
    candidates += [member for member in shown if member.endswith("Status") and noun.endswith(member[:-6])]
    for member in candidates:
        if member in shown and member not in asked and "enum" in model.shape(shown[member]):
            return member, shown[member]
    return "", facts.status_shape


def _paths(model: ServiceTables, creation: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return the paths of the texts in a request, least deep first, with each name once."""
    outermost = _input_members(model, creation)
    level: list[tuple[tuple[str, ...], str]] = [((name,), shape) for name, shape in outermost.items()]
    found = {*outermost, *_VAGUE}
    for _ in range(4):
        inner: list[tuple[tuple[str, ...], str]] = []
        for path, shape in level:
            if model.shape(shape)["type"] == "structure":
                inner += [((*path, name), each) for name, each in members_of(model, shape).items()]
        for path, shape in inner:
            if path[-1] not in found and model.shape(shape)["type"] == "string":
                found.add(path[-1])
                yield path[-1], path
        level = inner
