"""Operations, members and checks are those of the model that ships here, however old the installed botocore is."""

from __future__ import annotations

from typing import Any

import boto3
import botocore
import pytest
from botocore.loaders import Loader

from sagemaker_typed import SageMaker, from_boto3
from tests.contract import model
from tests.support.model_server import ModelServer

KNOWN = frozenset(Loader().load_service_model("sagemaker", "service-2")["operations"])
NEWER = sorted(set(model.OPERATIONS) - KNOWN)


class _Without(Loader):
    """botocore's data, without SageMaker."""

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        if service_name == "sagemaker":
            raise AssertionError("botocore's own model was asked for")
        return super().load_service_model(service_name, type_name, api_version)


def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="secret", region_name="us-west-2")


def test_typed_calls_never_read_botocores_own_model(server: ModelServer) -> None:
    chosen = session()
    chosen._session.register_component("data_loader", _Without())
    with SageMaker(session=chosen, endpoint_url=server.url, config=model.quiet()) as sm:
        assert sm.compilation_jobs.describe("n").compilation_job_arn
        with pytest.raises(AssertionError):
            _ = sm.boto3_client  # the escape hatch knows what the session's loader knows
        assert sm.compilation_jobs.describe("n").compilation_job_arn
    with pytest.raises(AssertionError):
        chosen.client("sagemaker")


@pytest.mark.skipif(not NEWER, reason=f"botocore {botocore.__version__} knows every operation; see `make test-lowest`")
def test_operations_that_the_installed_botocore_does_not_know_are_called(server: ModelServer, sm: SageMaker) -> None:
    client = session().client("sagemaker")
    for operation in NEWER:
        assert operation not in client.meta.method_to_api_mapping.values()
        request = from_boto3(model.request_class(operation), model.requests(operation)[0])
        answer = sm.send(request)
        assert (answer is None) == (operation in model.WITHOUT_OUTPUT)
    assert [each.operation for each in server.requests] == NEWER
