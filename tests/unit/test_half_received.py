"""Nothing half-received counts as an answer: broken bodies, proxies' pages and errors in disguise are typed errors.

boto3 is no oracle here: it takes most of these for an answer without members (see "unreadable-answers" and its like in
`docs/_data/differences.toml`), and the last test shows that. Each fault is a real one, written to a socket of loopback.
"""

from __future__ import annotations

import json
import pickle
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.bodies import error_type
from sagemaker_typed.types import CompilationJobStatus, CreateModelInput
from tests.support import faults
from tests.support.clock import FakeTime
from tests.support.faults import REQUEST_ID, Fault, FaultServer, answer
from tests.support.model_server import ModelServer

ROADS = ("own", "own, heard", "client", "client, heard")
CALLS: dict[str, Callable[[SageMaker], object]] = {
    "DescribeCompilationJob": lambda sm: sm.compilation_jobs.describe("n"),
    "ListModels": lambda sm: sm.models.list().first(),
    "CreateModel": lambda sm: sm.send(CreateModelInput(model_name="n")),
    "StopCompilationJob": lambda sm: sm.compilation_jobs.stop("n"),
}
ONCE = Config(retries={"total_max_attempts": 1}, proxies={})
NO_OUTPUT = "StopCompilationJob"
# What an operation without an output answers is nothing, or members that nobody reads.
ANSWERS_WITHOUT_OUTPUT = {"empty(200)", "cut_head", "metadata_member"}
BEFORE_THE_BODY = {"hung_up", "reset", "bad_chunk", "cut_chunk"}  # botocore gives its own error, and nothing that came
OF_PROXIES = ("html", "request_timeout", "cut_head")
JOB = {
    "CompilationJobName": "n",
    "CompilationJobArn": "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/n",
    "CompilationJobStatus": "INPROGRESS",
}


@pytest.fixture(scope="module")
def running() -> Iterator[FaultServer]:
    with ModelServer() as behind, FaultServer(behind=behind.answer) as server:
        yield server


@pytest.fixture
def server(running: FaultServer) -> FaultServer:
    running.clear()
    return running


@cache  # a client takes a hundred times as long to make as a call to send
def sagemaker(server: FaultServer, road: str = "own", *, attempts: int = 1, mode: str = "standard") -> SageMaker:
    session = boto3.Session("AKID", "secret", region_name="us-west-2")
    config = Config(retries={"total_max_attempts": attempts, "mode": mode}, proxies={})
    if road.endswith("heard"):
        session.events.register("after-call.sagemaker", lambda parsed, **_: parsed.get("ResponseMetadata"))
    if road.startswith("client"):
        return SageMaker(client=session.client("sagemaker", endpoint_url=server.url, config=config))
    return SageMaker(session=session, endpoint_url=server.url, config=config)


@pytest.fixture
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore sleeps between its attempts."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def error_of(call: Callable[[], object]) -> errors.SageMakerError:
    with pytest.raises(errors.SageMakerError) as caught:
        call()
    return caught.value


# --- every fault, along every road ------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_a_retryable_error(fault: Fault, road: str, operation: str, server: FaultServer) -> None:
    server.script(operation, fault)
    sm = sagemaker(server, road)
    if operation == NO_OUTPUT and fault.name in ANSWERS_WITHOUT_OUTPUT:
        assert CALLS[operation](sm) is None
        return
    error = error_of(lambda: CALLS[operation](sm))
    assert isinstance(error, (errors.TransportError, errors.ServiceError, errors.ThrottlingError))
    assert error.retryable
    assert error.operation == operation
    if fault.name not in BEFORE_THE_BODY:
        status = error.http_status_code
        assert status is not None
        assert f"({status})" in fault.name or status in (200, 400, 408, 500)
        known = None if fault.name.startswith(OF_PROXIES) else REQUEST_ID
        assert error.request_id == known
    shown = "".join([str(error), error.excerpt or "", *getattr(error, "__notes__", ())])
    assert "\x1b" not in shown
    assert len(error.excerpt or "") <= 200
    copied = pickle.loads(pickle.dumps(error))
    assert [type(copied).__name__, str(copied), copied.operation, copied.request_id, copied.http_status_code] == [
        type(error).__name__,
        str(error),
        operation,
        error.request_id,
        error.http_status_code,
    ]
    assert (copied.retryable, copied.excerpt) == (True, error.excerpt)
    CALLS[operation](sm)  # the next answer is whole


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_the_roads_agree(fault: Fault, server: FaultServer) -> None:
    seen: list[tuple[str, str]] = []
    for road in ROADS:
        server.script("DescribeCompilationJob", fault)
        error = error_of(lambda road=road: sagemaker(server, road).compilation_jobs.describe("n"))  # type: ignore[misc]
        seen.append((type(error).__name__, str(error)))
    assert len(set(seen)) == 1, seen


