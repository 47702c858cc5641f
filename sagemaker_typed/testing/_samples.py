"""Answers generated from the service model, for operations without any behaviour here.

The same request always gives the same answer. Each scalar depends on its position in the answer, so that two members
of the same shape differ and a test notices when they are swapped.
"""

from __future__ import annotations

import abc
import base64
import functools
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sagemaker_typed.testing import _texts as texts
from sagemaker_typed.testing._model import ServiceTables
from sagemaker_typed.testing._resource import partition
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Filler", "Spot", "least_sample", "recurs", "sample_answer"]

BotocoreShape = Any
"""A `botocore.model.Shape`; botocore has no types, and is not imported here before it is needed."""

_SPREAD_OF_NUMBERS = 97
_LEVELS_OF_RECURSION = 2


def sample_answer(
    model: ServiceTables, operation: str, parameters: Mapping[str, Any], *, region: str, account_id: str, now: float
) -> dict[str, Any] | None:
    """Return a plausible output of `operation` in wire form for a checked request. None if it has no output.

    The output describes the resource that the request names, in the given region and account, as successfully
    finished at `now`. There is never a next page.
    """
    described = _service_model(model).operation_model(operation)
    if described.output_shape is None:
        return None
    home = texts.Home(region, account_id, partition(region))
    answer = _SampleAnswer(described, parameters, home, now)
    return cast("dict[str, Any]", answer.value(described.output_shape, Spot()))


def least_sample(model: ServiceTables, shape: str, member: str, *, region: str, account_id: str, now: float) -> Any:
    """Return a minimal value in wire form for a required member of an answer."""
    home = texts.Home(region, account_id, partition(region))
    return _LeastSample(home, now).value(_service_model(model).shape_for(shape), Spot().at(member))


@functools.cache
def _service_model(model: ServiceTables) -> Any:
    from botocore.model import ServiceModel

    return cast("Any", ServiceModel)(model.document, "sagemaker")


# --- any value of a shape ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spot:
    """The position of a value in the answer."""

    variant: int = 0
    place: int = 0
    member: str = ""
    """The nearest member above: also what the items of its list are called."""
    above: tuple[str, ...] = ()
    """The structures around it, from the outside in."""

    @property
    def number(self) -> int:
        return self.variant + self.place

    def at(self, member: str) -> Spot:
        return Spot(self.variant, self._step(member), member, self.above)

    def item(self, index: int) -> Spot:
        return Spot(self.variant + index, self._step(str(index)), self.member, self.above)

    def next(self, steps: int) -> Spot:
        return Spot(self.variant + steps, self.place, self.member, self.above)

    def inside(self, structure: str) -> Spot:
        return Spot(self.variant, self.place, self.member, (*self.above, structure))

    def split(self, ways: int) -> tuple[int, Spot]:
        """Choose one of `ways`. Return it with the rest of the variant, so that nested unions vary independently."""
        rest, way = divmod(self.variant, ways)
        return way, Spot(rest, self.place, self.member, self.above)

    def _step(self, step: str) -> int:
        # A checksum rather than hash(), which differs between processes.
        return zlib.crc32(step.encode(), self.place)


def recurs(shape: BotocoreShape, above: tuple[str, ...]) -> bool:
    """Whether filling `shape` would nest the same structure too deeply."""
    while shape.type_name in ("list", "map"):
        shape = shape.member if shape.type_name == "list" else shape.value
    return shape.type_name == "structure" and above.count(shape.name) >= _LEVELS_OF_RECURSION


