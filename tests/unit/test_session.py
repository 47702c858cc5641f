"""The client that a SageMaker object makes: what it reads, how it is configured, and what it leaves alone."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, DataNotFoundError, ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver

import sagemaker_typed
from sagemaker_typed import SageMaker, __version__
from sagemaker_typed._core.model import ModelLoader, _service_model, endpoints, name_methods
from sagemaker_typed.types._service import SERVICE
from tests.support.model_server import ModelServer

MODEL = str(Path(sagemaker_typed.__file__).parent / "model")


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


# Rules and endpoints are those of the botocore that ours were generated from.
GENERATED_FROM = (Path(MODEL) / "botocore-version").read_text().strip()
as_generated = pytest.mark.skipif(
    botocore.__version__ != GENERATED_FROM, reason=f"generated from botocore {GENERATED_FROM}"
)


def session(**options: Any) -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2", **options)


def of(client: Any) -> Any:
    return client.meta.config


# --- the model --------------------------------------------------------------------------------------------------------


def test_shapes_read_one_by_one_are_the_shapes_of_the_file() -> None:
    loader = ModelLoader(Loader(), SERVICE)
    whole = Loader(extra_search_paths=[MODEL], include_default_search_paths=False).load_service_model(
        "sagemaker", "service-2"
    )
    lazy = loader.load_service_model("sagemaker", "service-2")
    assert list(lazy["shapes"]) == list(whole["shapes"])
    assert len(lazy["shapes"]) > 3000
    assert lazy | {"shapes": dict(lazy["shapes"])} == whole
    assert "NoSuchShape" not in lazy["shapes"]
    assert ServiceModel(lazy, "sagemaker").shape_names == ServiceModel(whole, "sagemaker").shape_names


def test_the_shapes_of_each_service_are_found() -> None:
    paths = sorted(Path(sagemaker_typed.__file__).parent.rglob("service-2.json"))
    assert len(paths) > 10
    for path in paths:
        whole, lazy = json.loads(path.read_bytes()), _service_model(path)
        assert lazy["shapes"].items() == whole["shapes"].items()
        assert len(lazy["shapes"]) == len(whole["shapes"])
        for name in ("", "A", "NoSuchShape", "zz", '"'):
            assert lazy["shapes"].get(name) is None


def test_other_parts_of_the_model_and_other_data_are_found() -> None:
    loader = ModelLoader(Loader(), SERVICE)
    assert loader.load_service_model("sagemaker", "paginators-1")["pagination"]
    assert loader.load_service_model("sagemaker", "waiters-2")["waiters"]
    assert loader.load_data("partitions")["partitions"]


def test_another_version_of_the_api_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = session()
    chosen._session.set_config_variable("api_versions", {"sagemaker": "2011-01-01"})
    with pytest.raises(DataNotFoundError, match="2011-01-01"):
        SageMaker(session=chosen).boto3_client  # noqa: B018
    # A newer one that stands elsewhere is not ours, nor are its paginators.
    newer = tmp_path / "sagemaker" / "2099-01-01"
    newer.mkdir(parents=True)
    for name in ("service-2", "paginators-1", "waiters-2"):
        (newer / f"{name}.json").write_text("{}")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    client = SageMaker(session=session()).boto3_client
    assert client.meta.service_model.api_version == "2017-07-24"
    assert client.can_paginate("list_models")


@as_generated
def test_endpoints_are_those_of_botocores_table() -> None:
    """For each region of the botocore that ours was made from."""
    ours, theirs = (EndpointResolver(table) for table in (endpoints(SERVICE), Loader().load_data("endpoints")))
    for partition in ours.get_available_partitions():
        regions = ours.get_available_endpoints("api.sagemaker", partition)
        if partition == "aws":
            assert len(regions) > 25
        for region in regions:
            if region in theirs.get_available_endpoints("api.sagemaker", partition):
                assert ours.construct_endpoint("api.sagemaker", region) == theirs.construct_endpoint(
                    "api.sagemaker", region
                )


REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "mars-north-1"]


@as_generated
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("options", [{}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}])
def test_it_calls_where_boto3_calls(region: str, options: dict[str, Any]) -> None:
    config: Any = Config(**options)
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    theirs = boto3.client("sagemaker", region_name=region, config=config, **keys)
    ours = SageMaker(session=session(), region=region, config=config).boto3_client
    sent = [_where(client) for client in (ours, theirs)]
    assert sent[0] == sent[1]


def _where(client: Any) -> tuple[str, str]:
    """The URL and the signature's scope of a call that is not sent."""
    found: list[Any] = []

    def catch(request: Any, **_: Any) -> Any:
        found.append(request)
        raise InterruptedError

    client.meta.events.register("before-send.sagemaker.DescribeModel", catch)
    with pytest.raises(InterruptedError):
        client.describe_model(ModelName="m")
    scope = re.search(rb"Credential=\w+/\d+/([^,]+)", found[0].headers["Authorization"])
    assert scope is not None
    return found[0].url, scope[1].decode()


