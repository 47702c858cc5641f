"""Finds the resource that a word of the command line names."""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import sys
from collections.abc import Callable, Container, Mapping
from typing import Any, cast

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.cli._common import misuse
from sagemaker_typed.structure import Request, operation_of

__all__ = [
    "descending",
    "group_of",
    "groups",
    "has_log",
    "has_method",
    "has_waits",
    "method_of",
    "request_of",
    "states_of",
    "word_of",
]


@functools.cache
def groups() -> Mapping[str, str]:
    """compilation-job -> compilation_jobs, for every group of `SageMaker`."""
    from sagemaker_typed.resources.groups import Groups

    return {
        _singular(name).replace("_", "-"): name for name in dir(Groups) if isinstance(getattr(Groups, name), property)
    }


def group_of(word: str, where: str = "KIND", among: Container[str] | None = None) -> str:
    """The group that is meant: by its noun, in the singular or the plural, with - or _.

    `where` begins the line that says what is wrong. `among` has the groups that the command takes, for the list of choices.
    """
    wanted = word.lower().replace("_", "-")
    known = groups()
    if wanted in known:
        return known[wanted]
    attribute = wanted.replace("-", "_")
    if attribute in known.values():
        return attribute
    # hyperparameter-tuning-job, as ARNs have it, and HyperParameterTuningJob, as the API does
    for word_, name in known.items():
        if wanted.replace("-", "") in (word_.replace("-", ""), name.replace("_", "")):
            return name
    choices = [word_ for word_, name in known.items() if among is None or name in among]
    near = difflib.get_close_matches(wanted, choices, n=1) or difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(choices))}"
    raise misuse(f"SageMaker has no resource {quoted(word)}; {hint}", where)


def has_log(group: object) -> bool:
    """Whether the resources of a group have a log."""
    return hasattr(type(group), "logs")


def has_method(group: object, verb: str) -> bool:
    """Whether the class of a group defines a method. The group itself would raise with a hint."""
    return hasattr(type(group), verb)


def has_waits(group: object) -> list[str]:
    """Return the states that a group's waits have, the usual one first."""
    begin = "wait_until_"
    return [name.removeprefix(begin) for name in vars(type(group)) if name.startswith(begin)]


def method_of(group: Any, verb: str, kind: str, where: str = "KIND") -> Callable[..., Any]:
    """The method of a group; a kind that cannot be treated so is misuse."""
    if not has_method(group, verb):
        doing = {"list": "list of", "describe": "describing"}.get(verb, f"way to {verb}")
        raise misuse(f"there is no {doing} {kind}", where)
    method: Callable[..., Any] = getattr(group, verb)
    return method


def request_of(group: Any, name: str, verb: str, kind: str, where: str = "KIND") -> type[Request[Any]]:
    """The request class behind a method of the group `name`."""
    from sagemaker_typed.resources.api import Api

    method_of(group, verb, kind, where)
    paths: Mapping[str, str] = Api._paths  # pyright: ignore[reportPrivateUsage]
    flat = next(flat for flat, path in paths.items() if path == f"{name}.{verb}")
    for found in vars(sys.modules[type(group).__module__]).values():
        if _sends(found, flat):
            return cast("type[Request[Any]]", found)
    raise misuse(f"there is no request to {verb} {kind}", where)


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural


def _sends(found: Any, flat: str) -> bool:
    """Whether an object is the request class of a flat method."""
    if not (inspect.isclass(found) and issubclass(found, Request)):
        return False
    cls: type[Request[Any]] = found  # pyright: ignore[reportUnknownVariableType]
    return hasattr(cls, "_operation") and operation_of(cls).method == flat


def descending(parameter: inspect.Parameter) -> str:
    """Return the value that sorts a list in descending order: "Descending", or "DESCENDING" for images."""
    from sagemaker_typed import types

    name = str(parameter.annotation).partition(" |")[0]
    return next((str(value) for value in getattr(types, name) if str(value).lower() == "descending"), "Descending")


def word_of(name: str) -> str:
    """TrainingJob -> training-job."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def states_of(group: str) -> Mapping[str, tuple[str, ...]]:
    """Return the states of a group's waits, each with the arguments of the wait, the usual one first."""
    from sagemaker_typed.resources.waitable import WAITABLE

    return WAITABLE[group].states if group in WAITABLE else dict[str, tuple[str, ...]]()
