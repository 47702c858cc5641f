"""The server of these tests: it answers a Describe with the name that was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.processes.scenarios import HELD, PATIENCE_SECONDS
from tests.support.model_server import ModelServer, Request

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDPROCESSES", "AWS_SECRET_ACCESS_KEY": "secret"}


@contextmanager
def echoing() -> Iterator[ModelServer]:
    with ModelServer() as server:
        sample = server.sample("DescribeCompilationJob")
        released = threading.Event()

        def describe(request: Request) -> dict[str, Any]:
            name = request.body["CompilationJobName"]
            if name == "release":
                released.set()
            elif name == HELD:
                released.wait(PATIENCE_SECONDS)
            elif name == "until-it-is-held-0":
                while not any(each.body.get("CompilationJobName") == HELD for each in list(server.requests)):
                    released.wait(0.005)
            return {**sample, "CompilationJobName": name}

        server.respond("DescribeCompilationJob", describe)
        server.respond("ListCompilationJobs", {**server.sample("ListCompilationJobs"), "NextToken": None})
        server.respond_error("DescribeEndpoint", "ValidationException", 'Could not find endpoint "missing".')
        yield server