@pytest.mark.parametrize("name", ["endpoints.json", "endpoints.json.gz"])
def test_endpoints_of_the_users_own_count(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Loader().load_data("endpoints")
    for partition in table["partitions"]:
        partition["dnsSuffix"] = "example.test"
    text = json.dumps(table).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    assert _where(SageMaker(region="us-west-2").boto3_client) == _where(
        boto3.Session().client("sagemaker", region_name="us-west-2")
    )
    assert "example.test" in _where(SageMaker(region="us-west-2").boto3_client)[0]


def test_a_session_that_has_made_clients_serves_as_well() -> None:
    chosen = session()
    theirs = _where(chosen.client("sagemaker"))
    assert _where(SageMaker(session=chosen).boto3_client) == theirs


# --- the first call ---------------------------------------------------------------------------------------------------

_FIRST_CALL = """
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from sagemaker_typed import SageMaker
SageMaker(region="us-west-2", endpoint_url=sys.argv[1]).compilation_jobs.describe("n")
unused = ("boto3", "s3transfer", "moto", "rich", "typer", "tenacity", "cattrs", "difflib")
loaded = [name for name in unused if name in sys.modules]
data = [path for path in opened if path.endswith((".json", ".json.gz")) and "site-packages" in path or "/model/" in path]
types = sorted(name for name in sys.modules if name.startswith("sagemaker_typed.types."))
print(loaded, ["/".join(Path(path).parts[-3:]) for path in data], len(types), sep="\\n")
"""


def test_a_first_call_reads_what_it_uses(server: ModelServer) -> None:
    env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_CALL, server.url], capture_output=True, text=True, check=True, env=env
    )
    loaded, data, types = done.stdout.splitlines()
    assert loaded == "[]"
    # Not botocore's service-2.json.gz, nor its endpoints.json of over a megabyte.
    assert sorted(set(eval(data))) == [
        "botocore/data/partitions.json",
        "botocore/data/sdk-default-configuration.json",
        "model/sagemaker/endpoints.json",
        "model/sagemaker/methods.json",
        "sagemaker/2017-07-24/endpoint-rule-set-1.json",
        "sagemaker/2017-07-24/service-2.json",
    ]
    assert int(types) < 15


def test_names_of_methods_that_botocore_knows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {("DescribeEndpoint", "_"): "their_name", ("Other", "-"): "other"}
    monkeypatch.setattr(botocore, "_xform_cache", known)
    name_methods(SERVICE)
    assert known[("DescribeEndpoint", "_")] == "their_name"
    assert known[("ListEndpoints", "_")] == "list_endpoints"
    assert known[("Other", "-")] == "other"


@pytest.mark.parametrize("cache", [None, ()])
def test_a_botocore_without_that_cache_names_them_itself(cache: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "_xform_cache", cache)
    name_methods(SERVICE)
    assert botocore._xform_cache is cache


# --- configuration ----------------------------------------------------------------------------------------------------


