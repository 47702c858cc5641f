"""The steps of a pipeline's definition, their dependencies, and the order in which they run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

__all__ = ["PlannedStep", "outcome_of", "parameters_of", "planned"]

_BRANCHES = {"IfSteps": "True", "ElseSteps": "False"}


@dataclass(frozen=True, slots=True)
class PlannedStep:
    name: str
    definition: Mapping[str, Any]
    wave: int
    """The steps of one wave run in parallel; they do not depend on each other."""
    branch: tuple[str, str] | None = None
    """The condition step above this step, and the outcome for which this step runs."""

    @property
    def failure(self) -> str | None:
        """The failure reason of a Fail step. None for other steps."""
        if self.definition.get("Type") != "Fail":
            return None
        message = _mapping(self.definition.get("Arguments")).get("ErrorMessage")
        return message if isinstance(message, str) and message else "The pipeline reached a Fail step."

    @property
    def calls_back(self) -> bool:
        """Whether the step ends by a call of the user (a callback step)."""
        return self.definition.get("Type") == "Callback"

    @property
    def metadata(self) -> Mapping[str, Any]:
        if self.failure is not None:
            return {"Fail": {"ErrorMessage": self.failure}}
        function = self.definition.get("FunctionArn")
        if self.definition.get("Type") == "Lambda" and isinstance(function, str):
            return {"Lambda": {"Arn": function, "OutputParameters": []}}
        return {"Condition": {"Outcome": "True"}} if self.definition.get("Type") == "Condition" else {}


def outcome_of(members: Mapping[str, Any]) -> str:
    """Return the outcome of a condition step: True, unless a script sets another in its Metadata."""
    return str(_mapping(_mapping(members.get("Metadata")).get("Condition")).get("Outcome", "True"))


def planned(definition: str) -> list[PlannedStep]:
    """Return the steps in the order of the definition. CreatePipeline takes any text: without a JSON object, none."""
    try:
        parsed: object = json.loads(definition)
    except ValueError:
        return []
    found = list(_listed(_mapping(parsed).get("Steps"), None))
    names = {name for name, _, _ in found}
    needs: dict[str, set[str]] = {}
    for name, step, branch in found:
        needs[name] = _needed(step) & names - {name}
        if branch is not None:
            needs[name].add(branch[0])
    waves = _waves(needs)
    return [PlannedStep(name, step, waves[name], branch) for name, step, branch in found]


def parameters_of(definition: str, given: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the values of a pipeline's parameters: those of an execution, or the defaults."""
    try:
        parsed: object = json.loads(definition)
    except ValueError:
        return {}
    declared = _mapping(parsed).get("Parameters")
    values: dict[str, Any] = {}
    told = {each["Name"]: each["Value"] for each in given}
    for item in cast("list[object]", declared) if isinstance(declared, list) else ():
        about = _mapping(item)
        name = str(about.get("Name", ""))
        if name in told:
            values[name] = _typed(told[name], str(about.get("Type", "String")))
        elif "DefaultValue" in about:
            values[name] = about["DefaultValue"]
    return values


def _typed(text: str, kind: str) -> Any:
    """Convert a parameter's text to its type. A text that does not convert stays a text."""
    readers: Mapping[str, Callable[[str], Any]] = {
        "Integer": int,
        "Float": float,
        "Boolean": lambda each: each.lower() == "true",
    }
    try:
        return readers.get(kind, str)(text)
    except ValueError:
        return text


def _listed(
    steps: object, branch: tuple[str, str] | None
) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, str] | None]]:
    for step in cast("list[object]", steps) if isinstance(steps, list) else ():
        if not isinstance(step, dict):
            continue
        described = cast("dict[str, Any]", step)
        name = str(described.get("Name", ""))
        yield name, described, branch
        if described.get("Type") == "Condition":
            for member, outcome in _BRANCHES.items():
                yield from _listed(_mapping(described.get("Arguments")).get(member), (name, outcome))


def _needed(step: Mapping[str, Any]) -> set[str]:
    """Return the steps in DependsOn, and those whose properties are used: {"Get": "Steps.Train.ModelArtifacts"}."""
    own = {key: value for key, value in step.items() if key != "Arguments" or step.get("Type") != "Condition"}
    arguments = _mapping(step.get("Arguments"))
    own["of a condition"] = {key: value for key, value in arguments.items() if key not in _BRANCHES}
    depends = step.get("DependsOn")
    listed = cast("list[object]", depends) if isinstance(depends, list) else []
    return {str(name) for name in listed} | set(_used(own))


def _used(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            if key == "Get" and isinstance(item, str) and item.startswith("Steps."):
                yield item.split(".")[1]
            yield from _used(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _used(item)


def _waves(needs: Mapping[str, set[str]]) -> dict[str, int]:
    """Return the wave of each step. A step runs after all steps that it needs; steps in a cycle do not wait."""
    waves: dict[str, int] = {}
    wave = 0
    while len(waves) < len(needs):
        ready = [name for name, needed in needs.items() if name not in waves and needed <= waves.keys()]
        for name in ready or [name for name in needs if name not in waves]:
            waves[name] = wave
        wave += 1
    return waves


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
