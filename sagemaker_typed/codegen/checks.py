"""What stops the generator: a model that the runtime cannot speak, and names that clash when everything is planned."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterator, Mapping

from .plan import KINDS, GroupPlan, Plan
from .problems import Problems
from .read import BotocoreModel, Json
from .text import value_alias

# What generated modules import under these names, or Python itself owns.
_NAMES = frozenset({
    "Any", "Api", "Batch", "BatchEvent", "Between", "Callable", "Explanation", "Group", "Groups", "Iterable", "Literal",
    "Mapping", "Member", "OpenEnum", "Operation", "Pages", "Request", "Response", "Rule", "Sender", "Sequence",
    "Structure", "TypeAlias", "Waiter", "WaitEvent", "WaitReport", "structure",
    "bool", "datetime", "dict", "float", "int", "list", "str", "timedelta",
})  # fmt: skip
# The other modules of `resources/` and `types/`, and what `SageMaker` itself has.
_GROUPS = frozenset(
    {
        "api", "boto3_client", "clock", "close", "exceptions", "groups", "send", "shared", "unreached", "wait_all",
        "waitable",
    }
)  # fmt: skip


# The runtime sends and reads one JSON object, at one address, with a member under its own name. Each trait of a service
# model that asks for more is refused here.
_PROTOCOL = "json 1.1"
_REFUSED_OF_AN_OPERATION = {
    "endpoint": "a host of its own",
}
_REFUSED_OF_A_SHAPE = {
    "document": "a value of any form",
    "eventstream": "an event stream",
    "payload": "a payload",
    "streaming": "a streamed body",
}
_REFUSED_OF_A_MEMBER = {
    "eventheader": "an event's header",
    "eventpayload": "an event's payload",
    "hostLabel": "a member in the host",
    "location": "a member outside the body",
    "locationName": "a member under another name",
    "streaming": "a streamed member",
}


def refuse(model: BotocoreModel, problems: Problems) -> None:
    """Add what the runtime can neither send nor read."""
    if other := sorted(_spoken(model.raw["service-2"]["metadata"]) - {_PROTOCOL}):
        problems.say(
            f"operation {min(model.operations)}, like all of the service, is offered in {' and '.join(other)}, and the "
            f"runtime speaks {_PROTOCOL} alone: leave the service out, or teach the runtime"
        )
        return
    for operation in sorted(model.operations):
        for what in dict.fromkeys(_refused(model, operation)):
            problems.add(
                f"operation {operation} has {what}, which the runtime cannot send or read: teach it, or leave the operation "
                "out and say why",
                "groups",
                f'[without] {operation} = "..."',
            )


def _spoken(metadata: Json) -> set[str]:
    """The protocols that botocore may choose from; JSON has versions that differ on the wire."""
    names = {metadata["protocol"], *metadata.get("protocols", ())}
    return {f"{name} {metadata.get('jsonVersion')}" if name == "json" else str(name) for name in names}


def _refused(model: BotocoreModel, operation: str) -> Iterator[str]:
    body = model.operations[operation]
    yield from _traits(body, _REFUSED_OF_AN_OPERATION, "operation")
    http = body.get("http", {})
    if (http.get("method", "POST"), http.get("requestUri", "/")) != ("POST", "/"):
        yield f"an address of its own ({http.get('method', 'POST')} {http.get('requestUri', '/')})"
    for side in ("input", "output"):
        yield from _traits(body.get(side, {}), _REFUSED_OF_A_MEMBER, side)
    for shape in sorted(model.reach(model.input(operation)) | model.reach(model.output(operation))):
        yield from _refused_of_a_shape(shape, model.shape(shape))


def _refused_of_a_shape(name: str, body: Json) -> Iterator[str]:
    yield from _traits(body, _REFUSED_OF_A_SHAPE, name)
    if body["type"] not in KINDS:
        yield f"a value of type {body['type']} ({name})"
    refs = {**body.get("members", {}), **{part: body[part] for part in ("member", "key", "value") if part in body}}
    for member, ref in refs.items():
        yield from _traits(ref, _REFUSED_OF_A_MEMBER, f"{name}.{member}")


def _traits(body: Json, refused: Mapping[str, str], where: str) -> Iterator[str]:
    for trait, words in refused.items():
        if (value := body.get(trait)) is not None and value is not False:
            yield f"{words} ({where}, {trait} {json.dumps(value)})"


def check(plan: Plan, problems: Problems) -> None:
    """Add what needs a person."""
    _check_classes(plan, problems)
    _check_groups(plan, problems)


# --- classes and groups -----------------------------------------------------------------------------------------------


def _check_classes(plan: Plan, problems: Problems) -> None:
    aliases = {value_alias(enum.name): enum.name for module in plan.modules for enum in module.enums}
    for name in sorted(plan.homes):
        if name in aliases:
            why = f"is what the texts of enum {aliases[name]} are called"
        elif name in _NAMES or keyword.iskeyword(name):
            why = "is a name that generated modules use themselves"
        else:
            continue
        problems.add(f"class {name} {why}", "names", f'[classes] {name} = "..."')


def _check_groups(plan: Plan, problems: Problems) -> None:
    by_class: dict[str, str] = {}
    on_client = {operation.verb for operation in plan.client_operations}
    for group in plan.groups:
        _check_methods(group, problems)
        if group.name in _GROUPS | on_client:
            for operation in group.operations:
                problems.add(
                    f"{operation.name} would make a group {group.name}, a name that is taken",
                    "groups",
                    f'[operations] {operation.name} = "group.{operation.verb}"',
                )
        other = by_class.setdefault(group.class_name, group.name)
        if other != group.name:
            why = f"has the name of the class of group {other}"
        elif group.class_name in _NAMES:
            why = "has a name that generated modules use themselves"
        elif group.class_name in _mentioned(group):
            why = "has the name of a shape that its methods take or give"
        else:
            continue
        problems.add(
            f"group class {group.class_name} {why}", "groups", f'[classes] {group.name} = "{group.class_name}Group"'
        )


def _check_methods(group: GroupPlan, problems: Problems) -> None:
    taken: dict[str, str] = {}
    for operation in group.operations:
        verbs = [operation.verb]
        if operation.paging is not None and operation.paging.describes:
            verbs.append(f"{operation.verb}_pages")
        for verb in verbs:
            other = taken.setdefault(verb, operation.name)
            if other != operation.name:
                problems.add(
                    f"{other} and {operation.name} would both be {group.name}.{verb}",
                    "groups",
                    f'[operations] {operation.name} = "{group.name}.method"',
                )


def _mentioned(group: GroupPlan) -> set[str]:
    names: set[str] = set()
    for operation in group.operations:
        fields = [*operation.request.fields, *(operation.paging.items if operation.paging else ())]
        names |= {operation.request.name, *(name for field in fields for name in field.type.classes())}
        if operation.response is not None:
            names.add(operation.response.name)
    return names
