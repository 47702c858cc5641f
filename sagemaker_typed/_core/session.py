"""Makes the boto3 client that a `SageMaker` object owns, without altering the caller's session."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from sagemaker_typed import __version__
from sagemaker_typed._core.answers import Answers
from sagemaker_typed._core.failures import no_answer
from sagemaker_typed._core.model import ModelLoader
from sagemaker_typed._core.service import Service
from sagemaker_typed.errors import ConfigurationError

__all__ = ["make_client"]

_ATTEMPTS = 5
_CONNECTIONS = 50
# What the HTTP grammar does not take in a token.
_NOT_A_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")


def make_client(
    service: Service,
    *,
    session: Any,
    region: str | None,
    profile: str | None,
    endpoint_url: str | None,
    config: Config | None,
) -> Any:
    """A client that signs as `session` does, reads our own service model, and leaves the answers of typed calls unread."""
    try:
        base = _own_session(profile) if session is None else session._session
        return _derived(base, service).create_client(
            service.name,
            region_name=region or base.get_config_variable("region"),
            endpoint_url=endpoint_url,
            config=_config(base, config),
        )
    except BotoCoreError as error:
        typed = no_answer(error, None)
        if typed is None:
            raise
        raise typed from error
    except ValueError as error:  # botocore's word for an endpoint that is no URL
        raise ConfigurationError(str(error)) from error


def _own_session(profile: str | None) -> Any:
    """A botocore session. A boto3 one costs a tenth of a first call, and adds resources, which the service lacks."""
    session: Any = Session()
    if profile is not None:
        session.set_config_variable("profile", profile)
    return session


def _derived(base: Any, service: Service) -> Any:
    """A session in which the service's model is ours, and everything else is the base's own.

    Credentials, configuration and event handlers are shared, so that what refreshes there refreshes here.
    """
    derived: Any = Session(event_hooks=base.get_component("event_emitter"), include_builtin_handlers=False)
    derived.register_component("data_loader", ModelLoader(base.get_component("data_loader"), service))
    derived.register_component("response_parser_factory", Answers(base.get_component("response_parser_factory")))
    derived.register_component("config_store", base.get_component("config_store"))
    derived.register_component("credential_provider", _CredentialsOf(base))
    derived.lazy_register_component("token_provider", lambda: base.get_component("token_provider"))
    for name in ("user_agent_name", "user_agent_version", "user_agent_extra"):
        setattr(derived, name, getattr(base, name))
    return derived


class _CredentialsOf:
    """Gives a derived session the credentials of its base."""

    def __init__(self, base: Any) -> None:
        self._base = base

    def load_credentials(self) -> Any:
        return self._base.get_credentials()


def _config(base: Any, given: Any) -> Any:
    """The caller's config over ours. `validate` checks the requests; the rest is set unless somebody has."""
    chosen: Any = base.get_default_client_config() or Config()
    # The last word is the one that counts: ours here, the caller's below.
    ours = chosen.merge(Config(parameter_validation=False))
    if ours.retries is None and not _retries_chosen(base):
        ours = ours.merge(Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}))
    if "max_pool_connections" not in getattr(chosen, "_user_provided_options", {}):
        # With botocore's ten, more threads than that throw connections away and make new ones at every call.
        ours = ours.merge(Config(max_pool_connections=_CONNECTIONS))
    if ours.user_agent is None:
        ours = ours.merge(Config(user_agent=_user_agent(base, ours if given is None else ours.merge(given))))
    return ours if given is None else ours.merge(given)


def _user_agent(base: Any, config: Any) -> str:
    """Who calls, in the form of `Session.user_agent()`, with the library's version and the id of the application.

    botocore puts a longer text together twice for each call unless it is given one; that is a tenth of a call. What it adds
    to a given text (`user_agent_extra` of the session and of the config) it adds to this one.
    """
    agent = base.user_agent()
    extra = base.user_agent_extra
    parts = [agent.removesuffix(f" {extra}") if extra else agent, f"lib/sagemaker_typed#{__version__}"]
    application = config.user_agent_appid or base.get_config_variable("user_agent_appid")
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
