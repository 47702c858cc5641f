"""The runs of `run_all`: each request that creates or starts a resource, and the wait that follows it.

The wait is that of the operation's group, for its main state unless `[runs]` of `overlay/waiters.toml` sets another. The
description takes the name of the resource from the request. If only the answer has it, the overlay names the member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .plan import Field, FindPlan, GroupPlan, OperationPlan, RunPlan, StructurePlan, WaiterPlan
from .problems import Problems, Question
from .read import BotocoreModel, Json
from .text import header, quote

RUNS = "runs"
"""The table of `overlay/waiters.toml`."""
WITHOUT = "without"
_KEYS = ("state", "name", "answer", "into", "find", "scope")
_VERBS = ("create", "create_v2", "start")


def runs_of(
    groups: Iterable[GroupPlan], overlay: Mapping[str, Any], structures: Mapping[str, StructurePlan], problems: Problems
) -> Iterator[RunPlan]:
    """Return the runs of all groups, in the order of their operations' names."""
    table: Json = overlay.get(RUNS, {})
    groups = list(groups)
    operations = {operation.name: operation for group in groups for operation in group.operations}
    waiters = {group.name: group.waiters for group in groups}
    for name, operation in sorted(operations.items()):
        if operation.verb in _VERBS and operation.group and name not in table.get(WITHOUT, {}):
            entry: Json = table.get(name, {})
            waiter = _waiter(waiters[operation.group], entry.get("state"))
            if waiter is not None:
                yield from _run(operation, waiter, entry, operations, structures, problems)


def _waiter(waiters: Iterable[WaiterPlan], state: str | None) -> WaiterPlan | None:
    found = (waiter for waiter in waiters if not waiter.gone and state in (None, waiter.state))
    return next(found, None)


def _run(
    operation: OperationPlan,
    waiter: WaiterPlan,
    entry: Json,
    operations: Mapping[str, OperationPlan],
    structures: Mapping[str, StructurePlan],
    problems: Problems,
) -> Iterator[RunPlan]:
    given = {field.wire: field for field in operation.request.fields}
    fields = tuple(given[field.wire] for field in waiter.describe.request.fields if field.wire in given)
    answers = _named(operation.response, [entry.get("answer", "")]) if operation.response else []
    answer = next(iter(answers), None)
    if answer is None and not _needed(waiter) <= {field.wire for field in fields if field.required}:
        problems.add(
            f"{operation.name} does not give all that {waiter.describe.name} needs "
            f'(if nothing is to wait for it, say why: [runs.without] {operation.name} = "...")',
            "waiters",
            f'[runs.{operation.name}] answer = "..."',
            asks=Question("run", operation.name, (waiter.describe.name,)) if not entry else None,
        )
        return
    name = tuple(_named(operation.request, entry.get("name", ()))) or fields
    into = next(iter(_named(waiter.describe.request, [entry.get("into", "")])), waiter.describe.identifier)
    yield RunPlan(operation, waiter, fields, name, answer, into, _find(operation, entry, operations, structures))


def _needed(waiter: WaiterPlan) -> set[str]:
    """Return the required arguments of the description."""
    return {field.wire for field in waiter.describe.request.fields if waiter.needs(field)}


def _named(structure: StructurePlan, wires: Iterable[str]) -> list[Field]:
    by_wire = {field.wire: field for field in structure.fields}
    return [by_wire[wire] for wire in wires if wire in by_wire]


def _find(
    operation: OperationPlan,
    entry: Json,
    operations: Mapping[str, OperationPlan],
    structures: Mapping[str, StructurePlan],
) -> FindPlan | None:
    """Return the list that finds the resource. None if an older model lacks the list or a member of it."""
    listing = operations.get(entry.get("find", ""))
    if listing is None or listing.paging is None:
        return None
    item = listing.paging.items[0].type.item
    if item is None:
        return None
    found = _named(structures[item.shape], [entry["name"][-1], entry["answer"]])
    if len(found) < 2:
        return None
    return FindPlan(listing, tuple(_named(operation.request, entry.get("scope", ()))), found[0], found[1])


def stale_runs(model: BotocoreModel, overlay: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[str], Any, str]]:
    """Yield the entries of the table to check: their place, the entries, the known names, and their kind."""
    table: Json = overlay.get(RUNS, {})
    operations = {name: entry for name, entry in table.items() if name != WITHOUT}
    yield "waiters.toml: [runs]", operations, model.operations, "operation"
    yield "waiters.toml: [runs.without]", table.get(WITHOUT, {}), model.operations, "operation"
    for name, entry in operations.items():
        where = f"waiters.toml: [runs.{name}]"
        yield where, entry, _KEYS, "key"
        if name in model.operations:
            members = model.members(model.input(name))
            yield where, [*entry.get("name", ()), *entry.get("scope", ())], members, "member"
            answers = [entry["answer"]] if "answer" in entry else []
            yield where, answers, model.members(model.output(name)), "member"
        yield where, [entry["find"]] if "find" in entry else [], model.operations, "operation"


# --- resources/runs.py ------------------------------------------------------------------------------------------------

_HEAD = '''"""The wait that follows each request that creates or starts a resource."""

from __future__ import annotations

from collections.abc import Mapping

from sagemaker_typed._waiting.spec import Finder, Run

__all__ = ["RUNS"]


RUNS: Mapping[str, Run] = {
'''


def render_runs(runs: Iterable[RunPlan]) -> str:
    """Return the text of `resources/runs.py`."""
    lines = [f"    {quote(run.operation.name)}: Run({', '.join(_arguments(run))}),\n" for run in runs]
    return header("waiters") + _HEAD + "".join(lines) + "}\n"


def _arguments(run: RunPlan) -> Iterator[str]:
    yield f"group={quote(run.waiter.group)}"
    yield f"state={quote(run.waiter.state)}"
    yield f"describe={quote(run.waiter.describe.request.name)}"
    yield f"fields={_tuple(run.fields)}"
    yield f"name={_tuple(run.name)}"
    if run.answer is not None:
        assert run.into is not None
        yield f"answer={quote(run.answer.name)}"
        yield f"into={quote(run.into.name)}"
        if run.into.type.kind == "integer":
            yield "tail=True"
    if run.waiter.stop is not None:
        yield f"stop={quote(run.waiter.stop.request.name)}"
    if run.starts:
        yield "starts=True"
    if run.find is not None:
        yield f"find={_finder(run.find)}"


def _finder(find: FindPlan) -> str:
    return (
        f"Finder(list={quote(find.list.request.name)}, scope={_tuple(find.scope)}, "
        f"item_name={quote(find.item_name.name)}, item_identifier={quote(find.item_identifier.name)})"
    )


def _tuple(fields: Iterable[Field]) -> str:
    names = [quote(field.name) for field in fields]
    return f"({', '.join(names)}{',' * (len(names) == 1)})"
