"""The roads of a call: the short way, botocore's machinery under our client, and boto3 itself; and a world that stands
still, in which two of them are to do the very same."""

from __future__ import annotations

import itertools
import random
import time
import uuid
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.auth
import botocore.session
import pytest
from botocore.config import Config

from sagemaker_typed import SageMaker
from tests.contract.model import LOADER

__all__ = ["KEYS", "agent_of", "boto", "config", "made", "stand_still", "start_again", "taken"]

KEYS = {"aws_access_key_id": "AKIDWIRE", "aws_secret_access_key": "not-a-secret", "region_name": "us-west-2"}
_NOON = datetime(2026, 2, 28, 12, 0, 5)  # botocore's clock is naive


class _StillDate(datetime):
    @classmethod
    def utcnow(cls) -> datetime:
        return _NOON


def stand_still(patch: pytest.MonkeyPatch) -> list[float]:
    """Let the clock that signs stand still, and what is random repeat itself. Returns the pauses that calls make."""
    pauses: list[float] = []
    patch.setattr(time, "sleep", pauses.append)
    if hasattr(botocore.auth, "get_current_datetime"):
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: _NOON)
    else:
        patch.setattr(botocore.auth, "datetime", SimpleNamespace(datetime=_StillDate))
    start_again(patch)
    return pauses


def start_again(patch: pytest.MonkeyPatch) -> None:
    """Draw the same random numbers again."""
    numbers = itertools.count(1)
    patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(numbers)))
    random.seed(7)


def config(*, attempts: int = 1, **options: Any) -> Config:
    retries = {"total_max_attempts": attempts, "mode": "standard"}
    return Config(**{"retries": retries, "proxies": {}, "max_pool_connections": 50, **options})


def session(token: str | None = None) -> boto3.Session:
    """A session whose SageMaker is that of our model, whichever botocore is installed."""
    core = botocore.session.Session()
    core.register_component("data_loader", LOADER)
    return boto3.Session(**KEYS, aws_session_token=token, botocore_session=core)


def made(url: str, *, short: bool, token: str | None = None, **options: Any) -> SageMaker:
    """A client over the short way, or over botocore's machinery."""
    chosen = config(**options)
    return SageMaker(session=session(token), endpoint_url=url, config=chosen, short_way=short)


def boto(sm: SageMaker, url: str, *, token: str | None = None, **options: Any) -> Any:
    """boto3's client with the user agent of ours, in which the two are meant to differ."""
    return session(token).client("sagemaker", endpoint_url=url, config=config(user_agent=agent_of(sm), **options))


def agent_of(sm: SageMaker) -> str:
    """What our client is given as its user agent: botocore adds boto3's extra to it, as it does to any."""
    agent: str = sm._connection.client().meta.config.user_agent
    return agent.rsplit(" ", 1)[0]


def taken(sm: SageMaker) -> int:
    """How many calls took the short way."""
    short: Any = sm._connection._short
    return 0 if short is None else short.taken
