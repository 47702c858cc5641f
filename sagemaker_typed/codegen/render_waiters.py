"""The waits of `resources/`: their tables, their methods, and the index of what can be waited on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from . import docstrings
from .names import plural
from .plan import BatchPlan, EnumPlan, ExplanationPlan, Field, GroupPlan, OperationPlan, Plan, RunPlan, WaiterPlan
from .text import docstring, header, number, quote

_TIMES = ("timeout: float | timedelta | None = None", "poll: float | timedelta | None = None")
_ON_POLL = "on_poll: Callable[[{event}[{response}]], object] | None = None"
_EXPECTED = "str | Mapping[str, str]"
_STOP_ON_INTERRUPT = "stop_on_interrupt: bool = False"
_LOG_PARAMETERS = ("logs: bool | Callable[[LogLine], object] = False", "log_tail: int = 0")
_LOGS_OF_MANY = "logs: bool | Callable[[str, LogLine], object] = False"
_ABOUT_LOGS_OF_MANY = (
    "logs",
    "Whether to print the log lines during the wait, each after the name of its resource, or a function that is called "
    "with each name and `LogLine`.",
)
_ABOUT_LOGS = (
    ("logs", "Whether to print the log lines during the wait, or a function that is called with each `LogLine`."),
    ("log_tail", "Number of last log lines to attach to an error as its attribute `log_tail`."),
)
_OUTCOMES = {
    "success": "success",
    "failure": "raises `WaitFailedError`",
    "stopped": "raises `WaitStoppedError`",
}
_OVERDUE = ("WaitTimeoutError", "The wait exceeded `timeout`.")
_ABOUT_EXIST_OK = (
    'What to do if a resource of this name exists: False raises the service\'s error, True waits for it, and "same" waits '
    "for it if its settings match this call."
)
_DIFFERS = ("ResourceDiffersError", 'With "same": a resource of this name exists with other settings.')
_GONE = ("ResourceNotFoundError", "The {noun} does not exist.")
_ABOUT_REPORT = (
    "SageMakerError: No call of the wait can succeed, for example because the credentials have expired. This and every "
    "other exception, such as `KeyboardInterrupt` or an error of `on_poll`, has the report as its attribute `report`.",
)


class WaitersRenderer:
    """Renders waits. `parameter` renders a parameter; its second argument says whether it is required."""

    def __init__(self, parameter: Callable[[Field, bool], str], plan: Plan) -> None:
        self._parameter = parameter
        self._plan = plan
        self._documentation = plan.target.documentation
        self._enums: dict[str, EnumPlan] = {enum.name: enum for module in plan.modules for enum in module.enums}

    # --- the tables ---------------------------------------------------------------------------------------------------

    def constants(self, group: GroupPlan) -> list[str]:
        """The constants above the class."""
        batches = _batches(group)
        lines = [f"{name} = {self._batch(batch)}\n" for batch, name in batches]
        logged = _logged(group)
        if logged is not None:
            goes_on = ", goes_on=True" if logged.log_goes_on else ""
            lines.append(f"_LOGS = LogStreams({quote(logged.log_streams or '')}{goes_on})\n")
        explained = next((waiter.explanation for waiter in group.waiters if waiter.explanation), None)
        if explained is not None:
            lines.append(f"_EXPLANATION = {self._explanation(explained)}\n")
        lines += [self._waiter(waiter, dict(batches)) for waiter in group.waiters]
        if len(group.many) > 1:
            states = ", ".join(f"{quote(waiter.state)}: {_constant(waiter)}" for waiter in group.many)
            lines.append(f"_MANY: Mapping[str, Waiter[{_response(group.many[0])}]] = {{{states}}}\n")
        return lines

    def _batch(self, batch: BatchPlan) -> str:
        args = [f"describe={batch.describe.request.name}", f"name={quote(batch.name.name)}"]
        if batch.list and batch.item_name and batch.item_status:
            args.append(f"list={batch.list.request.name}")
            args.append(f"item_name={quote(batch.item_name.name)}")
            args.append(f"item_status={quote(batch.item_status.name)}")
            if batch.list_sort:
                args.append(f"list_sort={quote(batch.list_sort)}")
        if batch.list_scope:
            args.append(f"list_scope={_tuple(field.name for field in batch.list_scope)}")
        if batch.stop:
            args.append(f"stop={batch.stop.request.name}")
        return f"Batch({', '.join(args)})"

    def _explanation(self, explanation: ExplanationPlan) -> str:
        assert explanation.list.paging is not None
        args = {
            "when": _tuple(explanation.when),
            "list": explanation.list.request.name,
            "scope": quote(explanation.scope.name),
            "noun": quote(explanation.noun),
            "items": quote(explanation.list.paging.items[0].name),
            "name": quote(explanation.name.name),
            "status": quote(explanation.status.name),
            "reason": quote(explanation.reason.name),
            "failed": _tuple(explanation.failed),
        }
        return f"Explanation({', '.join(f'{name}={value}' for name, value in args.items())})"

    def _waiter(self, waiter: WaiterPlan, batches: dict[BatchPlan, str]) -> str:
        states = ", ".join(
            f"{quote(text)}: {quote(outcome)}" for outcome, texts in waiter.classes.items() for text in texts
        )
        args = [
            f"group={quote(waiter.group)}",
            f"noun={quote(waiter.noun)}",
            f"target={quote(waiter.target)}",
            f"status={quote(waiter.status.name) if waiter.status else None}",
            f"outcomes={{{states}}}",
            f"timeout={number(waiter.timeout)}",
            f"poll=({number(waiter.poll[0])}, {number(waiter.poll[1])})",
        ]
        for name in ("reason", "secondary", "transitions", "arn"):
            field: Field | None = getattr(waiter, name)
            if field is not None:
                args.append(f"{name}={quote(field.name)}")
        args += self._rest_of(waiter, batches)
        return f"{_constant(waiter)}: Waiter[{_response(waiter)}] = Waiter({', '.join(args)})\n"

    def _rest_of(self, waiter: WaiterPlan, batches: dict[BatchPlan, str]) -> list[str]:
        """The arguments that only some waiters have."""
        args = {
            "explanation": "_EXPLANATION" if waiter.explanation else None,
            "log_group": quote(waiter.log_group) if waiter.log_group else None,
            "logs": "_LOGS" if waiter.log_streams is not None else None,
            "stop": quote(f"sm.{waiter.group}.{waiter.stop.verb}") if waiter.stop else None,
            "gone": True if waiter.gone else None,
            "compare": quote(waiter.compare.name) if waiter.compare else None,
            "batch": batches[waiter.batch] if waiter.batch else None,
        }
        return [f"{name}={value}" for name, value in args.items() if value is not None]

    # --- the methods --------------------------------------------------------------------------------------------------

    def methods(self, group: GroupPlan) -> list[str]:
        logged = _logged(group)
        return [
            *([self._logs(logged)] if logged else []),
            *(self._wait(waiter) for waiter in group.waiters),
            *([self._wait_all(group)] if group.many else []),
        ]

    def requests(self, group: GroupPlan) -> set[str]:
        """The request classes that the constants and methods use at run time."""
        operations = [operation for waiter in group.waiters for operation in _operations(waiter)]
        return {operation.request.name for operation in operations if operation is not None}

    def _found_by(self, waiter: WaiterPlan, *more: str) -> list[str]:
        """The parameters that identify the resource: the identifier first, then required ones, then optional ones."""
        parts = [self._parameter(field, waiter.needs(field)) for field in waiter.arguments[1:]]
        rest = sorted([*parts, *more], key=lambda part: part.endswith("= None"))
        return [self._parameter(waiter.arguments[0], True), "*", *rest]

    def _logs(self, waiter: WaiterPlan) -> str:
        """The method `logs`."""
        parts = [*self._found_by(waiter), "follow: bool = False", "since: datetime | timedelta | float | None = None"]
        passed = [_constant(waiter), waiter.arguments[0].name, _request(waiter.describe, waiter.arguments)]
        return (
            f"    def logs(self, {', '.join(parts)}) -> LogLines:\n"
            + docstring(self._about_logs(waiter), "        ")
            + f"        lines: LogLines = self._lines(waiting.log_lines({', '.join(passed)}, follow=follow, since=since))\n"
            + "        return lines\n"
        )

    def _wait(self, waiter: WaiterPlan) -> str:
        identifier = waiter.arguments[0]
        response = _response(waiter)
        parts = self._found_by(waiter, *([f"{waiter.compare.name}: str"] if waiter.compare else []))
        parts += self._of_wait(waiter)
        passed = [
            _constant(waiter),
            identifier.name,
            _request(waiter.describe, waiter.arguments),
            self._options_of(waiter),
        ]
        if waiter.stop:
            passed.append(f"stop={_request(waiter.stop, waiter.arguments)}")
        if waiter.compare:
            passed.append(f"expected={waiter.compare.name}")
        call = "waiting.wait_deleted" if waiter.gone else "waiting.wait"
        about = self._about_deleted(waiter) if waiter.gone else self._about_wait(waiter)
        return (
            f"    def wait_until_{waiter.state}(self, {', '.join(parts)}) -> {response}{' | None' * waiter.gone}:\n"
            + docstring(about, "        ")
            + f"        return self._run({call}({', '.join(passed)}))\n"
        )

    def run_parameters(self, run: RunPlan) -> list[str]:
        """The parameters of a `run` that control its wait."""
        return self._of_wait(run.waiter)

    def run_call(self, run: RunPlan, request: str) -> str:
        """The task of a `run`."""
        passed = ["RUNS", _constant(run.waiter), request, self._options_of(run.waiter), "exist_ok=exist_ok"]
        return f"waiting.run_one({', '.join(passed)})"

    def about_run(self, run: RunPlan, arguments: list[docstrings.Line]) -> list[str]:
        waiter = run.waiter
        verb = "Start" if run.operation.verb.startswith("start") else "Create"
        code = self._plan.examples.get(f"{waiter.group}.{run.method}", "")
        return [
            f"{verb} the {waiter.noun}, or attach to it, wait until it is {waiter.target}, and return its last description.",
            "",
            *docstrings.section("Args", [*arguments, *self._about_times(waiter), ("exist_ok", _ABOUT_EXIST_OK)]),
            *["Returns:", "    The last description.", ""],
            *docstrings.section("Raises", [_DIFFERS, *_failures(waiter), _OVERDUE, *docstrings.raised(run.operation)]),
            *docstrings.example(code),
            self._documentation.format(run.operation.name),
        ]

    def _of_wait(self, waiter: WaiterPlan) -> list[str]:
        """The parameters that control the wait."""
        parts = [*_TIMES, _ON_POLL.format(event="WaitEvent", response=_response(waiter)), "progress: bool = False"]
        if waiter.shows_log:
            parts += _LOG_PARAMETERS
        if waiter.stop:
            parts.append(_STOP_ON_INTERRUPT)
        return parts

    def _options_of(self, waiter: WaiterPlan) -> str:
        return _options(
            *(("logs", "log_tail") if waiter.shows_log else ()), "stop_on_interrupt" if waiter.stop else None
        )

    def _wait_all(self, group: GroupPlan) -> str:
        main = group.many[0]
        compare = _compare(group)
        waiter = _constant(main)
        if len(group.many) > 1:
            waiter = f"chosen(_MANY, until, {compare})" if compare else "chosen(_MANY, until)"
        passed = [
            waiter,
            "names",
            _options(
                *(("logs",) if _many_show_logs(group) else ()),
                "fail_fast",
                "stop_on_interrupt" if main.batch and main.batch.stop else None,
            ),
        ]
        if compare:
            passed.append(f"expected={compare}")
        return (
            "".join(f"    {line}\n" for line in self._wait_all_heads(group, compare))
            + docstring(self._about_all(group), "        ")
            + f"        return self._run(waiting.wait_all({', '.join(passed)}))\n"
        )

    def _wait_all_heads(self, group: GroupPlan, compare: str | None) -> list[str]:
        """The first line of `wait_all`, after its overloads if some of the states need a value to compare with."""
        plain = tuple(waiter for waiter in group.many if not waiter.compare)
        comparing = tuple(waiter for waiter in group.many if waiter.compare)
        if not compare:
            return [self._wait_all_head(group, plain, None)]
        if not plain:
            return [self._wait_all_head(group, comparing, f"{compare}: {_EXPECTED}")]
        return [
            "@overload",
            f"{self._wait_all_head(group, plain, f'{compare}: None = None')} ...",
            "@overload",
            f"{self._wait_all_head(group, comparing, f'{compare}: {_EXPECTED}')} ...",
            self._wait_all_head(group, group.many, f"{compare}: {_EXPECTED} | None = None"),
        ]

    def _wait_all_head(self, group: GroupPlan, states: tuple[WaiterPlan, ...], compare: str | None) -> str:
        """The first line of `wait_all`, for some of the states."""
        main = group.many[0]
        assert main.batch is not None
        parts = ["names: Iterable[str]", "*"]
        if len(group.many) > 1:
            until = f"until: Literal[{', '.join(quote(waiter.state) for waiter in states)}]"
            parts.append(f"{until} = {quote(main.state)}" if main in states else until)
        if compare:
            parts.append(compare)
        parts += [*_TIMES, "on_poll: Callable[[BatchEvent], object] | None = None", "progress: bool = False"]
        if _many_show_logs(group):
            parts.append(_LOGS_OF_MANY)
        parts.append("fail_fast: bool = False")
        if main.batch.stop:
            parts.append(_STOP_ON_INTERRUPT)
        return f"def wait_all(self, {', '.join(parts)}) -> WaitReport[{_response(main)}]:"

    # --- their words --------------------------------------------------------------------------------------------------

    def _about_wait(self, waiter: WaiterPlan) -> list[str]:
        compared = " with the requested value" if waiter.compare else ""
        return self._about(
            waiter,
            f"Wait until the {waiter.noun} is {waiter.target}{compared}; return its last description.",
            returned="The last description.",
            raised=[*_failures(waiter), _OVERDUE, (_GONE[0], _GONE[1].format(noun=waiter.noun))],
        )

    def _about_deleted(self, waiter: WaiterPlan) -> list[str]:
        return self._about(
            waiter,
            f"Wait until the {waiter.noun} is deleted.",
            returned=f"The last description before the deletion; None if the {waiter.noun} was gone at the first poll.",
            raised=[*_failures(waiter), _OVERDUE],
        )

    def _about(self, waiter: WaiterPlan, first: str, returned: str, raised: list[docstrings.Line]) -> list[str]:
        arguments = [(field.name, docstrings.argument(field)) for field in waiter.arguments]
        if waiter.compare:
            arguments.append(
                (waiter.compare.name, f"Value that `{waiter.compare.name}` in the description must reach.")
            )
        arguments += self._about_times(waiter)
        code = self._plan.examples.get(f"{waiter.group}.wait_until_{waiter.state}", "")
        return [
            first,
            "",
            *self._statuses(waiter),
            *docstrings.section("Args", arguments),
            *["Returns:", f"    {returned}", ""],
            *docstrings.section("Raises", raised),
            *docstrings.example(code),
            self._documentation.format(waiter.describe.name),
        ]

    def _about_times(self, waiter: WaiterPlan) -> list[docstrings.Line]:
        """The descriptions of the parameters that control the wait."""
        low, high = map(number, waiter.poll)
        arguments = [
            (
                "timeout",
                f"Seconds or a `timedelta` until the wait gives up; {number(waiter.timeout)} seconds by default.",
            ),
            ("poll", f"Seconds or a `timedelta` between two polls; by default it grows from {low} to {high} seconds."),
            ("on_poll", "Function that is called with a `WaitEvent` after each poll."),
            ("progress", "Whether to show progress on the terminal."),
            *(_ABOUT_LOGS if waiter.shows_log else ()),
        ]
        if waiter.stop:
            arguments.append(("stop_on_interrupt", _stops_on_interrupt(f"the {waiter.noun}")))
        return arguments

    def _statuses(self, waiter: WaiterPlan) -> list[str]:
        """The statuses that end the wait, with their meanings."""
        enum = self._enums.get(waiter.status.type.shape) if waiter.status else None
        lines: list[str] = []
        for outcome, means in _OUTCOMES.items():
            for text in waiter.classes[outcome]:
                words = enum.meanings.get(text, "") if enum else ""
                lines.append(f"- `{text}`: {means}. {words}".rstrip())
        return ["Statuses that end the wait:", "", *lines, ""] if lines else []

    def _about_logs(self, waiter: WaiterPlan) -> list[str]:
        noun = waiter.noun
        end = "is deleted" if waiter.log_goes_on else "has finished and its last lines have arrived"
        arguments = [(field.name, docstrings.argument(field)) for field in waiter.arguments]
        arguments += [
            ("follow", f"Whether to wait for new lines and new streams until the {noun} {end}."),
            ("since", "Time of the oldest line: a datetime with a time zone, or seconds or a `timedelta` before now."),
        ]
        returned = f"The lines of all streams of `{waiter.log_group}` that belong to the {noun}, merged by time."
        return [
            f"Return the lines of the log of the {noun}; iterate to get `LogLine` objects.",
            "",
            "A log that does not exist yet is empty. The lines of one poll are sorted by time.",
            "",
            *docstrings.section("Args", arguments),
            *["Returns:", f"    {returned}", ""],
            *docstrings.section("Raises", [("AccessDeniedError", "The permissions to read the log are missing.")]),
            self._documentation.format(waiter.describe.name),
        ]

    def _about_all(self, group: GroupPlan) -> list[str]:
        main = group.many[0]
        state = "in the state `until`" if len(group.many) > 1 else main.target
        arguments = [("names", f"Names of the {_plural(main.noun)}, as many as you like.")]
        if len(group.many) > 1:
            arguments.append(("until", f"State to wait for; {quote(main.state)} by default."))
        if compare := _compare(group):
            states = _joined(waiter.state for waiter in group.many if waiter.compare)
            arguments.append(
                (compare, f"With {states}: the value to reach, either one for all or a mapping from name to value.")
            )
        arguments += [
            ("timeout", "Seconds or a `timedelta` until the wait gives up; by default as for a single resource."),
            ("poll", "Seconds or a `timedelta` between two polls; by default it grows."),
            ("on_poll", "Function that is called with a `BatchEvent` after each poll."),
            ("progress", "Whether to show progress on the terminal."),
            *([_ABOUT_LOGS_OF_MANY] if _many_show_logs(group) else []),
            ("fail_fast", "Whether to end the wait at the first failure. By default, it continues for the others."),
        ]
        if main.batch and main.batch.stop:
            arguments.append(("stop_on_interrupt", _stops_on_interrupt(f"the {_plural(main.noun)} that still run")))
        return [
            f"Wait until each {main.noun} of `names` is {state} or has failed; report on all of them.",
            "",
            "A poll checks many resources with few calls.",
            "",
            *docstrings.section("Args", arguments),
            "Returns:",
            "    A report with the outcome of each, by name.",
            "",
            "Raises:",
            *(f"    {line}" for line in _ABOUT_REPORT),
            "",
            *docstrings.example(self._plan.examples.get(f"{group.name}.wait_all", "")),
            self._documentation.format(main.describe.name),
        ]

    # --- the index ----------------------------------------------------------------------------------------------------

    def index(self, plan: Plan) -> str:
        """`resources/waitable.py`: what can be waited on, found by the name of a group or the type of an ARN."""
        lines = [
            f"    {quote(group.name)}: Waitable({', '.join(self._waitable(group))}),"
            for group in plan.groups
            if group.waiters
        ]
        return header("waiters") + _INDEX + "\n".join(lines) + "\n}\n\n\n" + _MAIN_WAITER

    def _waitable(self, group: GroupPlan) -> list[str]:
        states = [
            f"{quote(waiter.state)}: {_tuple(_required(waiter))}"
            for waiter in group.waiters
        ]  # fmt: skip
        return [
            f"noun={quote(group.waiters[0].noun)}",
            f"states={{{', '.join(states)}}}",
            f"arn_type={quote(group.arn_type) if group.arn_type else None}",
            f"many={_tuple(waiter.state for waiter in group.many)}",
        ]


_INDEX = '''"""The waits of each group. A group's module is imported when its waiter is first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from sagemaker_typed._waiting.spec import Waitable, Waiter

