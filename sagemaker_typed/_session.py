"""Makes the boto3 client that a `SageMaker` object owns, without altering the caller's session."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

from sagemaker_typed._call import read_bodies
from sagemaker_typed.errors import ConfigurationError, no_answer

__all__ = ["make_client"]

_MODEL = Path(__file__).parent / "model"
_ATTEMPTS = 5


def make_client(
    *, session: Any, region: str | None, profile: str | None, endpoint_url: str | None, config: Config | None
) -> Any:
    """A client that signs as `session` does, reads our own service model, and hands over bodies unparsed."""
    try:
        if session is None:
            session = boto3.Session(profile_name=profile)
        base: Any = session._session
        client = _with_our_model(base).create_client(
            "sagemaker",
            region_name=region or session.region_name,
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


def _with_our_model(base: Any) -> Any:
    """A view of a botocore session in which SageMaker's model is ours; the session itself stays as it is.

    Credentials, configuration and event handlers are the session's own, so that what refreshes there refreshes here.
    """
    loader: Any = Loader(extra_search_paths=[str(_MODEL)])
    view = copy.copy(base)

    def get_component(name: str) -> Any:
        return loader if name == "data_loader" else base.get_component(name)

    view.get_component = get_component
    view.get_credentials = base.get_credentials
    return view


def _config(base: Any, given: Any) -> Any:
    """The caller's config over ours. Requests are checked by `_validate`; attempts are set unless somebody has."""
    ours: Any = Config(parameter_validation=False)
    default = base.get_default_client_config()
    if default is not None:
        ours = default.merge(ours)
    if ours.retries is None and not _retries_chosen(base):
        ours = ours.merge(Config(retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}))
    return ours if given is None else ours.merge(given)


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
