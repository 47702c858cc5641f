"""The waiters: those in `overlay/waiters.toml`, and those derived from the model alone.

The overlay decides about each Describe with a status; a missing decision is a problem. For a resource without a status,
only its deletion can be waited for, and that waiter is derived from the model.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from .names import Namer
from .plan import OUTCOMES, BatchPlan, ExplanationPlan, Field, OperationPlan, StructurePlan, WaiterPlan
from .problems import Problems, Question
from .read import BotocoreModel, Json

RESERVED = ("defaults", "without", "runs")
"""The tables of the overlay that are no group's."""

DELETED = "deleted"
_DESCRIBE = "Describe"
_REASON = "FailureReason"
_EXPLAINED = ("name", "status", "reason")
_ARGUMENTS = ("timeout", "poll", "on_poll", "progress", "stop_on_interrupt", "logs", "log_tail", "follow", "since")


EXPLAIN = "explain"
"""The one table of a group that is no state."""


def states_of(entry: Mapping[str, Any]) -> dict[str, Json]:
    """Return the states in a group's table of the overlay."""
    return {state: value for state, value in entry.items() if isinstance(value, dict) and state != EXPLAIN}


class Waiters:
    """The waiters of each group."""

    def __init__(
        self,
        model: BotocoreModel,
        overlay: Mapping[str, Json],
        operations: Mapping[str, OperationPlan],
        structures: Mapping[str, StructurePlan],
        namer: Namer,
        problems: Problems,
    ) -> None:
        self._model = model
        self._overlay = {group: entry for group, entry in overlay.items() if group not in RESERVED}
        self._defaults: Json = overlay.get("defaults", {})
        self._without: Json = overlay.get("without", {})
        self._operations = operations
        self._structures = structures
        self._namer = namer
        self._problems = problems
        self._waiters: defaultdict[str, list[WaiterPlan]] = defaultdict(list)
        self._waited: set[str] = set()
        for group, entry in self._overlay.items():
            self._group(group, entry)
        for operation in operations.values():
            if operation.name.startswith(_DESCRIBE) and operation.group and operation.response:
                self._rest(operation, operation.group)

    def of(self, group: str) -> tuple[WaiterPlan, ...]:
        """The waiters of a group, the main one first."""
        return tuple(self._waiters[group])

    def arn_type(self, group: str) -> str:
        """Return the resource part of the ARNs of a group, without the names."""
        if not self._waiters[group]:
            return ""
        settled = self._overlay.get(group, {}).get("arn_type")
        if settled is not None:
            return str(settled)
        waiter = self._waiters[group][0]
        rule = waiter.arn.type.rule if waiter.arn else None
        shown = re.search(r":([a-z-]+)\\?/", rule.pattern or "") if rule else None
        return shown[1] if shown else self._words(waiter.describe).replace(" ", "-")

    def _add(self, waiter: WaiterPlan | None) -> None:
        if waiter is not None:
            self._waiters[waiter.group].append(waiter)

    # --- from the overlay ---------------------------------------------------------------------------------------------

    def _group(self, group: str, entry: Json) -> None:
        states = states_of(entry)
        if "status" in entry and not states:
            self._problems.add(
                f"sm.{group} has a status and no state to wait for", "waiters", f'[{group}.state] success = ["..."]'
            )
        shared = {key: value for key, value in entry.items() if key not in states}
        main = self._describe(group, shared)
        if main and DELETED not in states and states and self._deletes(main):
            first = next(iter(states.values()))
            # The problem then lists each of its statuses.
            states[DELETED] = {key: first[key] for key in ("describe", "status") if key in first}
        for state, own in states.items():
            self._add(self._settled(group, state, {**self._default(state), **shared, **own}, main))

    def _settled(self, group: str, state: str, entry: Json, main: OperationPlan | None) -> WaiterPlan | None:
        """Return the waiter of a state. None if an older model lacks the operation or the status."""
        describe = self._describe(group, entry)
        if describe is None or describe.response is None:
            return None
        status = _field(describe.response, entry.get("status", ""))
        if status is None:
            return None
        self._waited.add(describe.name)
        self._check_outcomes(group, state, entry, self._model.shape(status.type.shape).get("enum", []))
        return self._waiter(group, state, entry, describe, status, alone=describe is not main)

    def _check_outcomes(self, group: str, state: str, entry: Json, statuses: list[str]) -> None:
        for status in statuses:
            what = f"status {status!r} of {group}.{state}"
            found = [outcome for outcome in OUTCOMES if status in entry.get(outcome, ())]
            if not found:
                self._problems.add(
                    f"{what} is not classed",
                    "waiters",
                    f'[{group}.{state}] pending = ["{status}"]',
                    asks=Question("status", f"{group}.{state}", (status,)),
                )
            for outcome in found[1:]:
                line = f'[{group}.{state}] {outcome} = ["{status}"]'
                self._problems.add(f"{what} is classed as {found[0]} already", "waiters", line, how="take from")

    # --- from the model -----------------------------------------------------------------------------------------------

    def _rest(self, describe: OperationPlan, group: str) -> None:
        """Plan the waiters that the overlay does not mention."""
        assert describe.response is not None
        if describe.name in self._waited | self._without.keys():
            return
        statuses = [field.wire for field in describe.response.fields if _is_status(field)]
        entry = self._overlay.get(group, {})
        main = describe is self._describe(group, entry)
        if statuses and not (main and "status" in entry):
            self._say_that_nothing_waits(
                describe, describe.response, statuses, f"[{group}]" if main else f"[{group}.state]"
            )
        if not statuses and main and self._deletes(describe):
            self._add(self._waiter(group, DELETED, {**self._default(DELETED), **entry}, describe, None, alone=True))

    def _say_that_nothing_waits(
        self, describe: OperationPlan, response: StructurePlan, statuses: list[str], table: str
    ) -> None:
        status = _field(response, statuses[0])
        assert status is not None
        texts = self._model.shape(status.type.shape)["enum"]
        named = ("describe", describe.name) if table.endswith(".state]") else ("status", statuses[0])
        self._problems.add(
            f"{describe.name} gives {' and '.join(statuses)}, and nothing in sm.{describe.group} waits on it "
            f"(each state that can be waited for has to class {', '.join(texts)}; "
            f'if nothing is to wait, say why: [without] {describe.name} = "...")',
            "waiters",
            f"{table} {named[0]} = {json.dumps(named[1])}",
            asks=Question("waits", describe.name, (str(describe.group), statuses[0]))
            if table == f"[{describe.group}]"
            else None,
        )

    # --- both ---------------------------------------------------------------------------------------------------------

    def _waiter(
        self, group: str, state: str, entry: Json, describe: OperationPlan, status: Field | None, *, alone: bool
    ) -> WaiterPlan | None:
        assert describe.response is not None
        if describe.identifier is None:
            self._problems.add(
                f"{describe.name} has no identifier, which sm.{group}.wait_until_{state} takes",
                "groups",
                f'[identifiers] {describe.name} = "..."',
                asks=Question("identifier", describe.name),
            )
            return None
        self._check_arguments(describe.request)
        compare = _field(describe.response, entry.get("compare", ""))
        batch = None
        if status and not (alone or entry.get("batch") is False):
            batch = self._batch(entry, describe, status)
        return WaiterPlan(
            group=group,
            state=state,
            target=entry.get("target", state.replace("_", " ")),
            noun=entry.get("noun", self._words(describe)),
            describe=describe,
            required=self._required(state, entry, describe),
            stop=self._stop(group, state, entry, describe),
            status=status,
            reason=_field(describe.response, entry.get("reason", _REASON)) if status else None,
            secondary=_field(describe.response, entry.get("secondary", "")),
            transitions=_field(describe.response, entry.get("transitions", "")),
            explanation=self._explanation(describe, entry.get(EXPLAIN)) if entry.get("failure") else None,
            arn=self._arn(describe, describe.response, entry),
            log_group=entry.get("log_group") if status else None,
            log_streams=self._log_streams(group, entry, describe) if status else None,
            log_goes_on=bool(entry.get("log_goes_on")),
            timeout=entry["timeout"],
            poll=(entry["poll"][0], entry["poll"][1]),
            classes={outcome: tuple(entry.get(outcome, ())) for outcome in OUTCOMES},
            gone=state == DELETED,
            compare=compare,
            batch=batch,
        )

    def _log_streams(self, group: str, entry: Json, describe: OperationPlan) -> str | None:
        """Return the names of the log streams, whose words must be fields of the request."""
        streams: str | None = entry.get("log_streams")
        if (streams is None) != ("log_group" not in entry):
            self._problems.add(
                f"sm.{group} says only one of log_group and log_streams", "waiters", f'[{group}] log_streams = "..."'
            )
        known = {field.name for field in describe.request.fields}
        for words in re.findall(r"\{([^}]*)\}", streams or ""):
            if known.isdisjoint(words.split("|")):  # an older model may lack one of the alternatives
                self._problems.say(
                    f"the log streams of sm.{group} are named by {words}, which {describe.name} does not take"
                )
        return streams

    def _explanation(self, describe: OperationPlan, entry: Json | None) -> ExplanationPlan | None:
        """Return the list that explains a failure. None if an older model lacks the list or a member of it."""
        listing = self._operations.get(entry["list"]) if entry else None
        if entry is None or listing is None or listing.paging is None or describe.identifier is None:
            return None
        item = listing.paging.items[0].type.item
        scope = _field(listing.request, describe.identifier.wire)
        named = [_field(self._structures[item.shape], entry[key]) if item else None for key in _EXPLAINED]
        name, status, reason = named
        if scope is None or name is None or status is None or reason is None:
            return None
        return ExplanationPlan(
            tuple(entry["when"]), listing, scope, entry["noun"], name, status, reason, tuple(entry["failed"])
        )

    def _check_arguments(self, request: StructurePlan) -> None:
        for field in request.fields:
            if field.name in _ARGUMENTS:
                self._problems.add(
                    f"{request.name}.{field.wire} has the name of what every wait takes",
                    "names",
                    f'[fields] "{request.name}.{field.wire}" = "..."',
                )

    def _stop(self, group: str, state: str, entry: Json, describe: OperationPlan) -> OperationPlan | None:
        """Return the operation that stops the resource. The wait must take all its required arguments."""
        stop = self._operations.get(entry.get("stop", ""))
        if stop and (missing := _needed(stop) - {field.wire for field in describe.request.fields}):
            self._problems.say(
                f"{stop.name} needs {' and '.join(sorted(missing))}, which sm.{group}.wait_until_{state} does not take"
            )
        return stop

    def _required(self, state: str, entry: Json, describe: OperationPlan) -> tuple[Field, ...]:
        """Return the arguments that the wait requires, although they are optional in the description."""
        required = set(entry.get("required", ()))
        if state == DELETED and (delete := self._deletes(describe)):
            required |= _needed(delete)
        return tuple(field for field in describe.request.fields if field.wire in required and not field.required)

    def _batch(self, entry: Json, describe: OperationPlan, status: Field) -> BatchPlan | None:
        name = describe.identifier
        assert name is not None
        if _needed(describe) != {name.wire}:
            return None
        found = None if entry.get("list") is False else self._list(describe, name, status)
        listing, item_name, item_status = found or (None, None, None)
        return BatchPlan(
            describe=describe,
            name=name,
            list=listing,
            item_name=item_name,
            item_status=item_status,
            list_scope=tuple(field for field in listing.request.fields if field.required) if listing else (),
            list_sort=self._list_sort(listing) if listing else None,
            stop=self._stop_by_name(describe, entry, name),
        )

    def _stop_by_name(self, describe: OperationPlan, entry: Json, name: Field) -> OperationPlan | None:
        """Return the operation that stops a resource by name alone."""
        stop = self._operations.get(self._stop_of(describe, entry))
        return stop if stop and _needed(stop) == {name.wire} else None

    def _list_sort(self, operation: OperationPlan) -> str | None:
        """Return the list's text for sorting by time: CreationTime, or CREATION_TIME."""
        for field in operation.request.fields:
            if field.wire == "SortBy":
                values: list[str] = self._model.shape(field.type.shape)["enum"]
                return next((value for value in values if value.replace("_", "").lower() == "creationtime"), None)
        return None

    def _stop_of(self, describe: OperationPlan, entry: Json) -> str:
        """Return the stop operation of the group's overlay, from any of its states."""
        states = states_of(self._overlay.get(describe.group or "", {}))
        named = [str(state["stop"]) for state in states.values() if "stop" in state]
        return str(entry.get("stop") or next(iter(named), ""))

    def _list(self, describe: OperationPlan, name: Field, status: Field) -> tuple[OperationPlan, Field, Field] | None:
        """Return the group's list if its items have the identifier and the same status."""
        for operation in self._operations.values():
            fields = self._listed(operation) if operation.group == describe.group else ()
            names = [field for field in fields if field.wire == name.wire]
            same = [field for field in fields if field.type.kind == "enum" and field.type.shape == status.type.shape]
            if names and same:
                return operation, names[0], same[0]
        return None

    def _listed(self, operation: OperationPlan) -> tuple[Field, ...]:
        """Return the fields of the items of a group's `list`. Empty for any other operation."""
        if operation.verb != "list" or not operation.paging or len(operation.paging.items) != 1:
            return ()
        item = operation.paging.items[0].type.item
        return self._structures[item.shape].fields if item and item.kind == "structure" else ()

    def _arn(self, describe: OperationPlan, response: StructurePlan, entry: Json) -> Field | None:
        assert describe.identifier is not None
        settled = entry.get("arn")
        stem = re.sub("(Name|Id|Arn)$", "", describe.identifier.wire)
        wires = [settled] if settled else [f"{stem}Arn", f"{describe.name.removeprefix(_DESCRIBE)}Arn", "Arn"]
        return next((field for wire in wires if (field := _field(response, wire))), None)

    def _describe(self, group: str, entry: Mapping[str, Any]) -> OperationPlan | None:
        """Return the operation in an entry, by default the group's `describe`."""
        settled = entry.get("describe")
        if settled is not None:
            return self._operations.get(settled)
        found = (each for each in self._operations.values() if each.group == group and each.verb == "describe")
        return next(found, None)

    def _deletes(self, describe: OperationPlan) -> OperationPlan | None:
        """Return the operation that deletes the described resource, unless it should have no waiter."""
        name = f"Delete{describe.name.removeprefix(_DESCRIBE)}"
        return None if name in self._without else self._operations.get(name)

    def _default(self, state: str) -> Json:
        """Return the defaults of a state, which a group or a state can override."""
        plain = {key: value for key, value in self._defaults.items() if key not in states_of(self._defaults)}
        return {**plain, **self._defaults.get(state, {})}

    def _words(self, describe: OperationPlan) -> str:
        return self._namer.snake(describe.name.removeprefix(_DESCRIBE)).replace("_", " ")


def _is_status(field: Field) -> bool:
    return field.type.kind == "enum" and field.wire.endswith("Status")


def _field(structure: StructurePlan, wire: str) -> Field | None:
    return next((field for field in structure.fields if field.wire == wire), None)


def _needed(operation: OperationPlan) -> set[str]:
    return {field.wire for field in operation.request.fields if field.required}