class Filler(abc.ABC):
    """Fills a shape recursively. Subclasses may override the methods without an underscore."""

    @abc.abstractmethod
    def time(self, spot: Spot) -> Any:
        """Return a timestamp."""

    @abc.abstractmethod
    def usual_length(self, spot: Spot) -> int:
        """Return the length of a list or map, within the limits of its shape."""

    def members(self, shape: BotocoreShape, spot: Spot) -> Iterable[str]:
        """Return the members of a structure to fill. A union always gets exactly one."""
        return cast("Iterable[str]", shape.members)

    def value(self, shape: BotocoreShape, spot: Spot) -> Any:
        match shape.type_name:
            case "structure":
                return self.structure(shape, spot.inside(shape.name))
            case "list":
                return [self.value(shape.member, spot.item(index)) for index in range(self._length(shape, spot))]
            case "map":
                return self._map(shape, spot)
            case "string":
                return self.string(shape, spot)
            case "integer" | "long":
                return _integer(shape, spot.number)
            case "float" | "double":
                return _float(shape, spot.number)
            case "boolean":
                return spot.number % 2 == 0
            case "timestamp":
                return self.time(spot)
            case other:
                raise NotImplementedError(f"{shape.name}: no sample for the type {other}")

    def structure(self, shape: BotocoreShape, spot: Spot) -> dict[str, Any]:
        if shape.is_tagged_union:
            names = list(shape.members)
            way, spot = spot.split(len(names))
            wanted: Iterable[str] = [names[way]]
        else:
            wanted = self.members(shape, spot)
        return {
            name: self.value(shape.members[name], spot.at(name))
            for name in wanted
            if not recurs(shape.members[name], spot.above)
        }

    def string(self, shape: BotocoreShape, spot: Spot) -> str:
        if values := shape.metadata.get("enum"):
            return str(values[spot.number % len(values)])
        if shape.serialization.get("jsonvalue"):
            return json.dumps({"Conditions": [{"ConditionType": "Sampling", "Number": spot.number}]})
        return _matching(shape, spot.number) or _plain(shape, shape.name, spot.number)

    def _map(self, shape: BotocoreShape, spot: Spot) -> dict[str, Any]:
        # Consecutive numbers make the keys differ, unless the pattern allows only one key.
        keys = [self.string(shape.key, spot.next(index)) for index in range(self._length(shape, spot))]
        return {key: self.value(shape.value, spot.item(index)) for index, key in enumerate(dict.fromkeys(keys))}

    def _length(self, shape: BotocoreShape, spot: Spot) -> int:
        usual = self.usual_length(spot)
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", usual)
        return int(max(least, min(usual, most)))


def _matching(shape: BotocoreShape, number: int, home: texts.Home = texts.NOBODY) -> str | None:
    """Return a text for the shape's pattern. None without a pattern or a matching template."""
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return None
    return texts.matching(pattern, number, shape.metadata.get("min", 0), shape.metadata.get("max"), home)


def _plain(shape: BotocoreShape, name: str, number: int) -> str:
    return texts.plain(name, number, shape.metadata.get("min", 0), shape.metadata.get("max"))


def _integer(shape: BotocoreShape, number: int) -> int:
    least, most = _range(shape)
    return int(least) + number % (int(min(most - least, _SPREAD_OF_NUMBERS)) + 1)


def _float(shape: BotocoreShape, number: int) -> float:
    least, most = _range(shape)
    eighths = int(min((most - least) * 8, _SPREAD_OF_NUMBERS))
    return float(least) + number % (eighths + 1) / 8


def _range(shape: BotocoreShape) -> tuple[float, float]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None:
        least = 0 if most is None or most >= 0 else most - _SPREAD_OF_NUMBERS
    return least, least + _SPREAD_OF_NUMBERS if most is None else most


# --- an answer --------------------------------------------------------------------------------------------------------

_SETTLED = (
    *("completed", "succeeded", "successful", "inservice", "available", "active", "created", "createcompleted"),
    *("ready", "deployed", "attached", "started", "done", "running", "scheduled", "enabled", "approved", "supported"),
    *("healthy", "ok", "uptodate", "routable", "noissuesfound", "maintenancecomplete"),
)
"""What a status says of something that went well and now rests, best first; in lower case, without underscores."""

_FAILURE = re.compile(r"(Fail|Error)(?!.*(Path|Policy|Topic)$)|Reasons?$|Message$")
"""Members that speak of failure only. An `ErrorTopic` is a place where such talk would go."""

_JSON_TEXT = re.compile(r"(PolicyDocument|PolicyString|ContentDocument|ConfigDocument|PipelineDefinition|CardContent)$")
"""Shapes of text that a caller will parse."""

