"""A boto3 client that holds every answer against the service model, as it came over the wire: boto3 reads loosely."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ServiceModel

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.contract.model import FOLDER
from tests.support import wire_check

_CLIENTS: WeakKeyDictionary[LocalSageMaker, dict[tuple[str | None, ...], Any]] = WeakKeyDictionary()
_LOADER = Loader(extra_search_paths=[str(FOLDER)])


@cache
def service_model() -> Any:
    return ServiceModel(load_model().document, "sagemaker")


def client_of(local: LocalSageMaker, make: Callable[[], Any], *kind: str | None) -> Any:
    """The client of this kind, made once for each `LocalSageMaker`; one that was started again has another URL."""
    clients = _CLIENTS.setdefault(local, {})
    key = (local.url, *kind)
    if key not in clients:
        clients[key] = make()
    return clients[key]


def checked_client(local: LocalSageMaker, region: str | None = None) -> Any:
    """It knows the model that the library ships with, whatever botocore is installed, and retries nothing."""
    return client_of(local, lambda: _checked_client(local, region), "checked", region)


def _checked_client(local: LocalSageMaker, region: str | None) -> Any:
    session: Any = local.session(region)
    session._session.register_component("data_loader", _LOADER)
    client = session.client("sagemaker", endpoint_url=local.url, config=Config(retries={"max_attempts": 0}))
    local._clients.add(client)  # stop() closes it
    client.meta.events.register("after-call.sagemaker", _check)
    return client


def _check(http_response: Any, model: Any, **_: Any) -> None:
    assert wrong_with(model.name, http_response.status_code, http_response.content) == []


def wrong_with(operation: str, status: int, body: bytes) -> list[str]:
    """An answer is of its output shape, or an error that says what it is."""
    if status != 200:
        error = json.loads(body)
        expected = {"__type", "message"} if "message" in error else {"__type", "Message"}
        if status in (400, 403) and set(error) == expected and all(isinstance(text, str) for text in error.values()):
            return []
        return [f"{operation}: {status} {error}"]
    shape = service_model().operation_model(operation).output_shape
    if shape is None:
        return [] if body in (b"", b"{}") else [f"{operation} has no output, and this one: {body!r}"]
    return [f"{operation}: {problem}" for problem in wire_check.problems(shape, json.loads(body))]
