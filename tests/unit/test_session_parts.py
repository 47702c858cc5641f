"""How a client is configured, part by part; botocore's own sessions and clients are the oracle."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import NoCredentialsError, ParamValidationError, ProfileNotFound
from botocore.loaders import Loader

from sagemaker_typed import __version__, errors
from sagemaker_typed._core import session as parts
from sagemaker_typed._core.session import ClientMaker, base_session, client_like, config_like, session_like
from sagemaker_typed.types._service import SERVICE


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULTS_MODE", "AWS_RETRY_MODE"):
        monkeypatch.delenv(name, raising=False)
    made: Any = botocore.session.Session()
    made.set_credentials("AKID", "secret")
    return made


def config(**options: Any) -> Any:
    return Config(**options)


# --- sessions ---------------------------------------------------------------------------------------------------------


def test_the_session_to_sign_with(monkeypatch: pytest.MonkeyPatch) -> None:
    given, default = boto3.Session(), boto3.Session()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    own = base_session(None, None)
    assert type(own) is botocore.session.Session
    assert own.profile is None
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", default)
    assert base_session(given, None) is given._session
    assert base_session(None, None) is default._session
    assert base_session(None, "team").get_config_variable("profile") == "team"


@pytest.mark.parametrize(
    ("region", "in_config", "in_profile", "expected"),
    [
        ("eu-west-1", "eu-west-2", "eu-west-3", "eu-west-1"),
        (None, "eu-west-2", "eu-west-3", "eu-west-2"),
        (None, None, "eu-west-3", "eu-west-3"),
        (None, None, None, None),
    ],
)
def test_the_region_that_credentials_are_fetched_for(
    region: str | None, in_config: str | None, in_profile: str | None, expected: str | None, base: Any
) -> None:
    if in_profile is not None:
        base.set_config_variable("region", in_profile)
    given = None if in_config is None else config(region_name=in_config)
    maker = ClientMaker(SERVICE, base, region=region, endpoint_url=None, config=given)
    assert maker._signing_region == expected


@pytest.mark.parametrize("folder", [False, True])
def test_whether_there_is_another_model(folder: bool, base: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("botocore.__version__", (SERVICE.model / "botocore-version").read_text().strip())
    if folder:
        (tmp_path / "sagemaker").mkdir()
    base.register_component("data_loader", Loader(extra_search_paths=[str(tmp_path)]))
    maker = ClientMaker(SERVICE, base, region="us-west-2", endpoint_url=None, config=None)
    assert maker.knows_other() is folder


def test_clients_of_one_maker_share_their_exceptions(base: Any) -> None:
    maker = ClientMaker(SERVICE, base, region="us-west-2", endpoint_url="http://127.0.0.1:1", config=None)
    ours, whole = maker.bundled(), maker.whole()
    theirs = base.create_client("sagemaker", region_name="us-west-2")
    assert ours.exceptions.ResourceNotFound is whole.exceptions.ResourceNotFound is theirs.exceptions.ResourceNotFound
    assert {ours.meta.region_name, whole.meta.region_name} == {"us-west-2"}
    assert {ours.meta.endpoint_url, whole.meta.endpoint_url} == {"http://127.0.0.1:1"}


@pytest.mark.parametrize("lacking", ["base", "derived"])
def test_sessions_of_a_botocore_without_a_common_factory(lacking: str, base: Any) -> None:
    registered: list[Any] = []
    derived = SimpleNamespace(_register_internal_component=lambda *what: registered.append(what))
    parts._share_exceptions(*((object(), derived) if lacking == "base" else (base, object())))
    assert registered == []
    parts._share_exceptions(base, derived)
    assert registered == [("exceptions_factory", base._get_internal_component("exceptions_factory"))]


def test_a_client_of_another_service(base: Any) -> None:
    maker = ClientMaker(SERVICE, base, region="eu-west-1", endpoint_url=None, config=config(read_timeout=7))
    logs = maker.other("logs", None)
    assert (logs.meta.service_model.service_name, logs.meta.region_name) == ("logs", "eu-west-1")
    assert logs.meta.endpoint_url == "https://logs.eu-west-1.amazonaws.com"
    assert logs.meta.config.read_timeout == 7
    assert maker.other("logs", "http://127.0.0.1:1").meta.endpoint_url == "http://127.0.0.1:1"


def test_a_client_like_the_callers(base: Any) -> None:
    client = base.create_client(
        "sagemaker", region_name="eu-west-1", config=config(read_timeout=7, proxies={"http": "p"})
    )
    logs = client_like(client, "logs", "http://127.0.0.1:1")
    assert (logs.meta.service_model.service_name, logs.meta.region_name) == ("logs", "eu-west-1")
    assert (logs.meta.endpoint_url, logs.meta.config.read_timeout) == ("http://127.0.0.1:1", 7)
    assert logs._request_signer._credentials.access_key == "AKID"
    assert session_like(client, "logs").get_credentials() is client._request_signer._credentials
    assert config_like(client).proxies == {"http": "p"}


@pytest.mark.parametrize(
    "client", [SimpleNamespace(), SimpleNamespace(_request_signer=None), SimpleNamespace(_request_signer=object())]
)
def test_credentials_that_cannot_be_read(client: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"client= cannot be read to call logs: pass a session="):
        session_like(client, "logs")


# --- errors of making a client ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "typed"),
    [
        (ProfileNotFound(profile="team"), errors.ConfigurationError),
        (NoCredentialsError(), errors.CredentialsError),
        (ValueError("Invalid endpoint: x"), errors.ConfigurationError),
        (TypeError("x"), None),
        (ParamValidationError(report="x"), None),
    ],
)
def test_errors_of_making_a_client_are_typed(raised: Exception, typed: Any) -> None:
    with pytest.raises(Exception, match=re.escape(str(raised))) as caught, parts._typed_errors():
        raise raised
    assert isinstance(caught.value, type(raised))
    assert isinstance(caught.value, errors.SageMakerError) is (typed is not None)
    if typed is not None:
        assert isinstance(caught.value, typed)
        assert caught.value.__cause__ is raised


# --- checks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_default", "given", "in_profile", "validates"),
    [
        (None, None, None, True),
        (None, None, "false", False),
        (None, None, "true", True),
        (True, None, "false", False),
        (False, None, None, False),
        (None, False, None, False),
        (False, True, None, True),
        (True, False, None, False),
    ],
)
def test_whether_parameters_are_checked(
    in_default: bool | None, given: bool | None, in_profile: str | None, validates: bool, base: Any
) -> None:
    if in_default is not None:
        base.set_default_client_config(config(parameter_validation=in_default))
    if in_profile is not None:
        base._config = {"profiles": {"default": {"parameter_validation": in_profile}}}
    assert parts._validates(base, None if given is None else config(parameter_validation=given)) is validates


def test_parameters_are_checked_against_the_model(base: Any) -> None:
    model = base.get_service_model("sagemaker").operation_model("DescribeModel")
    parts._check_parameters({"ModelName": "m"}, model)
    for wrong in ({}, {"ModelName": 3}, {"Name": "m"}):
        with pytest.raises(ParamValidationError):
            parts._check_parameters(wrong, model)
    none = SimpleNamespace(input_shape=None, name="Ping")
    parts._check_parameters({"anything": 1}, none)


# --- configuration ----------------------------------------------------------------------------------------------------


def ours(base: Any, given: Any = None, region: str | None = "us-west-2") -> Any:
    return parts._config(base, base.get_component("data_loader"), given, region)


def test_our_defaults(base: Any) -> None:
    made = ours(base)
    assert made.retries == {"mode": "standard", "total_max_attempts": 5}
    assert made.max_pool_connections == 50
    assert made.parameter_validation is False
    assert made.user_agent.endswith(f"lib/sagemaker_typed#{__version__}")


@pytest.mark.parametrize("where", ["given", "default"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retries", {"mode": "legacy", "max_attempts": 3}),
        ("max_pool_connections", 3),
        ("max_pool_connections", 10),  # botocore's own, and still a choice
        ("user_agent", "mine/1"),
        ("read_timeout", 7),
    ],
)
def test_a_choice_counts_wherever_it_was_made(where: str, name: str, value: Any, base: Any) -> None:
    chosen = config(**{name: value})
    if where == "default":
        base.set_default_client_config(chosen)
    made = ours(base, chosen if where == "given" else None)
    assert getattr(made, name) == value
    assert made.parameter_validation is False
    if name != "max_pool_connections":
        assert made.max_pool_connections == 50


def test_what_is_given_counts_more_than_the_sessions_default(base: Any) -> None:
    base.set_default_client_config(config(read_timeout=3, connect_timeout=4))
    made = ours(base, config(read_timeout=7))
    assert (made.read_timeout, made.connect_timeout) == (7, 4)


@pytest.mark.parametrize("how", ["AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "profile", "session"])
def test_attempts_that_somebody_chose_stay(how: str, base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if how.startswith("AWS"):
        monkeypatch.setenv(how, "adaptive" if how == "AWS_RETRY_MODE" else "7")
    elif how == "profile":
        base._config = {"profiles": {"default": {"retry_mode": "standard"}}}
    else:
        base.set_config_variable("max_attempts", 7)
    assert parts._retries_chosen(base)
    assert ours(base).retries is None


def test_nobody_chose_the_attempts(base: Any) -> None:
    assert not parts._retries_chosen(base)


@pytest.mark.parametrize("mode", ["standard", "in-region", "cross-region", "mobile", "auto", "legacy", None])
def test_the_mode_of_defaults_is_botocores(mode: str | None, base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if mode is not None:
        base.set_config_variable("defaults_mode", mode)
    theirs = base.create_client("sagemaker", region_name="us-west-2").meta.config
    made = parts._smart_defaults(base, base.get_component("data_loader"), "us-west-2")
    assert made.connect_timeout == theirs.connect_timeout
    wanted = None if mode in (None, "legacy") else "standard" if mode == "auto" else mode
    assert made.defaults_mode == wanted
    assert base.get_config_variable("defaults_mode") == (mode or "legacy")  # the caller's session stays as it was


def test_a_mode_that_does_not_exist_is_botocores_error(base: Any) -> None:
    base.set_config_variable("defaults_mode", "fast")
    assert parts._smart_defaults(base, base.get_component("data_loader"), "us-west-2").defaults_mode is None


@pytest.mark.parametrize(
    ("extra", "in_config", "in_session", "application"),
    [
        ("", None, None, None),
        ("team/vision", None, None, None),
        ("", "my app", None, "my-app"),
        ("", None, "nightly", "nightly"),
        ("team/vision", "one", "two", "one"),
        ("", "a!$%&'*+-.^_`|~b", None, "a!$%&'*+-.^_`|~b"),
        ("", "a\r\nb:c/d", None, "a--b-c-d"),
    ],
)
def test_the_user_agent(
    extra: str, in_config: str | None, in_session: str | None, application: str | None, base: Any
) -> None:
    base.user_agent_extra = extra
    if in_session is not None:
        base.set_config_variable("user_agent_appid", in_session)
    found = parts._user_agent(base, None if in_config is None else config(user_agent_appid=in_config))
    base.user_agent_extra = ""
    app = "" if application is None else f" app/{application}"
    assert found == f"{base.user_agent()} lib/sagemaker_typed#{__version__}{app}"