_ARNS = ("Arn", "Arns", "ArnList")
_NAME_IN_ARN = re.compile(r"arn:(?:[^:]*:){4}[^/:]+[/:]([^/:]+)")
_NAME = re.compile(r"[\w.-]+")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class _SampleAnswer(Filler):
    def __init__(self, operation: Any, parameters: Mapping[str, Any], home: texts.Home, now: float) -> None:
        self._parameters = parameters
        self._home = home
        self._now = now
        asked = operation.input_shape
        self._asked: Mapping[str, BotocoreShape] = {} if asked is None else asked.members
        self._required: Sequence[str] = () if asked is None else asked.required_members
        self._noun = re.sub(r"^[A-Z][a-z]+", "", operation.name)
        self._usual_length = 2 if operation.name.startswith("List") else 1
        # A structure that is the only member wraps the description.
        outermost = list(operation.output_shape.members.values())
        self._described_depth = 2 if len(outermost) == 1 and outermost[0].type_name == "structure" else 1

    def time(self, spot: Spot) -> float:
        return self._now

    def usual_length(self, spot: Spot) -> int:
        if _FAILURE.search(spot.member):
            return 0
        # No items remain for a next page. MaxResults=0 may mean the service's default.
        return min(self._usual_length, self._parameters.get("MaxResults") or 2) if len(spot.above) == 1 else 1

    def members(self, shape: BotocoreShape, spot: Spot) -> Iterable[str]:
        for name, member in shape.members.items():
            unwanted = _FAILURE.search(name) or self._is_token(name, spot) or _never_rests(member, name)
            if name in shape.required_members or not unwanted:
                yield name

    def value(self, shape: BotocoreShape, spot: Spot) -> Any:
        match shape.type_name:
            case "boolean" if spot.member == "Success":
                return True
            case "integer" | "long" if _FAILURE.search(spot.member):
                return _integer(shape, 0)
            case "blob":
                return base64.b64encode(_plain(shape, spot.member, spot.number).encode()).decode()
            case _:
                return super().value(shape, spot)

    def structure(self, shape: BotocoreShape, spot: Spot) -> dict[str, Any]:
        filled = super().structure(shape, spot)
        echoed = dict[str, Any]()
        if len(spot.above) <= self._described_depth:
            echoed = {name: self._echo(name, shape.members[name]) for name in filled if not self._is_token(name, spot)}
            filled.update((name, value) for name, value in echoed.items() if value is not None)
        for name in filled:
            member = shape.members[name]
            if name.endswith("Arn") and member.type_name == "string" and echoed.get(name) is None:
                filled[name] = self._arn_beside(name, member, filled, spot) or filled[name]
        return filled

    def string(self, shape: BotocoreShape, spot: Spot) -> str:
        if shape.metadata.get("enum"):
            settled = _settled(shape) if _is_status(shape, spot.member) else None
            return super().string(shape, spot) if settled is None else settled
        if shape.serialization.get("jsonvalue"):
            return super().string(shape, spot)
        text = _matching(shape, spot.number, self._home) or _plain(shape, spot.member, spot.number)
        return next((each for each in self._better(shape, spot, text) if _allows(shape, each)), text)

    def _better(self, shape: BotocoreShape, spot: Spot, text: str) -> Iterator[str]:
        """Return a more meaningful text for a member than an arbitrary valid one."""
        number = spot.number % texts.NUMBERS
        if _FAILURE.search(spot.member) or self._is_token(spot.member, spot):
            yield ""
        elif spot.member.endswith("Status"):
            yield "Completed"
        elif spot.member.endswith(_ARNS) and not text.startswith("arn:"):
            kind = re.sub(r"Arn(s|List)?$", "", spot.member) or spot.above[-1]
            yield from self._home.arns(f"{_kebab(kind)}/a{number:011d}")
        elif spot.member.endswith("Url") and "://" not in text:
            yield f"https://example.com/path/{number}"
        elif _JSON_TEXT.search(shape.name):
            yield "{}"

    def _is_token(self, member: str, spot: Spot) -> bool:
        """Whether a member is the token for the next page."""
        return len(spot.above) == 1 and member.endswith("Token") and member in self._asked

    def _echo(self, name: str, shape: BotocoreShape) -> Any:
        """Return the request's value for the same member name. None if there is none that fits the shape."""
        given = self._parameters.get(name)
        asked = self._asked.get(name)
        if given is None or asked is None or asked.type_name != shape.type_name:
            return None
        if shape.type_name == "timestamp":
            return to_epoch(given)
        if asked.name == shape.name or _allows(shape, given):
            return given
        found = _NAME_IN_ARN.match(given) if isinstance(given, str) else None
        return found[1] if found is not None and _allows(shape, found[1]) else None

    def _arn_beside(self, member: str, shape: BotocoreShape, filled: Mapping[str, Any], spot: Spot) -> str | None:
        """Return the ARN of the resource named by the request or by the surrounding structure."""
        stem = member.removesuffix("Arn")
        outer = len(spot.above) <= self._described_depth
        own = outer and self._noun.endswith(stem)
        names = [filled.get(f"{stem}Name"), filled.get(f"{stem}Id")]
        if outer:
            alone = [each for each in filled if each.endswith("Arn")] == [member]
            names = [*self._names_asked(stem, own=own, alone=alone), *names]
        named = next((each for each in names if isinstance(each, str)), None)
        if named is None or (named.startswith("arn:") and _allows(shape, named)):
            return named
        return self._arn_of(named, self._noun if own else stem or spot.above[-1], shape, filled.get("Version", 1))

    def _arn_of(self, named: str, noun: str, shape: BotocoreShape, version: object) -> str | None:
        """Return the ARN of the named resource, or an ARN of another form with the name in it."""
        found = _NAME_IN_ARN.match(named)
        name = named if found is None else found[1]
        kind = texts.kind_in(shape.metadata.get("pattern", "")) or _kebab(noun)
        tail = f"{kind}/{name}/{version}" if kind.endswith("-version") else f"{kind}/{name}"
        arns = self._home.arns(tail) if _NAME.fullmatch(name) else ()
        fitting = next((arn for arn in arns if _allows(shape, arn)), None)
        # If no such ARN can hold the name, the ARN should at least differ for each name.
        return fitting or _matching(shape, zlib.crc32(name.encode()), self._home)

    def _names_asked(self, stem: str, *, own: bool, alone: bool) -> Iterator[Any]:
        """Return the names in the request for the resource of an outer ARN, best first.

        `own` means that the ARN is that of the operation's own resource, `alone` that the answer has no other ARN.
        """
        yield self._parameters.get(f"{stem}Name")
        if own:
            yield self._parameters.get("Name")
        yield self._parameters.get(f"{stem}Id")
        names = [name for name in self._required if name.endswith("Name")]
        if len(names) == 1 and (own or alone):
            yield self._parameters.get(names[0])


