"""Which module of `types/` each class lives in.

A class that one group uses stands in that group's module, one that several use in `shared/`. Where a class once stood it
stays: `overlay/homes.toml` records every home, so that an import of a class from its module goes on working when AWS lets
a second resource use the shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .names import Namer, plural
from .read import Model

CLIENT = "client operations"
EXCEPTIONS = "exceptions"
UNREACHED = "unreached"

_HEADER = """\
# Where each class lives below `types/`. The generator keeps this record and only ever adds to it: a class that becomes
# shared does not move, so that `from sagemaker_typed.types.<module> import <class>` goes on working.

[homes]
"""


def classes(model: Model) -> list[str]:
    """The shapes that become classes."""
    return [name for name, body in model.shapes.items() if body["type"] == "structure" or "enum" in body]


def find_homes(
    model: Model, groups: Mapping[str, str], recorded: Mapping[str, str], namer: Namer, client_module: str
) -> dict[str, str]:
    """Class -> module. `groups` maps an operation to its group, or to CLIENT."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for operation, group in groups.items():
        for root in (model.input(operation), model.output(operation)):
            for shape in model.reach(root):
                users[shape].add(group)
    homes: dict[str, str] = {}
    for name in classes(model):
        if name in recorded:
            homes[name] = recorded[name]
            continue
        # Search reaches nearly every resource's own shapes; they stay with their resource.
        owners = users[name] - {CLIENT} or users[name]
        if model.shape(name).get("exception"):
            homes[name] = EXCEPTIONS
        elif not owners:
            homes[name] = UNREACHED
        elif owners == {CLIENT}:
            # What only Search gives is still a resource's own: `TrainingJob` stands with the training jobs.
            resource = namer.snake(plural(name))
            homes[name] = resource if resource in groups.values() else client_module
        elif len(owners) == 1:
            homes[name] = next(iter(owners))
        else:
            homes[name] = f"shared.{namer.snake(name)}"
    return homes


def record(homes: Mapping[str, str], recorded: Mapping[str, str]) -> str:
    """The text of `overlay/homes.toml` with new homes added."""
    merged = {**homes, **recorded}
    lines = [f'{name} = "{merged[name]}"' for name in sorted(merged)]
    return _HEADER + "\n".join(lines) + "\n"
