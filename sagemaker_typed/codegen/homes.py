"""The home of each class: its module in `types/`.

A class that one group uses is in that group's module, a class that several groups use is in `shared/`. Classes never move:
`overlay/homes.toml` records every home, so that an import from a module keeps working when AWS lets a second resource use
the shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .names import Namer, plural
from .read import BotocoreModel, Json

CLIENT = "client operations"
EXCEPTIONS = "exceptions"
UNREACHED = "unreached"

_HEADER = """\
# The module of each class below `types/`. The generator keeps this record and only adds to it: a class that becomes
# shared does not move, so that `from sagemaker_typed.types.<module> import <class>` keeps working.

[homes]
"""


def classes(model: BotocoreModel) -> list[str]:
    """Return the shapes that become classes."""
    return [name for name, body in model.shapes.items() if body["type"] == "structure" or "enum" in body]


def find_flat_homes(model: BotocoreModel) -> dict[str, str]:
    """Map each class to its module, for a service with one module for each kind of class."""
    messages = {shape for name in model.operations for shape in (model.input(name), model.output(name))}
    return {name: "messages" if name in messages else _kind(model.shape(name)) for name in classes(model)}


def _kind(body: Json) -> str:
    if body.get("exception"):
        return EXCEPTIONS
    return "enums" if "enum" in body else "structures"


def find_homes(
    model: BotocoreModel, groups: Mapping[str, str], recorded: Mapping[str, str], namer: Namer, client_module: str
) -> dict[str, str]:
    """Map each class to its module. `groups` maps an operation to its group, or to CLIENT."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for operation, group in groups.items():
        for root in (model.input(operation), model.output(operation)):
            for shape in model.reach(root):
                users[shape].add(group)
    # Search reaches nearly every resource's shapes; they stay with their resource.
    owners = {name: users[name] - {CLIENT} or users[name] for name in classes(model)}
    owners |= _parts_of_resources(model, owners, set(groups.values()), namer)
    return {name: recorded.get(name) or _home(model, name, owners[name], namer, client_module) for name in owners}


def _parts_of_resources(
    model: BotocoreModel, owners: Mapping[str, set[str]], groups: set[str], namer: Namer
) -> dict[str, set[str]]:
    """Return the owners of the classes that only Search returns and that belong to resources.

    `TrialComponent` is in the module of the trial components, together with the classes of its members. In the module of
    Search, whose response contains a `TrialComponent`, they would make the two modules import each other.
    """
    unowned = [name for name, found in owners.items() if found == {CLIENT}]
    resources = {name: resource for name in unowned if (resource := namer.snake(plural(name))) in groups}
    parts = {
        name: {resource for whole, resource in resources.items() if name in model.reach(whole)} for name in unowned
    }
    return {name: found for name, found in parts.items() if found} | {
        name: {resource} for name, resource in resources.items()
    }


def _home(model: BotocoreModel, name: str, owners: set[str], namer: Namer, client_module: str) -> str:
    if model.shape(name).get("exception"):
        return EXCEPTIONS
    if not owners:
        return UNREACHED
    if owners == {CLIENT}:
        return client_module
    return next(iter(owners)) if len(owners) == 1 else f"shared.{namer.snake(name)}"


def record(homes: Mapping[str, str], recorded: Mapping[str, str]) -> str:
    """Return the text of `overlay/homes.toml` with new homes added."""
    merged = {**homes, **recorded}
    lines = [f'{name} = "{merged[name]}"' for name in sorted(merged)]
    return _HEADER + "\n".join(lines) + "\n"