# --- what each of them is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.cut_off(), r"\(HTTP 200\) was cut off: 46 bytes of its body are missing; it begins with"),
        (faults.short_body(), "was cut off: 10 bytes"),
        (faults.unframed(), r"is not JSON \("),
        (
            faults.html(200),
            r"begins with <html> <head><title>200 Of a proxy</title></head> <body>\\x1b\[31mnginx</body>",
        ),
        (faults.html(404), "HTTP 404, .*<html>"),
        (faults.empty(), "is empty$"),
        (faults.deep_json(), "nested too deep"),
        (faults.not_object("null"), "not a JSON object but null"),
        (faults.not_object("[1]"), "not a JSON object but a list"),
        (faults.metadata_member(), "none of its required members"),
        (answer(b"{}"), "none of its required members"),
        (answer({"error": "log in first"}), r'required members; it begins with {"error": \.\.\.}$'),
        (answer(dict.fromkeys(JOB)), "none of its required members"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_the_error_says_what_came(road: str, fault: Fault, says: str, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", fault)
    with pytest.raises(errors.TransportError, match=says):
        sagemaker(server, road).compilation_jobs.describe("n")


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("status", [300, 301, 403, 404, 407, 408])
def test_a_page_of_a_proxy_is_no_word_of_the_service(road: str, status: int, server: FaultServer) -> None:
    """A wait until something is deleted would take a 404 for its end, and a 403 would end any wait."""
    server.script("DescribeCompilationJob", faults.html(status))
    error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
    assert isinstance(error, errors.TransportError)
    assert not isinstance(error, errors.ApiError)
    assert isinstance(error, ClientError)  # as boto3 raises
    assert isinstance(error, BotoCoreError)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert pickle.loads(pickle.dumps(error)).response == error.response


GATEWAYS = (
    *({}, {"message": "no Route matched"}, {"Message": "Could not find endpoint"}, {"error": "Not Found"}),
    *(
        {"code": "proxy_error"},
        {"code": 502},
        {"code": "ResourceNotFound"},
        {"__type": ""},
        {"__type": "#"},
        {"__type": 5},
    ),
)


def gateway(body: Any, status: int) -> Fault:
    """The JSON of a gateway: no request id, and no header that names an error."""
    return faults.foreign(json.dumps(body).encode(), status, {"Content-Type": "application/json"}, "gateway")


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("status", [302, 400, 403, 404, 407])
def test_the_json_of_a_gateway_is_no_word_of_the_service(road: str, status: int, server: FaultServer) -> None:
    for body in GATEWAYS:
        server.script("DescribeCompilationJob", gateway(body, status))
        error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
        assert isinstance(error, errors.TransportError), body
        assert not isinstance(error, errors.ApiError), body
        assert (error.retryable, error.http_status_code) == (True, status)


@pytest.mark.parametrize("road", ROADS)
def test_a_redirect_is_no_word_of_the_service(road: str, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", faults.service_error("AccessDeniedException", status=302))
    error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
    assert isinstance(error, errors.TransportError)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(
    ("body", "headers", "cls"),
    [
        ({"__type": "NobodyKnowsThis"}, {}, errors.ApiError),
        ({"__type": "com.amazonaws#ResourceInUse"}, {}, errors.ResourceInUseError),
        (
            {"message": "no"},
            {"x-amzn-ErrorType": "ResourceInUse:http://internal.amazon.com/"},
            errors.ResourceInUseError,
        ),
        ({"message": "no"}, {"x-amzn-RequestId": REQUEST_ID}, errors.AccessDeniedError),
    ],
)
def test_what_names_an_error_or_a_request_is_of_the_service(
    road: str, body: Any, headers: dict[str, str], cls: type[errors.ApiError], server: FaultServer
) -> None:
    status = 403 if "x-amzn-RequestId" in headers else 400
    server.script("CreateModel", faults.foreign(json.dumps(body).encode(), status, headers, "named"))
    error = error_of(lambda: CALLS["CreateModel"](sagemaker(server, road)))
    assert isinstance(error, cls)


@pytest.mark.parametrize("names", [["n"], ["n", "m"]], ids=["one", "two"])
def test_the_json_of_a_gateway_ends_no_wait(names: list[str], server: FaultServer) -> None:
    sm = sagemaker(server)
    sm.clock = FakeTime().clock
    running = [answer({**JOB, "CompilationJobName": name}) for name in names]
    done = answer({**JOB, "CompilationJobStatus": "COMPLETED"})
    pages = [gateway(body, status) for body in GATEWAYS for status in (302, 400, 403, 404, 407)]
    server.script("DescribeCompilationJob", *running, *pages)
    server.always("DescribeCompilationJob", done)
    report = sm.compilation_jobs.wait_all(names, timeout=1_000_000)
    assert (set(report.succeeded), dict(report.failed)) == (set(names), {})


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("header", [False, True], ids=["body", "header"])
@pytest.mark.parametrize(
    ("code", "cls"),
    [
        ("ThrottlingException", errors.ThrottlingError),
        ("com.amazonaws.sagemaker#ResourceNotFound", errors.ResourceNotFoundError),
        ("InternalFailure", errors.ServiceError),
        ("ResourceLimitExceeded", errors.ResourceLimitExceededError),
    ],
)
def test_an_error_with_status_200(
    road: str, header: bool, code: str, cls: type[errors.ApiError], server: FaultServer
) -> None:
    server.script("DescribeCompilationJob", faults.error_in_200(code, "says the service", header=header))
    error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
    assert isinstance(error, cls)
    assert [error.code, error.message, error.http_status_code] == [code.rpartition("#")[2], "says the service", 200]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("kind", ["", "#", "NobodyKnowsThis"])
@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["plain", "marked"])
@pytest.mark.parametrize("operation", [*CALLS, "AddTags"])
def test_a_type_that_nobody_knows_is_no_word_of_the_service(
    operation: str, mark: bytes, kind: str, road: str, server: FaultServer
) -> None:
    """AddTags and StopCompilationJob need no member in an answer, and still this is none."""
    arn = "arn:aws:sagemaker:us-west-2:123456789012:model/m"
    calls = {**CALLS, "AddTags": lambda sm: sm.api.add_tags(resource_arn=arn, tags={"a": "b"})}
    server.script(operation, answer(mark + json.dumps({"__type": kind, "message": "m"}).encode()))
    error = error_of(lambda: calls[operation](sagemaker(server, road)))
    assert isinstance(error, errors.TransportError)
    assert not isinstance(error, errors.ApiError)
    assert (error.retryable, error.http_status_code) == (True, 200)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("status", [200, 400])
def test_a_byte_order_mark_hides_nothing(road: str, status: int, server: FaultServer) -> None:
    server.script(
        "DescribeCompilationJob",
        answer(BOM_UTF8 + b'{"__type": "ThrottlingException", "message": "m"}', status=status),
        answer(BOM_UTF8 + json.dumps(JOB).encode()),
    )
    sm = sagemaker(server, road)
    error = error_of(lambda: sm.compilation_jobs.describe("n"))
    assert isinstance(error, errors.ThrottlingError)
    assert error.message == "m"
    assert sm.compilation_jobs.describe("n").compilation_job_status == "INPROGRESS"


def test_an_error_with_status_200_is_the_clients_exception(server: FaultServer) -> None:
    session = boto3.Session("AKID", "secret", region_name="us-west-2")
    client: Any = session.client("sagemaker", endpoint_url=server.url)
    server.script("DescribeCompilationJob", faults.error_in_200("ResourceNotFound", "is not there"))
    with pytest.raises(client.exceptions.ResourceNotFound):
        SageMaker(client=client).compilation_jobs.describe("n")


@pytest.mark.parametrize("road", ROADS)
def test_an_answer_may_name_its_own_type(road: str, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", answer({"__type": "com.amazonaws.sagemaker#Described", **JOB}))
    assert sagemaker(server, road).compilation_jobs.describe("n").compilation_job_name == "n"
    server.script("StopPipelineExecution", answer({"__type": "StopPipelineExecutionResponse", "Fresh": 1}))
    arn = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/p/execution/abcdefghijkl"
    assert sagemaker(server, road).pipeline_executions.stop(arn).unknown_members == {"Fresh": 1}


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(
    "body", [{"CompilationJobName": "n"}, {**JOB, "CompilationStartTime": None}], ids=["one", "some"]
)
def test_an_answer_that_has_some_members_is_one(road: str, body: Any, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", answer(body))
    job = sagemaker(server, road).compilation_jobs.describe("n")
    assert job.compilation_job_name == "n"
    assert job.creation_time is None


@pytest.mark.parametrize("road", ROADS)
def test_an_answer_without_required_members_may_be_empty(road: str, server: FaultServer) -> None:
    server.script("AddTags", answer({}), answer(b""))
    sm = sagemaker(server, road)
    for _ in range(2):
        assert (
            sm.api.add_tags(resource_arn="arn:aws:sagemaker:us-west-2:123456789012:model/m", tags={"a": "b"}).tags
            is None
        )


class Http:
    status_code = 200


@pytest.mark.parametrize("stub", ["hook", "method"])
def test_a_stub_may_be_empty(stub: str) -> None:
    """What a test of the caller's gives did not come over a wire."""
    client: Any = boto3.Session("AKID", "secret", region_name="us-west-2").client("sagemaker")
    if stub == "hook":
        client.meta.events.register("before-call.sagemaker", lambda **_: (Http(), {}))
    else:
        client.describe_compilation_job = lambda **_: {}
    job = SageMaker(client=client).compilation_jobs.describe("n")
    assert job.compilation_job_name is None


@pytest.mark.parametrize("road", ROADS)
def test_an_error_with_bad_utf_8_keeps_its_code(road: str, server: FaultServer) -> None:
    body = b'{"__type": "ResourceInUse", "message": "caf\xe9 is busy"}'
    server.script("CreateModel", answer(body, status=400))
    error = error_of(lambda: CALLS["CreateModel"](sagemaker(server, road)))
    assert isinstance(error, errors.ResourceInUseError)
    assert error.message == "caf\N{REPLACEMENT CHARACTER} is busy"


@pytest.mark.parametrize("road", ROADS)
def test_a_length_of_thousands_of_digits_is_a_retryable_error(road: str, server: FaultServer) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {'9' * 5_000}\r\n\r\n".encode()
    server.script(
        "DescribeCompilationJob", Fault("long length", lambda wire: wire.send(head + json.dumps(JOB).encode()))
    )
    error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
    assert isinstance(error, errors.TransportError)
    assert error.retryable
    assert len(str(error)) < 500


# --- what an error shows ----------------------------------------------------------------------------------------------

SECRET = "https://d-1.studio.us-west-2.sagemaker.aws/auth?token=eyJhbGciOiJub25lIn0"
PIECES = [
    json.dumps({"AuthorizedUrl": SECRET})[:-8].encode(),
    b'{"a: "' + SECRET.encode(),
    b'["' + SECRET.encode() + b'", ',
    b'{"' + SECRET.encode() + b'": 1, ',
    b'{"Escaped": "\\"' + SECRET.encode() + b"\\",
    b"\n  {AuthorizedUrl: " + SECRET.encode(),
    BOM_UTF8 + json.dumps({"AuthorizedUrl": SECRET})[:-8].encode(),
    b'upstream said: {"AuthorizedUrl": "' + SECRET.encode() + b'"',
    b'zedUrl": "' + SECRET.encode() + b'"}',
    b"Url: " + SECRET.encode(),
    b'<html><a href="' + SECRET.encode() + b'">',
    b"<html><input value='" + SECRET.encode(),
    b"<?xml version='1.0'?><Error><Url>" + SECRET.encode() + b"</Url></Error>",
    b"<?xml version='1.0'?><Error><Key>" + SECRET.partition("=")[2].encode() + b"</Key></Error>",
    b'<html><input value="' + SECRET.partition("=")[2].encode() + b'">',
]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_piece_of_an_answer_gives_no_secret_away(road: str, piece: bytes, server: FaultServer) -> None:
    server.script("CreatePresignedDomainUrl", faults.unframed(piece + b"x" * len(piece)))
    sm = sagemaker(server, road)
    error = error_of(lambda: sm.api.create_presigned_domain_url(domain_id="d-1", user_profile_name="u"))
    shown = "".join([str(error), repr(error), error.excerpt or "", repr(vars(error))])
    assert "token" not in shown
    assert "eyJ" not in shown


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ('<html lang="en"><p>You can\'t pass, it\'s closed.</p>', None),
        ("<html><a href='https://a/b?token=1'>here</a>", "<html><a href='...'>here</a>"),
        ("<?xml version='1.0'?><Code>SlowDown</Code><Id>0123456789abcdef</Id>",
         "<?xml version='1.0'?><Code>SlowDown</Code><Id>...</Id>"),
        ('error: {"code": "x", "Url": "https://a"} "more"', 'error: {"code": ..., "Url": ...} ...'),
    ],
)  # fmt: skip
def test_a_page_stays_readable(page: str, shown: str | None, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", answer(page.encode()))
    error = error_of(lambda: sagemaker(server).compilation_jobs.describe("n"))
    assert error.excerpt == (shown or page)


@pytest.mark.parametrize("road", ROADS)
def test_an_excerpt_is_short_and_on_one_line(road: str, server: FaultServer) -> None:
    page = "\r\n".join(["<!doctype html>", "\x1b]0;title\x07 \N{RIGHT-TO-LEFT OVERRIDE}", "x" * 100_000]).encode()
    server.script("DescribeCompilationJob", answer(page), answer(page, status=404), answer(page, status=503))
    for _ in range(3):
        error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
        assert error.excerpt is not None
        assert error.excerpt.startswith("<!doctype html> \\x1b]0;title\\x07 \\u202e xxx")
        assert len(error.excerpt) == 200
        assert len(str(error)) < 500
        assert str(error).isprintable()


@pytest.mark.parametrize("road", ROADS)
def test_an_answer_that_does_not_fit_its_class(road: str, server: FaultServer) -> None:
    server.script("DescribeCompilationJob", answer({**JOB, "CreationTime": []}))
    error = error_of(lambda: sagemaker(server, road).compilation_jobs.describe("n"))
    assert isinstance(error, errors.ConversionError)
    found = [error.operation, error.request_id, error.http_status_code, error.retryable]
    assert found == ["DescribeCompilationJob", REQUEST_ID, 200, True]
    assert "CreationTime" in str(error)
    copied = pickle.loads(pickle.dumps(error))
    assert [copied.operation, copied.request_id, copied.http_status_code, copied.retryable] == found


# --- what is sent again -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_naps")
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_a_call_that_reads_is_sent_again(road: str, mode: str, server: FaultServer) -> None:
    sm = sagemaker(server, road, attempts=3, mode=mode)
    server.script("DescribeCompilationJob", faults.cut_off(), faults.html(200), answer(JOB))
    job = sm.compilation_jobs.describe("n")
    assert (job.compilation_job_name, job.response_metadata.retry_attempts) == ("n", 2)
    server.script("DescribeCompilationJob", *[faults.cut_off()] * 3)
    with pytest.raises(errors.TransportError):
        sm.compilation_jobs.describe("n")
    assert server.operations == ["DescribeCompilationJob"] * 6


@pytest.mark.usefixtures("no_naps")
@pytest.mark.parametrize("road", ROADS)
def test_a_call_that_changes_something_is_not(road: str, server: FaultServer) -> None:
    server.script("CreateModel", faults.cut_off())
    with pytest.raises(errors.TransportError):
        CALLS["CreateModel"](sagemaker(server, road, attempts=3))
    assert server.operations == ["CreateModel"]


@pytest.mark.usefixtures("no_naps")
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(
    ("code", "message"),
    [("ResourceInUse", "it is there"), ("ValidationException", 'Cannot create already existing model "n".')],
)
def test_a_creation_may_have_met_itself(road: str, code: str, message: str, server: FaultServer) -> None:
    """botocore sends it again where the connection broke before an answer: the service may have acted by then."""
    sm = sagemaker(server, road, attempts=3)
    server.script("CreateModel", faults.hung_up(), faults.bad_chunk(), faults.service_error(code, message))
    error = error_of(lambda: CALLS["CreateModel"](sm))
    assert isinstance(error, errors.ResourceInUseError)
    (note,) = error.__notes__
    assert "sent 3 times" in note
    assert "may have created" in note
    assert pickle.loads(pickle.dumps(error)).__notes__ == [note]


@pytest.mark.usefixtures("no_naps")
@pytest.mark.parametrize("operation", ["CreateModel", "DescribeCompilationJob"])
def test_no_other_error_says_so(operation: str, server: FaultServer) -> None:
    """One that met another resource at its first attempt, and one that creates nothing."""
    first = [faults.hung_up()] if operation != "CreateModel" else []
    server.script(operation, *first, faults.service_error("ResourceInUse"))
    error = error_of(lambda: CALLS[operation](sagemaker(server, attempts=3)))
    assert not hasattr(error, "__notes__")


# --- waits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_no_fault_ends_a_wait(fault: Fault, road: str, server: FaultServer) -> None:
    sm = sagemaker(server, road)
    sm.clock = FakeTime().clock
    running, done = answer(JOB), answer({**JOB, "CompilationJobStatus": "COMPLETED"})
    server.script("DescribeCompilationJob", running, fault, running, fault, fault, done)
    seen: list[str | None] = []
    job = sm.compilation_jobs.wait_until_completed("n", on_poll=lambda event: seen.append(event.status))
    assert job.compilation_job_status == CompilationJobStatus.COMPLETED
    assert seen == ["INPROGRESS", None, "INPROGRESS", None, None, "COMPLETED"]


# --- beside boto3 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [faults.cut_off(), faults.html(), faults.empty(), faults.error_in_200()])
def test_boto3_takes_it_for_an_answer(fault: Fault, server: FaultServer) -> None:
    session = boto3.Session("AKID", "secret", region_name="us-west-2")
    client: Any = session.client("sagemaker", endpoint_url=server.url, config=ONCE)
    server.script("DescribeCompilationJob", fault, fault)
    assert client.describe_compilation_job(CompilationJobName="n").keys() == {"ResponseMetadata"}
    assert client.exceptions  # which the client makes when it is first asked for them
    before = dict(vars(client))
    with pytest.raises(errors.SageMakerError):
        SageMaker(client=client, validation="off").compilation_jobs.describe("n")
    assert vars(client) == before, "a caller's client stays as it is"
    server.script("DescribeCompilationJob", fault)
    assert client.describe_compilation_job(CompilationJobName="n").keys() == {"ResponseMetadata"}


@pytest.mark.parametrize(
    ("value", "code"),
    [("ModelError", "ModelError"), (b"ModelError", "ModelError"), ("ModelError:http://internal.amazon.com/x", "ModelError"),
     ("a.b#ModelError", "ModelError"), ("", None), (":http://x", None), ("a.b#", None), (None, None)],
)  # fmt: skip
def test_the_code_in_a_header(value: Any, code: str | None) -> None:
    headers = {} if value is None else {"x-amzn-errortype": value}
    assert error_type(headers) == code
