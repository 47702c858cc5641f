"""Makes the boto3 client that a `SageMaker` object owns, without altering the caller's session."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.regions import EndpointResolver
from botocore.session import Session

from sagemaker_typed import __version__
from sagemaker_typed._core.call import read_bodies
from sagemaker_typed._core.model import SERVICE, endpoints, model_loader
from sagemaker_typed.errors import ConfigurationError, no_answer

__all__ = ["make_client"]

_ATTEMPTS = 5
_CONNECTIONS = 50
# What the HTTP grammar does not take in a token.
_NOT_A_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")


def make_client(
    *, session: Any, region: str | None, profile: str | None, endpoint_url: str | None, config: Config | None
) -> Any:
    """A client that signs as `session` does, reads our own service model, and hands over bodies unparsed."""
    try:
        base = _own_session(profile) if session is None else session._session
        client = _with_our_model(base).create_client(
            SERVICE,
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
    read_bodies(client)
    return client


def _own_session(profile: str | None) -> Any:
    """What boto3 stands on, without boto3: a session of its own costs a tenth of a first call, and adds resources, which
    SageMaker has none of."""
    session: Any = Session()
    if profile is not None:
        session.set_config_variable("profile", profile)
    return session


def _with_our_model(base: Any) -> Any:
    """A view of a botocore session in which SageMaker's model is ours; the session itself stays as it is.

    Credentials, configuration and event handlers are the session's own, so that what refreshes there refreshes here.
    """
    components: dict[str, Any] = {"data_loader": model_loader()}
    if _reads_botocores_endpoints(base):
        components["endpoint_resolver"] = EndpointResolver(endpoints(), uses_builtin_data=True)
    view = copy.copy(base)

    def from_ours(get: Callable[[str], Any]) -> Callable[[str], Any]:
        return lambda name: components[name] if name in components else get(name)

    view.get_component = from_ours(base.get_component)
    # A botocore that asks elsewhere for its endpoints reads those of all services.
    view._get_internal_component = from_ours(base._get_internal_component)
    view.get_credentials = base.get_credentials
    return view


def _reads_botocores_endpoints(base: Any) -> bool:
    """Whether the session would read botocore's table of endpoints, and has not done so yet.

    It would not where the user has a table of their own (in ~/.aws/models or AWS_DATA_PATH) or has given it a resolver or a
    loader. What it has read already costs nothing more.
    """
    made_later: Any = getattr(getattr(base, "_internal_components", None), "_deferred", {}).get("endpoint_resolver")
    loader: Any = base.get_component("data_loader")
    if getattr(made_later, "__module__", None) != Session.__module__ or loader.__class__ is not Loader:
        return False
    folders: list[str] = [path for path in loader.search_paths if path != Loader.BUILTIN_DATA_PATH]
    return not any(loader.file_loader.exists(os.path.join(folder, "endpoints")) for folder in folders)


def _config(base: Any, given: Any) -> Any:
    """The caller's config over ours. Requests are checked by `_validate`; the rest is set unless somebody has."""
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
    view = copy.copy(base)
    view.user_agent_extra = ""
    parts = [view.user_agent(), f"lib/sagemaker_typed#{__version__}"]
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
