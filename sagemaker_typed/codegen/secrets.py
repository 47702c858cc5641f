"""The decisions which members hold secrets: values that no repr, log line or error may show."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .plan import RulePlan, Type
from .problems import Problems, Question

# `_core/masks.py` masks members of these names that no generated class has; a test compares the two lists.
SUSPICIOUS = re.compile(
    r"(?:urls?|tokens?|credentials?|secrets?|passwords?|environment(?:variables|parameters)?|hyperparameters)$",
    re.IGNORECASE,
)
_HOLDS = ("string", "json", "list", "map", "structure")


class Secrets:
    """The decisions of `overlay/secrets.toml`. A decision for one place takes precedence over one for a name."""

    def __init__(self, overlay: dict[str, Any], problems: Problems) -> None:
        self._secret: dict[str, str] = overlay["secret"]
        self._plain: dict[str, str] = overlay["plain"]
        self._problems = problems

    def is_secret(self, shape: str, wire: str, type_: Type, *, token: bool) -> bool:
        """Whether a member holds a secret. An undecided member whose name sounds like a secret is a problem.

        `token` means that the member is an idempotency token, which grants nothing.
        """
        for key in (f"{shape}.{wire}", wire):
            if key in self._secret and key in self._plain:
                self._problems.say(f"overlay/secrets.toml: {key!r} stands under [secret] and under [plain]")
            if key in self._secret:
                return self._maskable(key, shape, wire, type_)
            if key in self._plain:
                return False
        if not token and type_.kind in _HOLDS and SUSPICIOUS.search(wire):
            self._problems.add(
                f"{shape}.{wire} may hold a secret, as its name says (if it grants nothing: under [plain])",
                "secrets",
                f'[secret] "{shape}.{wire}" = "..."',
                asks=Question("secret", f"{shape}.{wire}"),
            )
        return False

    def _maskable(self, key: str, shape: str, wire: str, type_: Type) -> bool:
        if _scalar(type_).kind == "structure":
            self._problems.say(
                f"overlay/secrets.toml: [secret] {key}: {shape}.{wire} holds structures; decide their members instead"
            )
            return False
        return True


def hidden(type_: Type) -> Type:
    """Return the type with a rule that hides its values. The keys of a map and their number stay visible."""
    if type_.item is not None:
        rule = replace(type_.rule or RulePlan(), items=hidden(type_.item).rule)
    elif type_.kind == "structure":
        return type_
    else:
        rule = replace(type_.rule or RulePlan(), sensitive=True)
    return replace(type_, rule=rule)


def _scalar(type_: Type) -> Type:
    return type_ if type_.item is None else _scalar(type_.item)
