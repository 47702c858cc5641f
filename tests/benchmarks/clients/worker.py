"""Runs the calls of one library in a process that has no other: `python -I worker.py LIBRARY URL [first]`.

With "first" it makes one call and ends. Otherwise it prints which calls the library has, then takes orders from standard
input, one line of JSON each, and prints what they took. The imports stand where they are needed, so that a first call
costs what a script's own would.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from os.path import dirname
from typing import Any

sys.path.append(dirname(__file__))


def main(library: str, url: str, mode: str = "serve") -> None:
    module = import_module(f"with_{library}")
    client = module.connect(url)
    if mode == "first":
        module.CALLS["describe"](client)
        return
    import json

    print(json.dumps(sorted(module.CALLS)), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_ORDERS[order.pop("do")](module, client, **order)), flush=True)


def _run(module: Any, client: Any, call: str, times: int) -> dict[str, Any]:
    """CPU of a number of calls, and what the last one gave, as a number or a text."""
    from time import process_time

    function = module.CALLS[call]
    start = process_time()
    for _ in range(times):
        witness = function(client)
    return {"cpu": process_time() - start, "witness": witness}


def _run_threads(module: Any, client: Any, call: str, times: int, threads: int) -> dict[str, Any]:
    """Wall time and CPU of `times` calls in each of `threads`."""
    from threading import Barrier, Thread
    from time import perf_counter, process_time

    function, together = module.CALLS[call], Barrier(threads + 1)

    def work() -> None:
        together.wait()
        for _ in range(times):
            function(client)
        together.wait()

    for _ in range(threads):
        Thread(target=work, daemon=True).start()
    together.wait()
    wall, cpu = perf_counter(), process_time()
    together.wait()
    return {"wall": perf_counter() - wall, "cpu": process_time() - cpu}


def _run_async(module: Any, client: Any, call: str, times: int, at_once: int, aiohttp: bool) -> dict[str, Any]:
    """CPU of a number of calls on one event loop; of a library that has none, one after another."""
    from time import process_time

    if not hasattr(module, "ASYNC_CALLS"):
        return _run(module, client, call, times)
    if not aiohttp:
        sys.modules["aiohttp"] = None  # type: ignore[assignment]
    runner, asynchronous = _loop(module, client)
    function = module.ASYNC_CALLS[call]

    async def some(count: int) -> None:
        for _ in range(count):
            await function(asynchronous)

    async def all_of_them() -> None:
        import asyncio

        counts = [times // at_once + (number < times % at_once) for number in range(at_once)]
        await asyncio.gather(*map(some, counts))

    start = process_time()
    runner.run(all_of_them())
    return {"cpu": process_time() - start, "witness": None}


_KEPT: list[Any] = []


def _loop(module: Any, client: Any) -> Any:
    """A loop and a client for it, which are made once."""
    if not _KEPT:
        import asyncio

        _KEPT.extend((asyncio.Runner(), module.connect_async(client)))
    return _KEPT


def _list(module: Any, client: Any, count: int, times: int) -> dict[str, Any]:
    """CPU of reading the first `count` compilation jobs."""
    from time import process_time

    start = process_time()
    for _ in range(times):
        found = sum(1 for _ in module.jobs(client, count))
    return {"cpu": process_time() - start, "witness": found}


def _hold(module: Any, client: Any, count: int) -> dict[str, Any]:
    """Bytes that `count` compilation jobs take for as long as they are held."""
    import gc
    import tracemalloc

    list(module.jobs(client, 1))  # what the first call makes for good is no cost of an item
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = list(module.jobs(client, count))
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return {"bytes": taken, "witness": len(held)}


_ORDERS: dict[str, Callable[..., dict[str, Any]]] = {
    "run": _run,
    "threads": _run_threads,
    "async": _run_async,
    "list": _list,
    "hold": _hold,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