def test_connections_enough_for_threads_unless_somebody_chose() -> None:
    assert of(SageMaker(session=session()).boto3_client).max_pool_connections == 50
    few: Any = Config(max_pool_connections=3)
    assert of(SageMaker(session=session(), config=few).boto3_client).max_pool_connections == 3
    for number in (3, 10):  # ten is botocore's own, and still a choice
        chosen = session()
        choice: Any = Config(max_pool_connections=number)
        chosen._session.set_default_client_config(choice)
        assert of(SageMaker(session=chosen).boto3_client).max_pool_connections == number


@pytest.mark.parametrize("in_config", [None, True, False])
@pytest.mark.parametrize("in_session", [None, True, False])
@pytest.mark.parametrize("in_profile", [None, "true", "false"])
def test_a_raw_call_is_checked_where_boto3_checks_it(
    in_config: bool | None,
    in_session: bool | None,
    in_profile: str | None,
    server: ModelServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if in_profile is not None:
        (tmp_path / "config").write_text(f"[default]\nparameter_validation = {in_profile}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    chosen = session()
    if in_session is not None:
        everywhere: Any = Config(parameter_validation=in_session)
        chosen._session.set_default_client_config(everywhere)
    config: Any = None if in_config is None else Config(parameter_validation=in_config)
    raised: list[type[Exception]] = []
    for client in (
        SageMaker(session=chosen, endpoint_url=server.url, config=config).boto3_client,
        chosen.client("sagemaker", endpoint_url=server.url, config=config),
    ):
        with pytest.raises((ClientError, ParamValidationError)) as caught:
            client.describe_model(ModelName=3)
        raised.append(caught.type)
    assert raised[0] is raised[1]


def agent(server: ModelServer, **options: Any) -> str:
    server.clear()
    with SageMaker(**({"session": session()} | options), endpoint_url=server.url) as sm:
        sm.compilation_jobs.describe("n")
    return server.requests[0].headers["user-agent"]


def test_the_user_agent_names_botocore_python_and_the_library(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = agent(server)
    assert found.startswith(f"Boto3/{boto3.__version__} ")
    assert f" lib/sagemaker_typed#{__version__}" in found
    assert "Python/3." in found
    assert found.count("Botocore/") == 1
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    own = agent(server, session=None, region="us-west-2")
    assert own.startswith(f"Botocore/{botocore.__version__} ")


def test_what_a_user_says_of_themselves_is_sent(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    extra: Any = Config(user_agent_extra="team/vision", user_agent_appid="my app")
    found = agent(server, config=extra)
    assert found.endswith(" team/vision")
    assert " app/my-app " in found
    own: Any = Config(user_agent="mine/1")
    assert agent(server, config=own).startswith("mine/1")
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "nightly\r\nX-Evil: 1")
    assert " app/nightly--X-Evil--1" in agent(server)
    chosen = session()
    chosen._session.user_agent_extra = "from/session"
    assert agent(server, session=chosen).count("from/session") == 1


def test_the_callers_session_stays_as_it_was(server: ModelServer) -> None:
    chosen = session()
    before = boto3_agent(chosen, server)
    agent(server, session=chosen)
    assert boto3_agent(chosen, server) == before
    assert len(chosen.client("s3").meta.service_model.operation_names) > 90
    assert len(chosen.get_available_services()) > 300
    assert "us-west-2" in chosen.get_available_regions("ec2")


def boto3_agent(chosen: boto3.Session, server: ModelServer) -> str:
    server.clear()
    chosen.client("sagemaker", endpoint_url=server.url).describe_model(ModelName="m")
    return server.requests[0].headers["user-agent"]


def test_a_profile_is_taken_without_boto3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(
        "[profile ml]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    client = SageMaker(profile="ml").boto3_client
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == "https://api.sagemaker.eu-west-1.amazonaws.com"


def test_credentials_are_fetched_for_the_region_of_the_client() -> None:
    """botocore asks STS in the region that its session notes."""
    base: Any = botocore.session.Session()
    if not hasattr(base, "_last_client_region_used"):
        pytest.skip("an older botocore notes no region")
    base.set_credentials("AKID", "s")
    with SageMaker(session=boto3.Session(botocore_session=base), region="eu-west-3") as sm:
        sm.boto3_client  # noqa: B018
    assert base._last_client_region_used == "eu-west-3"
