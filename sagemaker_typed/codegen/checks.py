"""Checks that stop the generator: features that the runtime does not support, and clashes of planned names."""

from __future__ import annotations

import json
import keyword
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from .plan import KINDS, GroupPlan, Plan
from .problems import Problems
from .read import BotocoreModel, Json
from .text import value_alias

# Names that generated modules import, and names of Python itself.
_NAMES = frozenset({
    "Any", "Api", "Batch", "BatchEvent", "Between", "Blob", "Callable", "EventStream", "Explanation", "Group", "Groups",
    "Iterable", "Literal", "Mapping", "Member", "OpenEnum", "Operation", "Pages", "Payload", "Request", "Response", "Rule",
    "Sender", "Sequence", "StreamedBody", "Structure", "TypeAlias", "Waiter", "WaitEvent", "WaitReport", "structure",
    "bool", "bytes", "datetime", "dict", "float", "int", "list", "str", "timedelta",
})  # fmt: skip
# The other modules of `resources/` and `types/`, and the attributes of `SageMaker`.
_GROUPS = frozenset(
    {
        "api", "boto3_client", "clock", "close", "exceptions", "groups", "send", "shared", "unreached", "wait_all",
        "waitable",
    }
)  # fmt: skip


class _Refused(NamedTuple):
    """The traits of a service model that the runtime can neither send nor read, with the text of a complaint."""

    of_an_operation: Mapping[str, str]
    of_a_shape: Mapping[str, str]
    of_a_member: Mapping[str, str]
    types: Container[str]
    """The types of values that it can."""
    rest: bool
    """Whether operations have addresses, and members may stand outside the body."""


# In JSON the runtime sends and reads one JSON object, at one address, with a member under its own name. In REST botocore
# parses the answers, and members may stand in headers, in the address, or be the body. What is read of those is refused
# by `_refused_in_rest`.
_WIRES = {
    "json 1.1": _Refused(
        of_an_operation={"endpoint": "a host of its own"},
        of_a_shape={
            "document": "a value of any form",
            "eventstream": "an event stream",
            "payload": "a payload",
            "streaming": "a streamed body",
        },
        of_a_member={
            "eventheader": "an event's header",
            "eventpayload": "an event's payload",
            "hostLabel": "a member in the host",
            "location": "a member outside the body",
            "locationName": "a member under another name",
            "streaming": "a streamed member",
        },
        types=KINDS.keys() - {"blob"},
        rest=False,
    ),
    "rest-json": _Refused(
        of_an_operation={"endpoint": "a host of its own"},
        of_a_shape={"requiresLength": "a body of a length that is known before"},
        of_a_member={"eventheader": "an event's header", "hostLabel": "a member in the host"},
        types=KINDS.keys(),
        rest=True,
    ),
}
_PLACES = {"input": ("header", "querystring", "uri"), "output": ("header", "statusCode")}


def refuse(model: BotocoreModel, problems: Problems) -> None:
    """Add a problem for each trait that the runtime can neither send nor read."""
    spoken = _spoken(model.raw["service-2"]["metadata"])
    if (other := sorted(spoken - _WIRES.keys())) or len(spoken) > 1:
        problems.say(
            f"operation {min(model.operations)}, like all of the service, is offered in "
            f"{' and '.join(other or sorted(spoken))}, and the runtime speaks one of {' and '.join(_WIRES)}: leave the "
            "service out, or teach the runtime"
        )
        return
    refused = _WIRES[min(spoken)]
    for operation in sorted(model.operations):
        for what in dict.fromkeys(_refused(model, operation, refused)):
            problems.add(
                f"operation {operation} has {what}, which the runtime cannot send or read: teach it, or leave the operation "
                "out and say why",
                "groups",
                f'[without] {operation} = "..."',
            )


def _spoken(metadata: Json) -> set[str]:
    """Return the protocols that botocore may choose from. Versions of JSON differ on the wire."""
    names = {metadata["protocol"], *(metadata.get("protocols") or ())}
    return {f"{name} {metadata.get('jsonVersion')}" if name == "json" else str(name) for name in names}