class _LeastSample(Filler):
    def __init__(self, home: texts.Home, now: float) -> None:
        self._home = home
        self._now = now

    def time(self, spot: Spot) -> float:
        return self._now

    def usual_length(self, spot: Spot) -> int:
        return 0

    def members(self, shape: BotocoreShape, spot: Spot) -> Iterable[str]:
        return cast("Iterable[str]", shape.required_members)

    def value(self, shape: BotocoreShape, spot: Spot) -> Any:
        match shape.type_name:
            case "boolean":
                return False
            case "integer" | "long":
                return _integer(shape, 0)
            case "float" | "double":
                return _float(shape, 0)
            case "blob":
                return ""
            case _:
                return super().value(shape, spot)

    def string(self, shape: BotocoreShape, spot: Spot) -> str:
        if values := shape.metadata.get("enum"):
            return str((_settled(shape) if _is_status(shape, spot.member) else None) or values[0])
        if _allows(shape, ""):
            return ""
        return _matching(shape, 0, self._home) or _plain(shape, spot.member, 0)


def _is_status(shape: BotocoreShape, member: str) -> bool:
    return bool(shape.metadata.get("enum")) and (shape.name.endswith("Status") or member.endswith("Status"))


def _settled(shape: BotocoreShape) -> str | None:
    values = {value.lower().replace("_", ""): value for value in shape.metadata["enum"]}
    return next((str(values[word]) for word in _SETTLED if word in values), None)


def _never_rests(shape: BotocoreShape, member: str) -> bool:
    """Whether a member exists only while something happens: its status, or list of statuses, has no successful end."""
    inner = shape.member if shape.type_name == "list" else shape
    if inner.type_name == "structure":
        statuses = {name: inner.members[name] for name in inner.required_members}
    else:
        statuses = {member: inner}
    return any(_is_status(status, name) and _settled(status) is None for name, status in statuses.items())


def _allows(shape: BotocoreShape, value: Any) -> bool:
    """Whether a scalar keeps the constraints of a shape."""
    rules = shape.metadata
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return bool(rules.get("min", value) <= value <= rules.get("max", value))
    if not isinstance(value, str) or value not in rules.get("enum", [value]):
        return False
    if not rules.get("min", 0) <= len(value) <= rules.get("max", len(value)):
        return False
    return "pattern" not in rules or texts.fits(rules["pattern"], value, None)


def _kebab(name: str) -> str:
    return _WORDS.sub("-", name).lower()
