"""Every wait that is generated, held against the model, and each status through real HTTP to the end of its wait.

What the statuses mean is taken from the generated tables here; `test_waits_by_hand.py` holds the tables themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.structure import members_of, operation_of
from tests.contract import model, type_names
from tests.contract.waits import MALFORMED, NOT_FOUND, PAGING, WAITS, Service, Wait, group_class

KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY
UNKNOWN = "PonderingOnIt"
DELETIONS = [wait for wait in WAITS if wait.state == "deleted"]
MANY = [group for group, entry in WAITABLE.items() if entry.many]


# --- what there is ----------------------------------------------------------------------------------------------------


def test_the_index_names_every_wait() -> None:
    for name, attribute in vars(Groups).items():
        if isinstance(attribute, property) and name not in ("api",):
            methods = [method for method in dir(group_class(name)) if method.startswith(("wait_until_", "wait_all"))]
            entry = WAITABLE.get(name)
            waits = [f"wait_until_{state}" for state in entry.states] if entry else []
            assert sorted(methods) == sorted([*waits, *(["wait_all"] if entry and entry.many else [])])
    assert len(WAITS) > 130


def test_a_type_in_an_arn_tells_the_group() -> None:
    types = [entry.arn_type for entry in WAITABLE.values() if entry.arn_type]
    assert len(types) == len(set(types))
    assert WAITABLE["compilation_jobs"].arn_type == "compilation-job"


@pytest.mark.surface
@pytest.mark.parametrize("wait", WAITS, ids=str)
def test_the_signature(wait: Wait) -> None:
    shape, waiter = model.input_shape(wait.operation), wait.waiter
    parameters = dict(wait.signature.parameters)
    del parameters["self"]
    identifier = next(iter(parameters.values()))
    assert identifier.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert all(parameter.kind is KEYWORD_ONLY for parameter in list(parameters.values())[1:])

    needed = [name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty]
    assert tuple(needed) == WAITABLE[wait.group].states[wait.state]
    assert {wire for name, wire in wait.wires.items() if name in needed} >= model.required(wait.operation)

    response = model.output_shape(wait.operation).name
    common: dict[str, Any] = {
        "timeout": "float | timedelta | None",
        "poll": "float | timedelta | None",
        "on_poll": f"Callable[[WaitEvent[{response}]], object] | None",
        "progress": "bool",
        **({"stop_on_interrupt": "bool"} if waiter.stop else {}),
        **({waiter.compare: "str"} if waiter.compare else {}),
        # What is deleted writes no more.
        **(
            {"logs": "bool | Callable[[LogLine], object]", "log_tail": "int"} if waiter.logs and not waiter.gone else {}
        ),
    }
    for name, parameter in parameters.items():
        if name in common:
            assert parameter.annotation == common.pop(name)
            assert name == waiter.compare or not parameter.default
            continue
        annotation = type_names.argument(shape.members[wait.wires[name]])
        assert parameter.annotation == (annotation if name in needed else f"{annotation} | None")
    assert common == {}
    assert {wait.wires[name] for name in parameters if name in wait.wires} == shape.members.keys() - set(PAGING)
    assert str(wait.signature.return_annotation).endswith(" | None") == waiter.gone == (wait.state == "deleted")


@pytest.mark.surface
@pytest.mark.parametrize("wait", WAITS, ids=str)
def test_what_it_knows_of_the_description(wait: Wait) -> None:
    waiter, output = wait.waiter, model.output_shape(wait.operation)
    wires = {member.field: member.wire for member in members_of(model.response_class(wait.operation))}
    assert (waiter.group, waiter.noun) == (wait.group, WAITABLE[wait.group].noun)
    assert {field for field in (waiter.status, waiter.reason, waiter.arn, waiter.compare) if field} <= wires.keys()
    # Each status means one thing; a resource without one has no meanings.
    texts = output.members[wires[waiter.status]].metadata["enum"] if waiter.status else []
    assert sorted(waiter.outcomes) == sorted(texts)
    assert set(waiter.outcomes.values()) <= {"pending", "success", "failure", "stopped"}
    assert bool(waiter.status) or waiter.gone
    # A job says why it failed; where there is a reason it is shown.
    assert waiter.status is None or waiter.reason is not None or "FailureReason" not in output.members
    if waiter.stop:
        assert callable(getattr(getattr(SageMaker(), wait.group), waiter.stop.rpartition(".")[2]))
        assert waiter.stop.startswith(f"sm.{wait.group}.")


@pytest.mark.parametrize("group", MANY)
def test_waiting_on_many(group: str) -> None:
    states = WAITABLE[group].many
    waits = [Wait(group, state) for state in states]
    signature = inspect.signature(group_class(group).wait_all)
    response = model.output_shape(waits[0].operation).name
    assert signature.return_annotation == f"WaitReport[{response}]"
    parameters = dict(signature.parameters)
    del parameters["self"]
    assert next(iter(parameters)) == "names"
    assert parameters.pop("names").annotation == "Iterable[str]"
    assert all(parameter.kind is KEYWORD_ONLY for parameter in parameters.values())
    if len(states) > 1:
        until = parameters.pop("until")
        assert until.default == states[0]
        assert until.annotation == f"Literal[{', '.join(repr(state) for state in states)}]"
    assert parameters["on_poll"].annotation == "Callable[[BatchEvent], object] | None"
    expected = {"timeout", "poll", "on_poll", "progress", "fail_fast"}
    batches = [wait.waiter.batch for wait in waits]
    if batches[0] and batches[0].stop:
        expected.add("stop_on_interrupt")
    if any(wait.waiter.logs for wait in waits):
        expected.add("logs")
    compared = [wait.waiter.compare for wait in waits if wait.waiter.compare]
    for field in compared:
        assert parameters[field].annotation == "str | Mapping[str, str] | None"
    assert parameters.keys() == expected | set(compared)

    for wait, batch in zip(waits, batches, strict=True):
        assert batch is not None
        assert {wait.operation} == {operation_of(batch.describe).name}
        compare = [wait.waiter.compare] if wait.waiter.compare else []
        assert WAITABLE[group].states[wait.state] == (batch.name, *compare)  # the name is enough
        if batch.stop:
            batch.stop(**{batch.name: "name"})
        if batch.list:
            items = model.output_shape(operation_of(batch.list).name)
            (item,) = [items.members[name].member for name in model.items(operation_of(batch.list).name)]
            fields = {member.field: member.wire for member in members_of(model.structure(item.name))}
            assert {batch.item_name, batch.item_status} <= fields.keys()
            shown = item.members[fields[batch.item_status]].metadata["enum"]
            assert sorted(shown) == sorted(wait.waiter.outcomes)
            needed = model.required(operation_of(batch.list).name)
            assert {member.wire for member in members_of(batch.list) if member.field in batch.list_scope} == needed


def test_what_users_wait_on_by_the_hundred_is_swept() -> None:
    for group in ("compilation_jobs", "training_jobs", "processing_jobs", "transform_jobs", "endpoints"):
        batch = Wait(group, WAITABLE[group].many[0]).waiter.batch
        assert batch is not None
        assert batch.list is not None
        assert batch.list_scope == ()


# --- what each status does --------------------------------------------------------------------------------------------


STATUSES = [(wait, text, outcome) for wait in WAITS for text, outcome in wait.waiter.outcomes.items()]


@pytest.mark.surface
@pytest.mark.parametrize(("wait", "text", "outcome"), STATUSES, ids=str)
def test_each_status(wait: Wait, text: str, outcome: str, serve: Callable[[Wait], Service]) -> None:
    service = serve(wait)
    service.shows(text)
    match outcome:
        case "success":
            assert service.status_of(service.run()) == text
            assert service.looks == 1
        case "pending":
            last = service.finish() or text
            assert service.status_of(service.run()) == last
            assert service.looks == 2
            assert len(service.time.slept) == 1
        case _:
            kind = errors.WaitFailedError if outcome == "failure" else errors.WaitStoppedError
            with pytest.raises(kind) as caught:
                service.run()
            assert service.looks == 1
            assert_says(caught.value, service, text)
    assert service.server.requests[0].body == service.request


def assert_says(error: errors.WaitError, service: Service, status: str) -> None:
    waiter, sample = service.wait.waiter, service.server.sample(service.wait.operation)
    identifier = list(service.wait.signature.parameters)[1]
    assert error.name == service.arguments[identifier]
    assert error.status == status
    assert error.arn == (sample[service.fields[waiter.arn]] if waiter.arn else None)
    assert error.reason == (sample[service.fields[waiter.reason]] if waiter.reason else None)
    last_of_arn = (error.arn or "").rpartition("/")[2]
    log_group = waiter.log_group and waiter.log_group.replace("{name}", error.name).replace("{id}", last_of_arn)
    assert error.log_group == log_group
    assert str(error).startswith(f"{waiter.noun} {error.name!r} ")
    assert f"last state {status}" in str(error)


@pytest.mark.surface
@pytest.mark.parametrize("wait", [wait for wait in WAITS if wait.waiter.status], ids=str)
def test_a_status_that_nobody_knows_is_waited_on(wait: Wait, serve: Callable[[Wait], Service]) -> None:
    service = serve(wait)
    service.shows(UNKNOWN)
    last = service.finish() or UNKNOWN
    assert service.status_of(service.run()) == last
    assert service.looks == 2


@pytest.mark.surface
@pytest.mark.parametrize("wait", [wait for wait in WAITS if "pending" in wait.waiter.outcomes.values()], ids=str)
def test_a_wait_that_takes_too_long(wait: Wait, serve: Callable[[Wait], Service]) -> None:
    service = serve(wait)
    pending = next(text for text, outcome in wait.waiter.outcomes.items() if outcome == "pending")
    service.shows(pending)
    with pytest.raises(errors.WaitTimeoutError) as caught:
        service.run(timeout=0)
    assert service.looks == 1
    assert_says(caught.value, service, pending)


def test_in_service_with_the_old_configuration_is_no_update(serve: Callable[[Wait], Service]) -> None:
    service = serve(Wait("endpoints", "updated"))
    old = {**service.server.sample("DescribeEndpoint"), "EndpointStatus": "InService", "EndpointConfigName": "old"}
    service.server.respond("DescribeEndpoint", old)
    with pytest.raises(errors.WaitError):
        service.run(timeout=60)
    service.server.respond("DescribeEndpoint", {**old, "EndpointConfigName": service.arguments["endpoint_config_name"]})
    assert service.run().endpoint_config_name == service.arguments["endpoint_config_name"]


# --- gone -------------------------------------------------------------------------------------------------------------


def ways_of(operation: str) -> list[tuple[str, str]]:
    """Code and message of each way in which an operation says that there is no such thing."""
    found = [("ValidationException", NOT_FOUND[operation])] if operation in NOT_FOUND else []
    declared = [shape.name for shape in model.MODEL.operation_model(operation).error_shapes]
    return [*found, *([("ResourceNotFound", "gone")] if "ResourceNotFound" in declared else [])]


WAYS = [(wait, *way) for wait in DELETIONS for way in ways_of(wait.operation)]


def test_it_is_known_how_each_says_that_there_is_no_such_thing() -> None:
    assert {wait for wait, _, _ in WAYS} == set(DELETIONS)
    assert NOT_FOUND.keys() <= {wait.operation for wait in DELETIONS}


@pytest.mark.parametrize(("wait", "code", "message"), WAYS, ids=str)
def test_what_is_not_there_is_deleted(wait: Wait, code: str, message: str, serve: Callable[[Wait], Service]) -> None:
    service = serve(wait)
    service.refuses(code, message)
    assert service.run() is None
    assert service.looks == 1


@pytest.mark.surface
@pytest.mark.parametrize("wait", DELETIONS, ids=str)
def test_the_last_description_of_what_is_gone(wait: Wait, serve: Callable[[Wait], Service]) -> None:
    service = serve(wait)
    service.server.respond(wait.operation, {**service.server.sample(wait.operation), **pending(service)}, times=2)
    service.refuses(*ways_of(wait.operation)[0])
    last = service.run()
    assert type(last) is model.response_class(wait.operation)
    assert service.looks == 3


def pending(service: Service) -> dict[str, str]:
    """The member with a status on which the wait goes on; nothing where there is no status."""
    waiter = service.wait.waiter
    texts = [text for text, outcome in waiter.outcomes.items() if outcome == "pending"]
    return {service.fields[waiter.status]: texts[0]} if waiter.status else {}


@pytest.mark.surface
@pytest.mark.parametrize("wait", DELETIONS, ids=str)
@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ValidationException", MALFORMED, errors.ValidationError),
        ("AccessDeniedException", "no identity-based policy allows the action", errors.AccessDeniedError),
    ],
    ids=["malformed", "denied"],
)
def test_what_cannot_be_looked_at_is_not_deleted(
    wait: Wait, code: str, message: str, kind: type[errors.ApiError], serve: Callable[[Wait], Service]
) -> None:
    service = serve(wait)
    service.refuses(code, message)
    with pytest.raises(kind) as caught:
        service.run()
    assert not isinstance(caught.value, errors.ResourceNotFoundError)
    assert service.looks == 1
