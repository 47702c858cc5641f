"""What shows only when everything is planned: names that clash."""

from __future__ import annotations

import keyword

from .plan import Group, Plan
from .problems import Problems
from .text import value_alias

# What generated modules import under these names, or Python itself owns.
_NAMES = frozenset({
    "Any", "Api", "Batch", "BatchEvent", "Callable", "Group", "Groups", "Iterable", "Literal", "Mapping",
    "Member", "OpenEnum", "Operation", "Pages", "Request", "Response", "Rule", "Sender", "Sequence",
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


def _check_methods(group: Group, problems: Problems) -> None:
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


def _mentioned(group: Group) -> set[str]:
    names: set[str] = set()
    for operation in group.operations:
        fields = [*operation.request.fields, *(operation.paging.items if operation.paging else ())]
        names |= {operation.request.name, *(name for field in fields for name in field.type.classes())}
        if operation.response is not None:
            names.add(operation.response.name)
    return names
