"""Parts of a request over aiohttp that several files of tests use."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from botocore.awsrequest import AWSHTTPConnection

from sagemaker_typed._core.http.aiowire import _plain


def route(url: str = "https://h/", *, proxy: bool = False, tunnels: bool = False) -> Any:
    pool = SimpleNamespace(ConnectionCls=AWSHTTPConnection, host="h", port=1)
    how = {"proxy": "http://p"} if proxy else {}
    return SimpleNamespace(post=SimpleNamespace(pool=pool), url=_plain(url), how=how, tunnels=tunnels)


class Timer:
    def __init__(self, when: float, function: Any) -> None:
        self.when, self.function = when, function

    def cancel(self) -> None:
        self.function = None


class StoppedLoop:
    """A loop whose clock stands still, and which calls what is due when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[Any] = []
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, function: Any) -> None:
        self.due.append(function)

    def create_future(self) -> Any:
        return asyncio.get_running_loop().create_future()

    def call_at(self, when: float, function: Any) -> Timer:
        self.timers.append(Timer(when, function))
        return self.timers[-1]

    def set(self) -> list[float]:
        """When the timers are due that are not cancelled."""
        return [timer.when for timer in self.timers if timer.function is not None]

    def turn(self) -> None:
        due, self.due = self.due, []
        for function in due:
            function()
