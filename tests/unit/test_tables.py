"""Each row of the tables in the core is there for a reason, and without it something a caller sees would be another."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config

import sagemaker_typed
from sagemaker_typed import AsyncSageMaker, SageMaker, from_boto3, to_boto3
from sagemaker_typed._core.answers import TypedCall, UnreadAnswer
from sagemaker_typed._core.convert.converter import read_metadata
from sagemaker_typed._core.html import link, tone
from sagemaker_typed._core.http.aiowire import _waits as waits_of_pool
from sagemaker_typed._core.session import config_like
from sagemaker_typed.types import DescribeModelOutput

HERE = Path(sagemaker_typed.__file__).parent


# --- logs -------------------------------------------------------------------------------------------------------------

# As the documentation names them. urllib3 logs its own requests, also where it is not the one who sends them.
LOGGERS = {f"sagemaker_typed{end}" for end in ("", ".requests", ".waiting", ".wire")} | {"urllib3.connectionpool"}


@pytest.mark.parametrize(
    "module",
    sorted(
        path.relative_to(HERE.parent).with_suffix("").as_posix().replace("/", ".")
        for folder in ("_core", "_waiting")
        for path in (HERE / folder).rglob("*.py")
        if "getLogger(" in path.read_text(encoding="utf-8") or "logger(" in path.read_text(encoding="utf-8")
    ),
)
def test_each_module_logs_where_the_documentation_says(module: str) -> None:
    found = vars(import_module(module)).values()
    assert {each.name for each in found if isinstance(each, logging.Logger)} <= LOGGERS


# --- clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_cert", "client.pem"),
        ("connect_timeout", 3),
        ("max_pool_connections", 7),
        ("proxies", {"http": "http://127.0.0.1:1"}),
        ("proxies_config", {"proxy_use_forwarding_for_https": True}),
        ("read_timeout", 4),
        ("retries", {"total_max_attempts": 2, "mode": "standard"}),
        ("s3", {"addressing_style": "path"}),
        ("use_dualstack_endpoint", True),
        ("use_fips_endpoint", True),
    ],
)
def test_a_client_of_another_service_is_set_up_like_the_callers(name: str, value: Any) -> None:
    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    config: Any = Config(**{name: value})
    client = session.client(
        "sagemaker", config=config, endpoint_url="http://127.0.0.1:1" if "use" not in name else None
    )
    assert getattr(config_like(client), name) == getattr(client.meta.config, name)
    assert getattr(client.meta.config, name)


@pytest.mark.parametrize("client", [SageMaker, AsyncSageMaker])
@pytest.mark.parametrize("level", ["standard", "strict", "off"])
def test_the_levels_of_validation(client: Any, level: str) -> None:
    assert isinstance(client(region="us-west-2", validation=level), client)
    with pytest.raises(ValueError, match=f"must be one of standard, strict, off, not '{level}d'"):
        client(region="us-west-2", validation=f"{level}d")


@pytest.mark.parametrize(
    "name", [None, "assert_hostname", "assert_fingerprint", "key_password", "ssl_version", "ca_cert_dir"]
)
def test_a_pool_with_an_unusual_setting_is_left_to_urllib3(name: str | None) -> None:
    timeout = SimpleNamespace(connect_timeout=3, read_timeout=None)
    pool = SimpleNamespace(timeout=timeout, **({} if name is None else {name: "x"}))
    assert waits_of_pool(pool) == ((3, None) if name is None else None)


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "reads"),
    [
        *((name, True) for name in ("DescribeModel", "ListModels", "Search", "GetRecord", "QueryLineage")),
        *((name, True) for name in ("BatchDescribeModelPackage", "BatchGetRecord")),
        *(
            (name, False)
            for name in ("CreateModel", "BatchDeleteClusterNodes", "PutRecord", "StopAutoMLJob", "AddTags")
        ),
        *(
            (name, False)
            for name in ("InvokeEndpoint", "RenderUiTemplate", "RetryPipelineExecution", "BatchPutMetrics")
        ),
    ],
)
def test_which_operations_change_nothing(operation: str, reads: bool) -> None:
    client: Any = SageMaker(region="us-west-2").boto3_client
    call = TypedCall(client, SimpleNamespace(name=operation), {})  # type: ignore[arg-type]
    assert call.only_reads is reads


def test_an_answer_that_was_not_read_yet_is_a_dict_in_every_way() -> None:
    of_any_object = {"__class_getitem__", "__getattribute__", "__new__", "__init__", "__hash__", "__sizeof__"}
    assert vars(dict).keys() - vars(UnreadAnswer).keys() == of_any_object - vars(UnreadAnswer).keys()


METADATA = {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {"date": "d"}, "RetryAttempts": 2, "HostId": "h"}


def test_the_metadata_of_an_answer() -> None:
    made = read_metadata(METADATA)
    assert (made.request_id, made.http_status_code, made.http_headers, made.retry_attempts) == (
        "r",
        200,
        {"date": "d"},
        2,
    )
    assert made.extra == {"HostId": "h"}
    answer = from_boto3(DescribeModelOutput, {"ModelName": "m", "ResponseMetadata": METADATA})
    assert to_boto3(answer) == {"ModelName": "m", "ResponseMetadata": METADATA}


# --- notebooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("algorithm", "algorithms"),
        ("compilation-job", "compilation-jobs"),
        ("endpoint", "endpoints"),
        ("endpoint-config", "endpointConfig"),
        ("hyper-parameter-tuning-job", "hyper-tuning-jobs"),
        ("model", "models"),
        ("notebook-instance", "notebook-instances"),
        ("processing-job", "processing-jobs"),
        ("training-job", "jobs"),
        ("transform-job", "transform-jobs"),
    ],
)
def test_the_page_of_each_kind_in_the_console(kind: str, page: str) -> None:
    url = f"https://us-west-2.console.aws.amazon.com/sagemaker/home?region=us-west-2#/{page}/x"
    assert f'href="{url}"' in link(f"arn:aws:sagemaker:us-west-2:1:{kind}/x", "sagemaker")


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (
            "bad",
            "Failed Error Unhealthy Rejected Unroutable Impaired TimeExceeded OutOfService Unavailable Blocked Alert "
            "CompletedWithViolations Degraded IssuesFound Interrupted RollbackComplete Missing Unsupported",
        ),
        ("busy", "Creating InProgress Busy NotStarted Draft Maintenance"),
        (
            "over",
            "Deleted Deleting Stopped Canceled Cancelled Terminated Disabled Inactive Detached Archived Deprecated Expired "
            "Superseded Skipped EndOfLife Reverted MaxReached",
        ),
        (
            "good",
            "Completed Done Succeeded Success InService Active Available Created Ready Approved Enabled Healthy OK Deployed "
            "Updated Attached Routable Supported UpToDate InUse NoIssuesFound Scheduled Started",
        ),
        (None, "NeverHeardOf"),
    ],
)
def test_what_a_word_says_of_the_health_of_a_resource(health: str | None, words: str) -> None:
    assert {word: tone(word) for word in words.split()} == dict.fromkeys(words.split(), health)
