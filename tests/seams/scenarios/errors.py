"""Errors of the service, and requests that are refused before they are sent: which `except` clauses catch them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.stub import Stubber

from tests.seams.roads import Way
from tests.seams.scenario import KEYS, REGION, Answer, Notes, Scenario, refused
from tests.support.model_server import installed_model

BASE = KEYS | REGION | {"AWS_MAX_ATTEMPTS": "2"}
_MODELLED = sorted(shape.name for shape in installed_model().error_shapes)
_OTHERS = ["ValidationException", "AccessDeniedException", "ThrottlingException", "ExpiredTokenException", "Brandnew"]


def _caught_by_name(name: str) -> Callable[[Way, Notes], None]:
    """`except client.exceptions.<name>`, with the client that the road gives."""

    def call(way: Way, notes: Notes) -> None:
        try:
            way.call("DescribeCompilationJob", {"CompilationJobName": "n"})
        except getattr(way.client.exceptions, name) as error:
            notes.append(error.response["Error"])

    return call


def _stubbed(way: Way, notes: Notes) -> None:
    with Stubber(way.client) as stubber:
        stubber.add_response("describe_compilation_job", _WHOLE, {"CompilationJobName": "n"})
        stubber.add_client_error("describe_compilation_job", "ResourceNotFound", "gone", http_status_code=404)
        notes.append(way.call("DescribeCompilationJob", {"CompilationJobName": "n"}))
        try:
            way.call("DescribeCompilationJob", {"CompilationJobName": "n"})
        except way.client.exceptions.ClientError as error:
            notes.append((error.response, error.operation_name))
        stubber.assert_no_pending_responses()


def _stub_of_another(way: Way, notes: Notes) -> None:
    with Stubber(way.client) as stubber:
        stubber.add_response("describe_model", {"ModelName": "m", "ModelArn": "arn:aws:sagemaker:r:1:model/m"}, {})
        way.call("DescribeCompilationJob", {"CompilationJobName": "n"})


_TIME = datetime(2024, 1, 1, tzinfo=UTC)
_WHOLE: dict[str, Any] = {
    "CompilationJobName": "n", "CompilationJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:compilation-job/n",
    "CompilationJobStatus": "COMPLETED", "StoppingCondition": {}, "CreationTime": _TIME, "LastModifiedTime": _TIME,
    "FailureReason": "", "ModelArtifacts": {"S3ModelArtifacts": "s3://b/k"},
    "RoleArn": "arn:aws:iam::123456789012:role/role-of-some-length",
    "InputConfig": {"S3Uri": "s3://b/i", "Framework": "PYTORCH"},
    "OutputConfig": {"S3OutputLocation": "s3://b/o"},
}  # fmt: skip


def _list_all(way: Way, notes: Notes) -> None:
    sm: Any = getattr(way, "sm", None)
    if sm is None and way.client.list_models is not None:
        sm = getattr(way, "sm", None)  # made with its client
    notes.append(list(way.client.list_models()["Models"] if sm is None else sm.models.list()))


# A call that reads is sent again after an answer that is none.
_ONCE = BASE | {"AWS_MAX_ATTEMPTS": "1"}

SCENARIOS = [
    *(Scenario(f"errors/{code}", BASE, answers=[refused(code, "what it says", status=400)]) for code in _MODELLED + _OTHERS),
    *(Scenario(f"errors/except-{code}", BASE, answers=[refused(code)], after=_caught_by_name(code), calls=0)
      for code in _MODELLED),
    Scenario("errors/not-found-in-words", BASE, answers=[refused("ValidationException", "Could not find compilation job")]),
    Scenario("errors/prefixed-code", BASE, answers=[refused("com.amazonaws.sagemaker#ResourceInUse")]),
    Scenario("errors/code-with-url", BASE, answers=[refused("ResourceInUse:http://internal.amazon.com/coral/")]),
    Scenario("errors/code-in-header", BASE, answers=[Answer(b"{}", 400, {"x-amzn-ErrorType": "ResourceLimitExceeded"})]),
    Scenario("errors/query-code-in-header", BASE, answers=[Answer({"__type": "ResourceInUse"}, 400,
             {"x-amzn-query-error": "Other;Sender"})]),
    Scenario("errors/no-body", BASE, answers=[Answer(b"", 404)]),
    Scenario("errors/html", BASE, answers=[Answer(b"<html>Forbidden</html>", 403, {"Content-Type": "text/html"})]),
    Scenario("errors/page-of-a-proxy", BASE, answers=[Answer(b"<html>\r\n<p>\x1b[31m" + b"x" * 300, 404)]),
    Scenario("errors/error-with-status-200", BASE, answers=[Answer({"__type": "ResourceInUse", "message": "m"})]),
    Scenario("errors/capital-Message", BASE, answers=[Answer({"__type": "ResourceInUse", "Message": "M"}, 400)]),
    Scenario("errors/more-members", BASE, answers=[Answer({"__type": "ConflictException", "message": "m", "Extra": 1}, 400)]),
    Scenario("errors/answer-no-json", _ONCE, answers=[Answer(b"<html>welcome</html>")]),
    Scenario("errors/answer-empty", _ONCE, answers=[Answer(b"")]),
    Scenario("errors/answer-no-object", _ONCE, answers=[Answer(b"[1]")]),
    Scenario("errors/answer-null", _ONCE, answers=[Answer(b"null")]),
    Scenario("errors/answer-brandnew-member", BASE, answers=[Answer({"CompilationJobName": "n", "Brandnew": 1})]),
    Scenario("errors/answer-lacks-members", BASE, answers=[Answer({"CompilationJobName": "n"})]),
    Scenario("errors/bare-list", BASE, answers=[Answer({"Models": []})], after=_list_all, calls=0),
    Scenario("errors/missing-argument", BASE, arguments={}, bad_request=True),
    Scenario("errors/wrong-type", BASE, arguments={"CompilationJobName": 5}, bad_request=True),
    Scenario("errors/too-short", BASE, arguments={"CompilationJobName": ""}, bad_request=True),
    Scenario("errors/no-output", BASE, operation="StopCompilationJob", answers=[Answer(b"")]),
    Scenario("errors/no-output-but-body", BASE, operation="StopCompilationJob", answers=[Answer({"a": 1})]),
    Scenario("errors/stubber", BASE, after=_stubbed, calls=0),
    Scenario("errors/stubber-of-another-operation", BASE, after=_stub_of_another, calls=0),
]  # fmt: skip
