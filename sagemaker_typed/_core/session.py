"""Makes the boto3 clients of a `SageMaker` object without changing the caller's session."""

from __future__ import annotations

import copy
import os
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
from sagemaker_typed._core.model import ModelLoader, knows_other, name_methods
from sagemaker_typed._core.patterns import lazy_pattern
from sagemaker_typed._core.printable import cause
from sagemaker_typed._core.service import Service
from sagemaker_typed._core.version import __version__
from sagemaker_typed.errors import ConfigurationError, TransportError

__all__ = ["ClientMaker", "base_session", "client_like", "config_like", "session_like"]

_ensure_boolean: Any = getattr(utils, "ensure_boolean")  # noqa: B009  # botocore carries no types
_ATTEMPTS = 5
_CONNECTIONS = 50
# Characters that botocore does not allow in an application id.
_NOT_A_TOKEN = lazy_pattern(r"[^!$%&'*+\-.^_`|~,0-9A-Za-z]")


def base_session(session: Any, profile: str | None) -> Any:
    """Return the botocore session to sign with: of the given boto3 session, of boto3's default session, or a new one.

    A new session is a plain botocore session: a boto3 session takes a tenth of a first call, and its resources are not used.
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
    """Makes clients of one service that sign like the base session and leave the responses of typed calls unread."""

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
        # One session for all clients, so that they share the classes of `client.exceptions`.
        self._derived: Any = None

    def bundled(self) -> Any:
        """Return a client with our own service model."""
        return self._make(whole=False)

    def whole(self) -> Any:
        """Return a client with our service model, extended by the models of the installed botocore and of the user."""
        return self._make(whole=True)

    def other(self, service: str, endpoint_url: str | None) -> Any:
        """Return a plain client of another service, with the endpoint from the environment or the profile."""
        with _typed_errors():
            return self._base.create_client(
                service,
                region_name=self._region,
                endpoint_url=endpoint_url,
                config=_config(self._base, self._base.get_component("data_loader"), self._given, self._signing_region),
            )

    def knows_other(self) -> bool:
        """Whether the installed botocore, or a folder of the user, has a model of the service that differs from ours."""
        with _typed_errors():
            return knows_other(self._base.get_component("data_loader"), self._service)

    def _make(self, *, whole: bool) -> Any:
        with _typed_errors():
            loader: Any = ModelLoader(self._base.get_component("data_loader"), self._service, whole=whole)
            if self._derived is None:
                self._derived = _derived(self._base, self._signing_region)
                name_methods(self._service)
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
"""The options of a caller's client that also apply to other services."""


def client_like(client: Any, service: str, endpoint_url: str | None) -> Any:
    """Return a plain client of another service with the credentials, region and proxies of a caller's client.

    Raises `ConfigurationError` if the credentials are not found.
    """
    session = session_like(client, service)
    with _typed_errors():
        return session.create_client(
            service, region_name=client.meta.region_name, endpoint_url=endpoint_url, config=config_like(client)
        )


def session_like(client: Any, service: str) -> Any:
    """Return a botocore session with the credentials of a caller's client, to call another service.

    The credentials of a client are private in boto3. Raises `ConfigurationError` if they are not found.
    """
    credentials: Any = getattr(getattr(client, "_request_signer", None), "_credentials", None)
    if credentials is None:
        raise ConfigurationError(
            f"the credentials of client= cannot be read to call {service}: pass a session= instead"
        )
    session: Any = Session()
    session.register_component("credential_provider", _CredentialsGiven(credentials))
    return session


def config_like(client: Any) -> Config:
    """Return the settings of a caller's client that also apply to other services."""
    config: Any = client.meta.config
    return Config(**{name: getattr(config, name) for name in _ALIKE if getattr(config, name, None) is not None})


class _CredentialsGiven:
    """A component for a session that returns the credentials of a client."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Any:
        return self._credentials


@contextmanager
def _typed_errors() -> Generator[None, None, None]:
    """Raise the typed error if botocore cannot make a client."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        typed = no_answer(error, None) if isinstance(error, BotoCoreError) else None
        if typed is None or isinstance(typed, TransportError):
            # Some credential providers call a service right here; those with refreshable credentials call it later.
            typed = nested(error, None) or typed
        if typed is None:
            raise
        raise typed from cause(error)
    except ValueError as error:
        # botocore raises it for an endpoint that is not a URL, and for a `credential_process` that does not print JSON.
        raise nested(error, None) or joined(ConfigurationError, ValueError)(str(error)) from cause(error)


def _derived(base: Any, region: str | None) -> Any:
    """Return a session that shares the base's credentials, configuration and event handlers.

    Credentials that the base refreshes are refreshed here, too. Our model and our parser are separate components.
    """
    # Two layers of aliases would double the time of each event.
    events = without_aliases(base.get_component("event_emitter"))
    derived: Any = Session(event_hooks=events, include_builtin_handlers=False)
    derived.register_component("response_parser_factory", Answers(base.get_component("response_parser_factory")))
    derived.register_component("config_store", base.get_component("config_store"))
    derived.register_component("credential_provider", _CredentialsOf(base, region))
    derived.lazy_register_component("token_provider", lambda: base.get_component("token_provider"))
    derived.user_agent_extra = base.user_agent_extra  # botocore appends it to our user agent
    _share_exceptions(base, derived)
    return derived


