"""Values drawn from a botocore service model, in the form that boto3 takes and gives.

The same shape and variant always give the same value. Each scalar also depends on its place in the whole, so that two
members of one shape differ and a test notices when they are swapped.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.model import ServiceModel, Shape

from sagemaker_typed.testing._samples import Filler, Spot, recurs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_TIME = datetime(2024, 1, 1, tzinfo=UTC)
_SPREAD_OF_TIMES = 300 * 24 * 3600
_USUAL_LENGTH = 2


def fill(shape: Shape, *, variant: int = 0) -> Any:
    """A value with every member filled at every depth, except where a structure would hold itself a second time.

    A union holds one member. Over `union_variants(shape)` variants each member of each union in it appears, and each
    enum moves on to its next value with every variant.
    """
    return _Sample(required_only=False).value(shape, Spot(variant))


def minimal(shape: Shape, *, variant: int = 0) -> Any:
    """The same with required members only, and with the shortest lists and maps that hold anything."""
    return _Sample(required_only=True).value(shape, Spot(variant))


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
        inner = [_union_variants(each, above) for each in shape.members.values() if not recurs(each, above)]
        return max(inner, default=1) * (len(shape.members) if shape.is_tagged_union else 1)
    if shape.type_name in ("list", "map"):
        return _union_variants(shape.member if shape.type_name == "list" else shape.value, above)
    return 1


class _Sample(Filler):
    def __init__(self, *, required_only: bool) -> None:
        self._required_only = required_only

    def members(self, shape: Any, spot: Spot) -> Iterable[str]:
        return [name for name in shape.members if name in shape.required_members or not self._required_only]

    def usual_length(self, spot: Spot) -> int:
        return 1 if self._required_only else _USUAL_LENGTH

    def value(self, shape: Any, spot: Spot) -> Any:
        if shape.type_name == "blob":
            return bytes([spot.number % 256, 0, 255]) + b" bytes"
        if shape.type_name == "structure" and shape.is_document_type:
            return {"any": [spot.number, "form", None, {"at": "all"}]}
        return super().value(shape, spot)

    def time(self, spot: Spot) -> datetime:
        number = spot.number
        # The service answers in milliseconds; callers of boto3 send microseconds. Half of each, and never a whole second.
        fraction = (number % 999 + 1) * 1000 if number % 2 else number % 999 * 1000 + 1
        return _FIRST_TIME + timedelta(seconds=number % _SPREAD_OF_TIMES, microseconds=fraction)
