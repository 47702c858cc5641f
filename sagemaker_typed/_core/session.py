"""Makes the boto3 clients that a `SageMaker` object owns, without altering the caller's session."""

from __future__ import annotations

import copy
import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from botocore import utils
from botocore.config import Config
from botocore.configprovider import DefaultConfigResolver, SmartDefaultsConfigStoreFactory
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.session import Session
from botocore.validate import ParamValidator

from sagemaker_typed._core.answers import Answers, is_checked
from sagemaker_typed._core.failures import nested, no_answer
from sagemaker_typed._core.joined import joined
from sagemaker_typed._core.listeners import without_aliases
from sagemaker_typed._core.model import ModelLoader, knows_other
from sagemaker_typed._core.printable import cause
from sagemaker_typed._core.service import Service
from sagemaker_typed._core.version import __version__
from sagemaker_typed.errors import ConfigurationError, TransportError

__all__ = ["ClientMaker", "base_session", "client_like", "config_like", "session_like"]

_ensure_boolean: Any = getattr(utils, "ensure_boolean")  # noqa: B009  # botocore carries no types
_ATTEMPTS = 5
_CONNECTIONS = 50
# What botocore does not take in an application's id.
_NOT_A_TOKEN = re.compile(r"[^!$%&'*+\-.^_`|~,0-9A-Za-z]")


def base_session(session: Any, profile: str | None) -> Any:
    """The botocore session to sign with: the given boto3 session's, boto3's default one, or a new one.

    A new one is botocore's: boto3's costs a tenth of a first call, and adds resources, which the service lacks.
    """
    if session is None and profile is None:
        # Set by `boto3.setup_default_session`, or by an earlier call of `boto3.client`.
        session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    if session is not None:
        return session._session
    own: Any = Session()
    if profile is not None:
        own.set_config_variable("profile", profile)
    return own


class ClientMaker:
    """Makes clients of one service that sign as the base session does and leave the answers of typed calls unread."""

    def __init__(
        self,
        service: Service,
        base: Any,
        *,
        region: str | None,
        endpoint_url: str | None,
        config: Config | None,
    ) -> None:
        self._service = service
        self._base = base
        self._region = region
        self._endpoint_url = endpoint_url
        self._given = config
        # One for all clients, which so share the classes of `client.exceptions`.
        self._derived: Any = None

    def bundled(self) -> Any:
        """A client that reads our own service model."""
        return self._make(whole=False)

    def whole(self) -> Any:
        """A client that also knows what the installed botocore and the user's own models have beyond ours."""
        return self._make(whole=True)

    def other(self, service: str, endpoint_url: str | None) -> Any:
        """A plain client of another service, whose endpoint is the one that the environment or the profile names."""
        with _typed_errors():
            return self._base.create_client(
                service,
                region_name=self._region,
                endpoint_url=endpoint_url,
                config=_config(self._base, self._base.get_component("data_loader"), self._given, self._signing_region),
            )

    def knows_other(self) -> bool:
        """Whether the installed botocore, or a folder of the user's, has another model of the service than ours."""
        with _typed_errors():
            return knows_other(self._base.get_component("data_loader"), self._service)

    def _make(self, *, whole: bool) -> Any:
        with _typed_errors():
            loader: Any = ModelLoader(self._base.get_component("data_loader"), self._service, whole=whole)
            if self._derived is None:
                self._derived = _derived(self._base, self._signing_region)
            self._derived.register_component("data_loader", loader)
            client = self._derived.create_client(
                self._service.name,
                region_name=self._region,
                endpoint_url=self._endpoint_url,
                config=_config(self._base, loader, self._given, self._signing_region),
            )
            if _validates(self._base, self._given):
                # The last event before botocore's serializer, which checks the parameters of boto3's clients.
                client.meta.events.register_last("before-endpoint-resolution", _check_parameters)
            return client

    @property
    def _signing_region(self) -> str | None:
        if self._region is not None:
            return self._region
        config: Any = _merged(self._base, self._given)
        region: str | None = getattr(config, "region_name", None)
        return self._base.get_config_variable("region") if region is None else region