class _CredentialsOf:
    """A component for a derived session that returns the credentials of its base."""

    def __init__(self, base: Any, region: str | None) -> None:
        self._base = base
        self._region = region

    def load_credentials(self) -> Any:
        # botocore calls STS in the region of the client that first needed credentials, and stores the region here.
        # Otherwise it would call STS in the region of the environment or the profile.
        if hasattr(self._base, "_last_client_region_used"):
            self._base._last_client_region_used = self._region
        return self._base.get_credentials()


def _share_exceptions(base: Any, derived: Any) -> None:
    """Make all clients of a session share the classes of `client.exceptions`.

    botocore's factory of these classes is private. If its two methods are missing, the derived session makes its own classes.
    """
    get = getattr(base, "_get_internal_component", None)
    register = getattr(derived, "_register_internal_component", None)
    if get is not None and register is not None:
        register("exceptions_factory", get("exceptions_factory"))


# --- checking raw calls -----------------------------------------------------------------------------------------------


def _validates(base: Any, given: Any) -> bool:
    """Whether boto3 would check the parameters of a call: a profile or a config may turn that off."""
    config: Any = _merged(base, given)
    if config is not None and not config.parameter_validation:
        return False
    return cast("bool", _ensure_boolean(base.get_scoped_config().get("parameter_validation", True)))


def _check_parameters(params: dict[str, Any], model: Any, **_: Any) -> None:
    """Check the parameters of a raw call as boto3 does, or of a typed call if a hook has changed them."""
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
    """Return the caller's config merged over our defaults."""
    chosen: Any = _merged(base, given)
    ours: Any = Config() if chosen is not None else _smart_defaults(base, loader, region)
    if getattr(chosen, "retries", None) is None and not _retries_chosen(base):
        ours = ours.merge(Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}))
    if "max_pool_connections" not in _chosen(chosen):
        # With botocore's default of ten, more than ten threads discard connections and open new ones at every call.
        ours = ours.merge(Config(max_pool_connections=_CONNECTIONS))
    if getattr(chosen, "user_agent", None) is None:
        ours = ours.merge(Config(user_agent=_user_agent(base, chosen)))
    # `validate` checks typed calls, and `_check_parameters` all others.
    whole = ours if chosen is None else ours.merge(chosen)
    return whole.merge(Config(parameter_validation=False))


def _chosen(config: Any) -> Mapping[str, Any]:
    """Return the options that were passed to a Config, without botocore's defaults."""
    options: Mapping[str, Any] = getattr(config, "_user_provided_options", {})
    return options


def _smart_defaults(base: Any, loader: Any, region: str | None) -> Any:
    """Return the values of `defaults_mode`. Any Config that we pass would override them with botocore's defaults."""
    store: Any = copy.copy(base.get_component("config_store"))
    mode = store.get_config_variable("defaults_mode")
    if mode in (None, "legacy"):
        return Config()
    resolver: Any = DefaultConfigResolver(loader.load_data("sdk-default-configuration"))
    if mode not in resolver.get_default_modes():
        return Config()  # create_client raises the error
    factory: Any = SmartDefaultsConfigStoreFactory(resolver, utils.IMDSRegionProvider(session=base))
    if mode == "auto":
        mode = factory.resolve_auto_mode(region)  # only once, because it may call the instance metadata service
    factory.merge_smart_defaults(store, mode, region)
    return Config(defaults_mode=mode, connect_timeout=store.get_config_variable("connect_timeout"))


def _user_agent(base: Any, config: Any) -> str:
    """Return the user agent, in the form of `Session.user_agent()`, with the library's version and the application id.

    Without a given user agent, botocore builds a longer one twice per call, which takes a tenth of the call. The
    `user_agent_extra` of session and config is still appended.
    """
    agent = base.user_agent()
    extra = base.user_agent_extra
    parts = [agent.removesuffix(f" {extra}") if extra else agent, f"lib/sagemaker_typed#{__version__}"]
    application = getattr(config, "user_agent_appid", None) or base.get_config_variable("user_agent_appid")
    if application:
        parts.append(f"app/{_NOT_A_TOKEN.sub('-', application)}")
    return " ".join(parts)


def _retries_chosen(base: Any) -> bool:
    """Whether the environment, the profile or the session sets the number of attempts.

    botocore's default has changed from five attempts to three, so the value alone does not show whether it was set.
    """
    profile: Mapping[str, Any] = base.get_scoped_config()
    return (
        base.get_config_variable("max_attempts") is not None
        or "AWS_RETRY_MODE" in os.environ
        or "retry_mode" in profile
    )
