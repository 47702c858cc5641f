"""`python -m sagemaker_typed.codegen.coverage [--missing]`: how much of the model has our own words."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .build import build
from .kept import installed
from .overlay import Overlay, SiblingList
from .plan import Plan, WaiterPlan
from .read import available
from .targets import MAIN, Target

_FEW = 5


@dataclass(frozen=True)
class Coverage:
    """One kind of element of a service."""

    service: str
    kind: str
    total: int
    missing: tuple[str, ...]
    """The names of those that have no words."""

    @property
    def share(self) -> float:
        """The share with words, from 0 to 1. 1 if there are no elements."""
        return 1 - len(self.missing) / self.total if self.total else 1.0


def coverage(plan: Plan) -> list[Coverage]:
    """Count the kinds of elements of a service. Requests and responses have the words of their operation."""
    return [
        Coverage(plan.target.service, kind, len(found), tuple(name for name, said in found if not said))
        for kind, found in ((kind, list(elements)) for kind, elements in _elements(plan))
    ]


def lacking(plan: Plan) -> str | None:
    """Return a line that names the elements without words. None if there are none."""
    lacks = [each for each in coverage(plan) if each.missing]
    said = [f"{len(each.missing)} {each.kind} ({_few(each.missing)})" for each in lacks]
    return f"no words yet for {', '.join(said)}; `make words` lists all" if said else None


def _few(names: tuple[str, ...]) -> str:
    return ", ".join([*names[:_FEW], *(["..."] if len(names) > _FEW else [])])


def _elements(plan: Plan) -> Iterator[tuple[str, Iterable[tuple[str, object]]]]:
    """Yield the kinds of elements, each with names and words."""
    yield "operations", ((each.name, each.words) for each in plan.operations)
    if not plan.target.attribute:
        yield "groups", ((each.name, each.words) for each in plan.groups)
    yield "waits", _waits(plan)
    yield from _structures(plan)
    enums = [enum for module in plan.modules for enum in module.enums]
    yield "enums", ((each.name, each.words) for each in enums)
    yield "values", ((f"{each.name}.{text}", each.meanings.get(text)) for each in enums for text in each.members)


def _structures(plan: Plan) -> Iterator[tuple[str, Iterable[tuple[str, object]]]]:
    structures = [(module.name, structure) for module in plan.modules for structure in module.structures]
    plain = [(home == "exceptions", each) for home, each in structures if each.role == "plain"]
    yield "errors", ((each.name, each.words) for error, each in plain if error)
    yield "structures", ((each.name, each.words) for error, each in plain if not error)
    yield "members", ((f"{each.name}.{field.wire}", field.words) for _, each in structures for field in each.fields)


def _waits(plan: Plan) -> Iterator[tuple[str, bool]]:
    values = {enum.name: enum.meanings for module in plan.modules for enum in module.enums}
    for group in plan.groups:
        for waiter in group.waiters:
            yield f"{group.name}.wait_until_{waiter.state}", _is_told(waiter, values)


def _is_told(waiter: WaiterPlan, values: dict[str, dict[str, str]]) -> bool:
    """Whether each status that ends a wait has words."""
    if waiter.status is None:
        return True
    ends = [text for outcome, texts in waiter.classes.items() for text in texts if outcome != "pending"]
    return all(text in values.get(waiter.status.type.shape, {}) for text in ends)


def plans() -> Iterator[Plan]:
    """Return the plan of each service that the installed botocore has."""
    here = available()
    for target in (MAIN, *SiblingList.load().targets()):
        if target.service in here:
            overlay = _decisions(target)
            yield build(installed(overlay, target), overlay, target)


def _decisions(target: Target) -> Overlay:
    own = Overlay.of(target)
    return own.reading(Overlay.load()) if target.overlay else own


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sagemaker_typed.codegen.coverage", description=__doc__)
    parser.add_argument("--missing", action="store_true", help="name everything that has no words")
    args = parser.parse_args(argv)
    print(f"{'service':36}{'kind':12}{'total':>7}{'worded':>8}")
    for plan in plans():
        for each in coverage(plan):
            if each.total:
                print(f"{each.service:36}{each.kind:12}{each.total:7}{each.share:8.1%}")
            if args.missing:
                print("".join(f"    {name}\n" for name in each.missing), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
