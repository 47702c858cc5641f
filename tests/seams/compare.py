"""What differs between two runs of a scenario."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from sagemaker_typed.errors import InvalidRequestError
from tests.seams.observe import Seen
from tests.seams.scenario import Scenario

_ATTEMPTS = {"mode": "standard", "total_max_attempts": 5}
_CONNECTIONS = 50


def differences(theirs: Seen, ours: Seen, scenario: Scenario, road: str) -> dict[str, str]:
    """What is not as boto3 has it, by aspect, but for what `docs/_data/differences.toml` lists."""
    expected = theirs if road == "client" else _as_intended(theirs, scenario)
    found = {
        aspect: f"boto3: {expected.get(aspect)!r}\n ours: {ours.get(aspect)!r}"
        for aspect in {*expected, *ours} - {"error"}
        if _freed(expected, aspect, scenario) != _freed(ours, aspect, scenario)
    }
    if error := _errors_differ(theirs["error"], ours["error"], scenario):
        found["error"] = error
    return found


def _freed(seen: Seen, aspect: str, scenario: Scenario) -> Any:
    value = seen.get(aspect)
    if aspect == "config" and value is not None:
        return {name: part for name, part in value.items() if name not in scenario.free}
    if aspect == "via" and value is not None:
        return [via and {name: part for name, part in via.items() if name not in scenario.free} for via in value]
    return value


def _as_intended(theirs: Seen, scenario: Scenario) -> Seen:
    """What boto3 was seen to do, with the library's own defaults put in where nobody chose."""
    seen = dict(theirs)
    own = [index for index, headers in enumerate(seen["headers"]) if "x-amz-target" in headers]
    if "config" in seen:
        seen["config"] = dict(seen["config"])
    if not scenario.chose_connections:  # differences.toml: connections
        seen["via"] = [
            via and (via | {"max_pool_connections": _CONNECTIONS} if index in own else via)
            for index, via in enumerate(seen["via"])
        ]
        if "config" in seen:
            seen["config"]["max_pool_connections"] = _CONNECTIONS
    if not scenario.chose_retries:  # differences.toml: attempts
        seen["headers"] = [
            headers | {"amz-sdk-request": _five(headers.get("amz-sdk-request", ""))} if index in own else headers
            for index, headers in enumerate(seen["headers"])
        ]
        if "config" in seen:
            seen["config"]["retries"] = _ATTEMPTS
    return seen


def _five(header: str) -> str:
    return re.sub(r"max=\d+", f"max={_ATTEMPTS['total_max_attempts']}", header)


def _errors_differ(theirs: Any, ours: Any, scenario: Scenario) -> str:
    """Whether an `except` clause for the one would miss the other, or a handler would read something else in it."""
    if theirs is None and ours is None:
        return ""
    if theirs is None or ours is None:
        return f"boto3: {theirs!r}\n ours: {ours!r}"
    if not isinstance(ours, type(theirs)):
        return f"a {type(ours).__qualname__} is no {type(theirs).__qualname__}: {ours}"
    if isinstance(theirs, ParamValidationError):
        # Ours speaks of its own names, but blames the caller's request for nothing else.
        same = scenario.bad_request or not isinstance(ours, InvalidRequestError)
    elif isinstance(theirs, ClientError):
        same = (theirs.response["Error"], theirs.operation_name) == (ours.response["Error"], ours.operation_name)
    else:
        same = str(theirs) in str(ours)  # ours may say more
    return "" if same else f"boto3: {theirs!r}\n ours: {ours!r}"