__all__ = ["WAITABLE", "main_waiter", "waiter_of"]


WAITABLE: Mapping[str, Waitable] = {
'''


# Finds the constants that `WaitersRenderer.constants` writes.
_MAIN_WAITER = '''def main_waiter(group: str) -> Waiter[Any]:
    """Return the waiter of a group's main state, which `wait_all` takes."""
    return waiter_of(group, WAITABLE[group].many[0])


def waiter_of(group: str, state: str) -> Waiter[Any]:
    """Return the waiter of one of a group's states."""
    waiter: Waiter[Any] = getattr(import_module(f"{__package__}.{group}"), f"_{state.upper()}")
    return waiter
'''


def _required(waiter: WaiterPlan) -> list[str]:
    names = [field.name for field in waiter.arguments if waiter.needs(field)]
    return [*names, *([waiter.compare.name] if waiter.compare else [])]


def _operations(waiter: WaiterPlan) -> list[OperationPlan | None]:
    """The operations that a waiter sends."""
    operations = [waiter.describe, waiter.stop]
    if waiter.batch:
        operations += [waiter.batch.list, waiter.batch.stop]
    if waiter.explanation:
        operations.append(waiter.explanation.list)
    return operations


def _logged(group: GroupPlan) -> WaiterPlan | None:
    """The waiter that follows a group's log; None if the group has no log."""
    waiter = group.waiters[0] if group.waiters else None
    return waiter if waiter is not None and waiter.shows_log else None


def _many_show_logs(group: GroupPlan) -> bool:
    """Whether a wait on many resources of a group can show their logs."""
    return any(waiter.shows_log for waiter in group.many)


def _batches(group: GroupPlan) -> list[tuple[BatchPlan, str]]:
    """Each of the group's batches once, with the name of its constant."""
    found: list[BatchPlan] = []
    for waiter in group.waiters:
        if waiter.batch and waiter.batch not in found:
            found.append(waiter.batch)
    return [(batch, f"_BATCH_{index + 1}" if index else "_BATCH") for index, batch in enumerate(found)]


def _compare(group: GroupPlan) -> str | None:
    """The field that one of the states of `wait_all` compares."""
    return next((waiter.compare.name for waiter in group.many if waiter.compare), None)


def _joined(states: Iterable[str]) -> str:
    return " and ".join(f"`until={quote(state)}`" for state in states)


def _constant(waiter: WaiterPlan) -> str:
    return f"_{waiter.state.upper()}"


def _options(*more: str | None) -> str:
    """The call that makes the options of a wait from the arguments of its method."""
    names = ["timeout", "poll", "on_poll", "progress", *filter(None, more)]
    return f"waiting.WaitOptions({', '.join(f'{name}={name}' for name in names)})"


def _response(waiter: WaiterPlan) -> str:
    assert waiter.describe.response is not None
    return waiter.describe.response.name


def _request(operation: OperationPlan, arguments: Iterable[Field]) -> str:
    """The call that makes a request from the arguments that it takes."""
    wires = {field.wire: field.name for field in operation.request.fields}
    given = ", ".join(f"{wires[field.wire]}={field.name}" for field in arguments if field.wire in wires)
    return f"{operation.request.name}({given})"


def _tuple(names: Iterable[Any]) -> str:
    texts = [quote(str(name)) for name in names]
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def _failures(waiter: WaiterPlan) -> list[docstrings.Line]:
    """The errors that a failure or stop raises."""
    lines: list[docstrings.Line] = []
    if failed := waiter.classes["failure"]:
        lines.append(("WaitFailedError", f"The status is {_either(failed)}."))
    if stopped := waiter.classes["stopped"]:
        lines.append(("WaitStoppedError", f"The status is {_either(stopped)}."))
    return lines


def _either(texts: tuple[str, ...]) -> str:
    quoted = [f"`{text}`" for text in texts]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _plural(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    return f"{head} {plural(last)}".strip()


def _stops_on_interrupt(what: str) -> str:
    return f"Whether Ctrl-C stops {what}. By default, Ctrl-C ends only the wait."
