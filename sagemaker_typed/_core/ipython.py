"""`%load_ext sagemaker_typed`: completion in IPython without jedi.

Without jedi, IPython evaluates the expression before the dot, unless that might run library code. Groups are properties,
and objects have a `__getattr__` for hints, so IPython refuses both. Neither makes a request.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load_ipython_extension"]

_OURS = "sagemaker_typed"
_MAKES_A_CLIENT = frozenset({"boto3_client"})


def load_ipython_extension(ipython: Any) -> None:
    """Complete attributes of this library's objects in IPython. `%load_ext sagemaker_typed` calls this function."""
    matchers = ipython.Completer.custom_matchers
    if not any(isinstance(each, _Matcher) for each in matchers):
        matchers.append(_Matcher(ipython))


class _Matcher:
    """Completes a text such as `sm.endpoints.desc`."""

    def __init__(self, ipython: Any) -> None:
        self._ipython = ipython
        self.__qualname__ = self.__name__ = type(self).__name__  # IPython reads these attributes of functions

    def __call__(self, text: str) -> list[str]:
        path, dot, start = text.rpartition(".")
        if not dot:
            return []
        first, *names = path.split(".")
        obj = self._ipython.user_ns.get(first)
        for name in names:
            if not _is_ours(obj) or name in _MAKES_A_CLIENT:
                return []
            obj = getattr(obj, name, None)
        if not _is_ours(obj):
            return []
        return [
            f"{path}.{name}"
            for name in dir(obj)
            if name.startswith(start) and (start.startswith("_") or not name.startswith("_"))
        ]


def _is_ours(obj: Any) -> bool:
    return type(obj).__module__.partition(".")[0] == _OURS