_ALIKE = (
    "client_cert",
    "connect_timeout",
    "max_pool_connections",
    "proxies",
    "proxies_config",
    "read_timeout",
    "retries",
    "s3",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
)
"""The options of a caller's client that hold for other services as well."""


def client_like(client: Any, service: str, endpoint_url: str | None) -> Any:
    """A plain client of another service that signs as a caller's own client does, in its region, through its proxies.

    Raises `ConfigurationError` where the credentials are not found.
    """
    session = session_like(client, service)
    with _typed_errors():
        return session.create_client(
            service, region_name=client.meta.region_name, endpoint_url=endpoint_url, config=config_like(client)
        )


def session_like(client: Any, service: str) -> Any:
    """A botocore session with the credentials of a caller's client, to call another service.

    boto3 keeps the credentials of a client to itself. Raises `ConfigurationError` where they are not found.
    """
    credentials: Any = getattr(getattr(client, "_request_signer", None), "_credentials", None)
    if credentials is None:
        raise ConfigurationError(
            f"client= does not show the credentials with which to call {service}: give a session= instead"
        )
    session: Any = Session()
    session.register_component("credential_provider", _CredentialsGiven(credentials))
    return session


def config_like(client: Any) -> Config:
    """The settings of a caller's client that hold for other services as well."""
    config: Any = client.meta.config
    return Config(**{name: getattr(config, name) for name in _ALIKE if getattr(config, name, None) is not None})


class _CredentialsGiven:
    """Gives a session the credentials of a client."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Any:
        return self._credentials


@contextmanager
def _typed_errors() -> Generator[None, None, None]:
    """Raise the typed error where botocore cannot make a client."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        typed = no_answer(error, None) if isinstance(error, BotoCoreError) else None
        if typed is None or isinstance(typed, TransportError):
            # A provider of credentials calls a service at once, unless what it gives refreshes itself.
            typed = nested(error, None) or typed
        if typed is None:
            raise
        raise typed from cause(error)
    except ValueError as error:
        # botocore's word for an endpoint that is not a URL, and for a `credential_process` that does not print JSON.
        raise nested(error, None) or joined(ConfigurationError, ValueError)(str(error)) from cause(error)


def _derived(base: Any, region: str | None) -> Any:
    """A session that shares the base's credentials, configuration and event handlers.

    What refreshes there refreshes here. Our model and our parser stand in components of its own.
    """
    # Two layers of aliases would cost each event twice.
    events = without_aliases(base.get_component("event_emitter"))
    derived: Any = Session(event_hooks=events, include_builtin_handlers=False)
    derived.register_component("response_parser_factory", Answers(base.get_component("response_parser_factory")))
    derived.register_component("config_store", base.get_component("config_store"))
    derived.register_component("credential_provider", _CredentialsOf(base, region))
    derived.lazy_register_component("token_provider", lambda: base.get_component("token_provider"))
    for name in ("user_agent_name", "user_agent_version", "user_agent_extra"):
        setattr(derived, name, getattr(base, name))
    _share_exceptions(base, derived)
    return derived


class _CredentialsOf:
    """Gives a derived session the credentials of its base."""

    def __init__(self, base: Any, region: str | None) -> None:
        self._base = base
        self._region = region

    def load_credentials(self) -> Any:
        # botocore asks STS in the region of the client that first needed credentials, and notes the region here. Without
        # the note, it asks STS in the region of the environment or the profile.
        if hasattr(self._base, "_last_client_region_used"):
            self._base._last_client_region_used = self._region
        return self._base.get_credentials()


def _share_exceptions(base: Any, derived: Any) -> None:
    """Let `client.exceptions` be the same classes for all clients of a session.

    botocore keeps their factory to itself. Where these two methods are missing, the derived session has classes of its own.
    """
    get = getattr(base, "_get_internal_component", None)
    register = getattr(derived, "_register_internal_component", None)
    if get is not None and register is not None:
        register("exceptions_factory", get("exceptions_factory"))


# --- checking raw calls -----------------------------------------------------------------------------------------------


