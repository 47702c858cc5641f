"""The searches in `overlay/search.toml`: the group and the properties of each kind of resource."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from .names import xform_name
from .plan import Field, OperationPlan, SearchPlan, StructurePlan
from .problems import Problems
from .read import BotocoreModel
from .targets import PACKAGE
from .text import docstring, header, quote

TABLES = ("resources", "without")
OPERATION = "Search"
_KIND = "Resource"
"""The member of the request that says which kind of resource is searched for."""
GIVEN = ("SearchExpression", "SortBy")
"""The members of the request that `where` and an order of ours may give."""
_TAGS = "Tags"


def searches_of(
    model: BotocoreModel,
    overlay: Mapping[str, Any],
    operations: Mapping[str, OperationPlan],
    structures: Mapping[str, StructurePlan],
    problems: Problems,
) -> Iterator[SearchPlan]:
    """Return the search of each kind of resource. An undecided kind is a problem."""
    search = operations.get(OPERATION)
    kinds = _kinds(model)
    if search is None or search.paging is None or not kinds:
        return
    record = search.paging.items[0].type.item
    assert record is not None
    members = {field.wire: field for field in structures[record.shape].fields}
    groups = {operation.group for operation in operations.values()}
    for text in kinds:
        said = overlay["resources"].get(text)
        if said is None:
            if text not in overlay["without"]:
                line = f'[resources] {text} = {{ group = "...", member = "..." }}, or [without] {text} = "why"'
                problems.add(f"kind of resource {text} has no group that searches for it", "search", line)
        elif said["member"] in members and said["group"] in groups:  # an older model may lack one of them
            yield SearchPlan(text, said["group"], search, members[said["member"]])


def _kinds(model: BotocoreModel) -> list[str]:
    """Return the kinds of resources that a search accepts. Empty for a service without a search."""
    if OPERATION not in model.operations:
        return []
    member = model.members(model.input(OPERATION)).get(_KIND)
    return [] if member is None else list(model.shape(member["shape"]).get("enum", ()))


def stale_searches(model: BotocoreModel, overlay: Mapping[str, Any], groups: Container[str]) -> Iterator[str]:
    """Yield the entries of the table that the model does not have."""
    kinds = _kinds(model)
    if not kinds:
        return
    results = model.shape(model.members(model.output(OPERATION))["Results"]["shape"])["member"]["shape"]
    for table in TABLES:
        for text in overlay[table]:
            if text not in kinds:
                yield f"overlay/search.toml: [{table}] there is no kind of resource {text!r}"
    for text, said in overlay["resources"].items():
        for key, known in (("group", groups), ("member", model.members(results))):
            if said.get(key) not in known:
                yield f"overlay/search.toml: [resources] {text}: there is no {key} {said.get(key)!r}"


# --- resources/fields.py ----------------------------------------------------------------------------------------------


def fields_class(search: SearchPlan) -> str:
    """Return the name of the class with the properties of a kind of resource."""
    return f"{search.member.wire}Fields"


def render_fields(searches: Iterable[SearchPlan], structures: Mapping[str, StructurePlan]) -> str:
    """Return the text of `resources/fields.py`."""
    searches = list(searches)
    kinds = {fields_class(search): search for search in searches}
    inner = sorted(_below([search.member.type.shape for search in searches], structures))
    classes = [_class(name, structures[kinds[name].member.type.shape], _about(kinds[name])) for name in sorted(kinds)]
    classes += [_class(_inner(shape), structures[shape], f"Properties within `{shape}`.") for shape in inner]
    exported = "".join(f"    {quote(name)},\n" for name in sorted(kinds))
    return (
        header("search")
        + '"""The properties of each kind of resource that `search` finds, as attributes."""\n\n'
        + "from __future__ import annotations\n\n"
        + f"from {PACKAGE}._helpers.conditions import Leaf, Part, Properties\n\n"
        + f"__all__ = [\n{exported}]\n\n\n"
        + "\n\n".join(classes)
    )


def _about(search: SearchPlan) -> str:
    return f"The properties that a search for `{search.resource}` compares."


def _inner(shape: str) -> str:
    return f"{shape}Properties"


def _structure_in(field: Field) -> str | None:
    """Return the structure of a field or of its items."""
    type_ = field.type.item if field.type.kind == "list" and field.type.item else field.type
    return type_.shape if type_.kind == "structure" else None


def _properties(structure: StructurePlan) -> Iterator[Field]:
    """Return the fields that are properties. Tags are addressed by key, with `tag(...)`."""
    return (field for field in structure.fields if field.wire != _TAGS)


def _below(shapes: list[str], structures: Mapping[str, StructurePlan]) -> set[str]:
    """Return the structures within these, at any depth."""
    found: set[str] = set()
    waiting = list(shapes)
    while waiting:
        for field in _properties(structures[waiting.pop()]):
            shape = _structure_in(field)
            if shape is not None and shape not in found:
                found.add(shape)
                waiting.append(shape)
    return found


def _class(name: str, structure: StructurePlan, about: str) -> str:
    lines = [f"class {name}(Properties):\n", docstring([about]), "\n    __slots__ = ()\n\n"]
    for field in _properties(structure):
        shape = _structure_in(field)
        wire = quote(field.wire)
        if shape is None:
            lines.append(f"    {field.name}: Leaf = Leaf({wire})\n")
        else:
            lines.append(f"    {field.name}: Part[{_inner(shape)}] = Part({wire}, {quote(_inner(shape))})\n")
    return "".join(lines)


def flat_name() -> str:
    """Return boto3's name of the operation."""
    return xform_name(OPERATION)