def _refused(model: BotocoreModel, operation: str, refused: _Refused) -> Iterator[str]:
    body = model.operations[operation]
    yield from _traits(body, refused.of_an_operation, "operation")
    http = body.get("http", {})
    if not refused.rest and (http.get("method", "POST"), http.get("requestUri", "/")) != ("POST", "/"):
        yield f"an address of its own ({http.get('method', 'POST')} {http.get('requestUri', '/')})"
    for side in ("input", "output"):
        yield from _traits(body.get(side, {}), refused.of_a_member, side)
    for shape in sorted(model.reach(model.input(operation)) | model.reach(model.output(operation))):
        yield from _refused_of_a_shape(shape, model.shape(shape), refused)
    if refused.rest:
        yield from _refused_in_rest(model, "input", model.input(operation))
        yield from _refused_in_rest(model, "output", model.output(operation))


def _refused_of_a_shape(name: str, body: Json, refused: _Refused) -> Iterator[str]:
    yield from _traits(body, refused.of_a_shape, name)
    if body["type"] not in refused.types:
        yield f"a value of type {body['type']} ({name})"
    refs = {**body.get("members", {}), **{part: body[part] for part in ("member", "key", "value") if part in body}}
    for member, ref in refs.items():
        yield from _traits(ref, refused.of_a_member, f"{name}.{member}")


def _traits(body: Json, refused: Mapping[str, str], where: str) -> Iterator[str]:
    for trait, words in refused.items():
        if (value := body.get(trait)) is not None and value is not False:
            yield f"{words} ({where}, {trait} {json.dumps(value)})"


def _refused_in_rest(model: BotocoreModel, side: str, root: str | None) -> Iterator[str]:
    """Yield the unsupported traits of an operation's input or output, which allows more than nested shapes."""
    if root is None:
        return
    for wire, ref in model.members(root).items():
        yield from _refused_place(side, f"{root}.{wire}", wire, ref)
        shape = model.shape(ref["shape"])
        if shape.get("eventstream"):
            yield from _refused_events(model, side, f"{root}.{wire}", ref["shape"])
        if shape["type"] == "blob" and wire != model.shape(root).get("payload") and side == "input":
            yield f"bytes within the body of a request ({root}.{wire})"
    for name in sorted(model.reach(root) - {root}):
        yield from _refused_below(model, root, name)


def _refused_place(side: str, where: str, wire: str, ref: Json) -> Iterator[str]:
    location = ref.get("location")
    if location not in (None, *_PLACES[side]):
        yield f"a member at an unknown place ({where}, location {json.dumps(location)})"
    if location is None and ref.get("locationName", wire) != wire:
        yield f"a member under another name ({where}, locationName {json.dumps(ref['locationName'])})"
    if location is not None and ref.get("jsonvalue"):
        yield f"a JSON value outside the body ({where}, location {json.dumps(location)})"


def _refused_events(model: BotocoreModel, side: str, where: str, stream: str) -> Iterator[str]:
    if side == "input":
        yield f"an event stream in its request ({where})"
    for wire, ref in model.members(stream).items():
        event = model.shape(ref["shape"])
        if event.get("exception"):
            continue
        if ref["shape"] != wire:
            yield f"an event under another name than that of its class ({stream}.{wire}, shape {ref['shape']})"
        payloads = [each for each in event["members"].values() if each.get("eventpayload")]
        if any(model.shape(each["shape"])["type"] != "blob" for each in payloads):
            yield f"an event whose payload is not bytes ({stream}.{wire})"


def _refused_below(model: BotocoreModel, root: str, name: str) -> Iterator[str]:
    """Yield the unsupported traits of a nested shape."""
    tops = {ref["shape"] for ref in model.members(root).values()}
    for trait in ("streaming", "eventstream"):
        if model.shape(name).get(trait) and name not in tops:
            yield f"a stream within the body ({name}, {trait})"
    for wire, ref in model.members(name).items():
        if "location" in ref or ref.get("locationName", wire) != wire:
            yield f"a member under another name or outside the body, below the top ({name}.{wire})"


def check(plan: Plan, problems: Problems) -> None:
    """Add a problem for each clash of names."""
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
