"""Which resource a word of the command line means."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping

from sagemaker_typed.cli._common import misuse

__all__ = ["complete", "complete_logged", "complete_waitable", "group_of", "groups", "has_log", "has_waits"]


@functools.cache
def groups() -> Mapping[str, str]:
    """compilation-job -> compilation_jobs, for every group of `SageMaker`."""
    from sagemaker_typed.resources.groups import Groups

    return {
        _singular(name).replace("_", "-"): name for name in dir(Groups) if isinstance(getattr(Groups, name), property)
    }


def group_of(word: str) -> str:
    """The group that is meant: by its noun, in the singular or the plural, with - or _."""
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
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise misuse(f"SageMaker has no resource {word!r}{hint}", "RESOURCE")


def complete(incomplete: str) -> list[str]:
    return sorted(word for word in groups() if word.startswith(incomplete))


def complete_waitable(incomplete: str) -> list[str]:
    from sagemaker_typed.resources.waitable import WAITABLE

    return [word for word in complete(incomplete) if groups()[word] in WAITABLE]


def complete_logged(incomplete: str) -> list[str]:
    from sagemaker_typed import SageMaker

    sm = SageMaker()  # which makes no client before a call
    return [word for word in complete(incomplete) if has_log(getattr(sm, groups()[word]))]


def has_log(group: object) -> bool:
    """Whether the resources of a group have a log."""
    return hasattr(type(group), "logs")


def has_waits(group: object) -> list[str]:
    """The states that a group's waits have, the usual one first."""
    begin = "wait_until_"
    return [name.removeprefix(begin) for name in vars(type(group)) if name.startswith(begin)]


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural
