"""Fixtures of these tests."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.client
import botocore.hooks
import botocore.model
import pytest
from botocore.loaders import JSONFileLoader, Loader

from tests.seams.observe import Seen, observe
from tests.seams.scenario import Scenario
from tests.seams.server import Server


@pytest.fixture(scope="package", autouse=True)
def _read_once() -> Iterator[None]:
    """Sessions are made by the thousand: what is the same for each is read and worked out once."""
    files: dict[str, Any] = {}
    services: dict[tuple[str, ...], list[str]] = {}
    methods: dict[tuple[str, str], Any] = {}
    load, list_services = JSONFileLoader.load_file, Loader.list_available_services
    make_method = botocore.client.ClientCreator._create_api_method

    def load_once(self: Any, path: str) -> Any:
        if not path.startswith(Loader.BUILTIN_DATA_PATH):
            return load(self, path)
        if path not in files:
            files[path] = load(self, path)
        return files[path]

    def list_once(self: Any, type_name: str) -> list[str]:
        key = (type_name, *filter(os.path.isdir, self.search_paths))
        if key not in services:
            services[key] = list_services(self, type_name)
        return services[key]

    def make_once(self: Any, python_name: str, operation: str, service_model: Any) -> Any:
        key = (python_name, operation)
        if key not in methods:
            methods[key] = make_method(self, python_name, operation, service_model)
        return methods[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.ClientCreator, "_create_api_method", make_once)
        patch.setattr(JSONFileLoader, "load_file", load_once)
        patch.setattr(Loader, "list_available_services", list_once)
        patch.setattr(botocore.hooks, "accepts_kwargs", functools.cache(botocore.hooks.accepts_kwargs))
        alias = botocore.hooks.EventAliaser._alias_event_name
        aliaser = botocore.hooks.EventAliaser(None)  # the aliases are the same for all
        known = functools.cache(functools.partial(alias, aliaser))
        patch.setattr(botocore.hooks.EventAliaser, "_alias_event_name", lambda self, event_name: known(event_name))
        # Looked for among all operations, for each client; neither SageMaker nor STS has it.
        patch.setattr(botocore.model.ServiceModel, "endpoint_discovery_operation", None)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture(scope="session")
def _boto3_seen() -> dict[str, Seen]:
    return {}


@pytest.fixture
def see(
    server: Server, tmp_path_factory: pytest.TempPathFactory, _boto3_seen: dict[str, Seen]
) -> Callable[[Scenario, str], Seen]:
    """Run a scenario along a road; boto3's is kept for the next road. Both see the same paths."""

    def run(scenario: Scenario, road: str) -> Seen:
        if road == "boto3" and scenario.name in _boto3_seen:
            return _boto3_seen[scenario.name]
        home = Path(tmp_path_factory.getbasetemp()) / "homes" / scenario.name.replace("/", "-")
        home.mkdir(parents=True, exist_ok=True)
        seen = observe(scenario, road, home, server)
        if road == "boto3":
            _boto3_seen[scenario.name] = seen
        return seen

    return run