def _validates(base: Any, given: Any) -> bool:
    """Whether boto3 would check the parameters of a call: a profile may refuse it as well as a config."""
    config: Any = _merged(base, given)
    if config is not None and not config.parameter_validation:
        return False
    return cast("bool", _ensure_boolean(base.get_scoped_config().get("parameter_validation", True)))


def _check_parameters(params: dict[str, Any], model: Any, **_: Any) -> None:
    """Check the parameters as boto3 does, of a raw call, or where a hook has changed those of a typed one."""
    if model.input_shape is None or is_checked(model.name, params):
        return
    report: Any = cast("Any", ParamValidator()).validate(params, model.input_shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


# --- configuration ----------------------------------------------------------------------------------------------------


def _merged(base: Any, given: Any) -> Any:
    chosen: Any = base.get_default_client_config()
    return given if chosen is None else chosen if given is None else chosen.merge(given)


def _config(base: Any, loader: Any, given: Any, region: str | None) -> Any:
    """The caller's config over ours, which sets what nobody has chosen."""
    chosen: Any = _merged(base, given)
    ours: Any = Config() if chosen is not None else _smart_defaults(base, loader, region)
    if getattr(chosen, "retries", None) is None and not _retries_chosen(base):
        ours = ours.merge(Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}))
    if "max_pool_connections" not in _chosen(chosen):
        # With botocore's ten, more threads than that throw connections away and make new ones at every call.
        ours = ours.merge(Config(max_pool_connections=_CONNECTIONS))
    if getattr(chosen, "user_agent", None) is None:
        ours = ours.merge(Config(user_agent=_user_agent(base, chosen)))
    # Typed calls are checked by `validate`, others by `_check_parameters`.
    whole = ours if chosen is None else ours.merge(chosen)
    return whole.merge(Config(parameter_validation=False))


def _chosen(config: Any) -> Mapping[str, Any]:
    """The options that somebody gave to a Config; botocore's own defaults are not among them."""
    options: Mapping[str, Any] = getattr(config, "_user_provided_options", {})
    return options


def _smart_defaults(base: Any, loader: Any, region: str | None) -> Any:
    """What `defaults_mode` chooses. A Config that is handed over would pin botocore's own values instead."""
    store: Any = copy.copy(base.get_component("config_store"))
    mode = store.get_config_variable("defaults_mode")
    if mode in (None, "legacy"):
        return Config()
    resolver: Any = DefaultConfigResolver(loader.load_data("sdk-default-configuration"))
    if mode not in resolver.get_default_modes():
        return Config()  # create_client says so
    factory: Any = SmartDefaultsConfigStoreFactory(resolver, utils.IMDSRegionProvider(session=base))
    if mode == "auto":
        mode = factory.resolve_auto_mode(region)  # once: it may ask the instance's metadata service
    factory.merge_smart_defaults(store, mode, region)
    return Config(defaults_mode=mode, connect_timeout=store.get_config_variable("connect_timeout"))


def _user_agent(base: Any, config: Any) -> str:
    """Who calls, in the form of `Session.user_agent()`, with the library's version and the id of the application.

    botocore puts a longer text together twice for each call unless it is given one; that is a tenth of a call. What it adds
    to a given text (`user_agent_extra` of the session and of the config) it adds to this one.
    """
    agent = base.user_agent()
    extra = base.user_agent_extra
    parts = [agent.removesuffix(f" {extra}") if extra else agent, f"lib/sagemaker_typed#{__version__}"]
    application = getattr(config, "user_agent_appid", None) or base.get_config_variable("user_agent_appid")
    if application:
        parts.append(f"app/{_NOT_A_TOKEN.sub('-', application)}")
    return " ".join(parts)


def _retries_chosen(base: Any) -> bool:
    """Whether the environment, the profile or the session says how often to try.

    botocore's own default changed from five attempts to three, so its variables cannot tell a choice from a default.
    """
    profile: Mapping[str, Any] = base.get_scoped_config()
    return (
        base.get_config_variable("max_attempts") is not None
        or "AWS_RETRY_MODE" in os.environ
        or "retry_mode" in profile
    )
