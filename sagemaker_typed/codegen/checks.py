"""What shows only when everything is planned: names that clash, and modules that would import each other."""

from __future__ import annotations

import keyword
from collections import defaultdict
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from .names import Namer
from .plan import Field, Group, Module, Plan
from .problems import Problems
from .text import annotation, converter, value_alias

# What generated modules import under these names, or Python itself owns.
_NAMES = frozenset({
    "Any", "Api", "Callable", "Group", "Groups", "Literal", "Mapping", "Member", "OpenEnum", "Operation", "Pages",
    "Request", "Response", "Rule", "Sender", "Sequence", "Structure", "TypeAlias", "WaitEvent", "Waiter",
    "attrs", "bool", "datetime", "dict", "float", "int", "list", "str", "timedelta",
})  # fmt: skip
# The other modules of `resources/` and `types/`, and what `SageMaker` itself has.
_GROUPS = frozenset(
    {"api", "boto3_client", "clock", "close", "exceptions", "groups", "send", "shared", "unreached", "wording"}
)


def check(plan: Plan, recorded: Mapping[str, str], namer: Namer, problems: Problems) -> None:
    """Add what needs a person. `recorded` are the homes that stand in the record already."""
    _check_classes(plan, problems)
    _check_groups(plan, problems)
    for module in plan.modules:
        _check_converters(plan, module, namer, problems)
    _check_imports(plan, recorded, namer, problems)


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


# --- converters -------------------------------------------------------------------------------------------------------


def _fields(module: Module) -> list[Field]:
    return [field for structure in module.structures for field in structure.fields]


def _check_converters(plan: Plan, module: Module, namer: Namer, problems: Problems) -> None:
    """`to_foo_list` makes a list of Foo, or a FooList; a module can hold but one of them."""
    taken: dict[str, Field] = {}
    for field in _fields(module):
        name = converter(field, namer)
        if name is None:
            continue
        other = taken.setdefault(name, field)
        if annotation(other.type) != annotation(field.type):
            made = next(iter(set(field.type.made()) - set(other.type.made()) or field.type.made()))
            problems.add(
                f"{name} in types/{module.name} would make both {annotation(other.type)} and {annotation(field.type)}",
                "names",
                f'[classes] {made} = "..."',
            )


# --- imports ----------------------------------------------------------------------------------------------------------


def _check_imports(plan: Plan, recorded: Mapping[str, str], namer: Namer, problems: Problems) -> None:
    """A module imports the converters that it needs when it is imported itself; two that need each other's cannot be."""
    needs: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module in plan.modules:
        for field in _fields(module):
            user = module.name
            for name in field.type.made():
                home = plan.homes[name]
                if home != user:
                    needs[user][home].add(name)
                user = plan.homes[field.type.made()[0]]  # the converter stands there, and needs the other classes there
    while cycle := _cycle(needs):
        # The edge to cut: none of its classes may have moved before, if that can be, and they shall be few.
        user, used = min(
            pairwise(cycle),
            key=lambda edge: (len(needs[edge[0]][edge[1]] & recorded.keys()), len(needs[edge[0]][edge[1]])),
        )
        for name in sorted(needs[user].pop(used)):
            problems.add(
                f"modules of types/ would import each other: {' -> '.join(cycle)}",
                "homes",
                f'[homes] {name} = "shared.{namer.snake(name)}"',
                how="change in" if name in recorded else "add to",
            )


def _cycle(needs: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Modules of which each imports the next, the first one again at the end; empty where there is no such circle."""
    try:
        TopologicalSorter({user: sorted(needs[user]) for user in sorted(needs)}).prepare()
    except CycleError as error:
        modules: list[str] = error.args[1]
        return modules[::-1]
    return []
