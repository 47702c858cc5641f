"""Values drawn from a botocore service model, in the form that boto3 takes and gives.

The same shape and variant always give the same value. Each scalar also depends on its place in the whole, so that two
members of one shape differ and a test notices when they are swapped.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from tests.support import texts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_TIME = datetime(2024, 1, 1, tzinfo=UTC)
_SPREAD_OF_TIMES = 300 * 24 * 3600
_SPREAD_OF_NUMBERS = 97
_USUAL_LENGTH = 2
_LEVELS_OF_RECURSION = 2


def fill(shape: Shape, *, variant: int = 0) -> Any:
    """A value with every member filled at every depth, except where a structure would hold itself a second time.

    A union holds one member. Over `union_variants(shape)` variants each member of each union in it appears, and each
    enum moves on to its next value with every variant.
    """
    return _Filler(required_only=False).value(shape, _Spot(variant))


def minimal(shape: Shape, *, variant: int = 0) -> Any:
    """The same with required members only, and with the shortest lists and maps that hold anything."""
    return _Filler(required_only=True).value(shape, _Spot(variant))


def to_wire(shape: Shape, value: Any) -> Any:
    """`value` as the JSON protocol carries it in a response: times are epoch seconds, everything else is JSON already.

    That includes the member with the `jsonvalue` trait: botocore encodes only those that travel in a header, and takes
    and gives the others as JSON text.
    """
    match shape.type_name:
        case "structure":
            return {name: to_wire(shape.members[name], member) for name, member in value.items()}
        case "list":
            return [to_wire(shape.member, item) for item in value]
        case "map":
            return {key: to_wire(shape.value, item) for key, item in value.items()}
        case "timestamp":
            # Dividing whole microseconds rounds once; the sum of seconds and a fraction would round twice.
            return ((value - _EPOCH) // timedelta(microseconds=1)) / 10**6
        case _:
            return value


def enums(service_model: ServiceModel) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every string enum of the model: the shape's name and its values."""
    for name in service_model.shape_names:
        shape = service_model.shape_for(name)
        if values := shape.metadata.get("enum"):
            yield name, tuple(values)


def union_variants(shape: Shape) -> int:
    """How many variants `fill` needs until every member of every union inside `shape` has appeared."""
    return _union_variants(shape, ())


def _union_variants(shape: Shape, above: tuple[str, ...]) -> int:
    if shape.type_name == "structure":
        above = (*above, shape.name)
        inner = [_union_variants(each, above) for each in shape.members.values() if not _recurs(each, above)]
        return max(inner, default=1) * (len(shape.members) if shape.is_tagged_union else 1)
    if shape.type_name in ("list", "map"):
        return _union_variants(shape.member if shape.type_name == "list" else shape.value, above)
    return 1


def _recurs(shape: Shape, above: tuple[str, ...]) -> bool:
    """Whether filling `shape` would open the same structure once too often."""
    while shape.type_name in ("list", "map"):
        shape = shape.member if shape.type_name == "list" else shape.value
    return shape.type_name == "structure" and above.count(shape.name) >= _LEVELS_OF_RECURSION


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in the whole a value stands."""

    variant: int
    place: int = 0
    above: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return self.variant + self.place

    def at(self, step: str) -> "_Spot":
        # A checksum and not hash(): that one differs from process to process.
        return _Spot(self.variant, zlib.crc32(step.encode(), self.place), self.above)

    def item(self, index: int) -> "_Spot":
        return _Spot(self.variant + index, self.place, self.above).at(str(index))

    def inside(self, structure: str) -> "_Spot":
        return _Spot(self.variant, self.place, (*self.above, structure))

    def split(self, ways: int) -> tuple[int, "_Spot"]:
        """One of `ways`, and what is left of the variant: a union in a union must not turn in step with it."""
        rest, way = divmod(self.variant, ways)
        return way, _Spot(rest, self.place, self.above)


class _Filler:
    def __init__(self, *, required_only: bool) -> None:
        self._required_only = required_only

    def value(self, shape: Shape, spot: _Spot) -> Any:
        match shape.type_name:
            case "structure":
                return self._structure(shape, spot.inside(shape.name))
            case "list":
                return [self.value(shape.member, spot.item(index)) for index in range(self._length(shape))]
            case "map":
                return self._map(shape, spot)
            case "string":
                return _string(shape, spot.number)
            case "integer" | "long":
                return _integer(shape, spot.number)
            case "float" | "double":
                return _float(shape, spot.number)
            case "boolean":
                return spot.number % 2 == 0
            case "timestamp":
                return _time(spot.number)
            case other:
                raise NotImplementedError(f"{shape.name}: no sample for the type {other}")

    def _structure(self, shape: StructureShape, spot: _Spot) -> dict[str, Any]:
        names = list(shape.members)
        if shape.is_tagged_union:
            way, spot = spot.split(len(names))
            names = [names[way]]
        elif self._required_only:
            names = [name for name in names if name in shape.required_members]
        return {
            name: self.value(shape.members[name], spot.at(name))
            for name in names
            if not _recurs(shape.members[name], spot.above)
        }

    def _map(self, shape: MapShape, spot: _Spot) -> dict[str, Any]:
        allowed = shape.key.metadata.get("enum")
        length = self._length(shape)
        if allowed:
            keys = [allowed[(spot.number + index) % len(allowed)] for index in range(min(length, len(allowed)))]
        else:
            # Two numbers in a row, so that the keys differ; a pattern that leaves no choice makes them one again.
            keys = [_string(shape.key, spot.number + index) for index in range(length)]
        return {key: self.value(shape.value, spot.item(index)) for index, key in enumerate(dict.fromkeys(keys))}

    def _length(self, shape: ListShape | MapShape) -> int:
        usual = 1 if self._required_only else _USUAL_LENGTH
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", usual)
        return int(max(least, min(usual, most)))


def _string(shape: StringShape, number: int) -> str:
    if values := shape.metadata.get("enum"):
        return str(values[number % len(values)])
    if shape.serialization.get("jsonvalue"):
        return json.dumps({"Conditions": [{"ConditionType": "Sampling", "Number": number}]})
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    pattern = shape.metadata.get("pattern")
    text = texts.matching(pattern, number, least, most) if pattern is not None else None
    return texts.plain(shape.name, number, least, most) if text is None else text


def _integer(shape: Shape, number: int) -> int:
    least, most = _range(shape)
    return int(least) + number % (int(min(most - least, _SPREAD_OF_NUMBERS)) + 1)


def _float(shape: Shape, number: int) -> float:
    least, most = _range(shape)
    eighths = int(min((most - least) * 8, _SPREAD_OF_NUMBERS))
    return float(least) + number % (eighths + 1) / 8


def _range(shape: Shape) -> tuple[float, float]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None:
        least = 0 if most is None or most >= 0 else most - _SPREAD_OF_NUMBERS
    return least, least + _SPREAD_OF_NUMBERS if most is None else most


def _time(number: int) -> datetime:
    # The service answers in milliseconds; callers of boto3 send microseconds. Half of each, and never a whole second.
    fraction = (number % 999 + 1) * 1000 if number % 2 else number % 999 * 1000 + 1
    return _FIRST_TIME + timedelta(seconds=number % _SPREAD_OF_TIMES, microseconds=fraction)
