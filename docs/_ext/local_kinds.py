"""Writes the table of the embedded SageMaker's kinds and operations, for the reference of testing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawing import table
from reference import write

from sagemaker_typed.testing._backend import Backend
from sagemaker_typed.testing._kinds import populate
from sagemaker_typed.testing._model import load_model
from sagemaker_typed.testing._resource import Operations, Resource, World
from sagemaker_typed.testing._states import ScriptBook, Timeline

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "_generated/testing"


def pages() -> dict[str, str]:
    """Path below the folder -> Markdown, for the page to include."""
    desks = _desks()
    rows = [(f"`{desk.kind}`", _operations(desk), _phases(desk)) for desk in desks if isinstance(desk, Resource)]
    others = sorted(name for desk in desks if not isinstance(desk, Resource) for name in desk.operations())
    known = {name for desk in desks for name in desk.operations()}
    missing = sorted(set(load_model().operations) - known)
    counted = f"{len(known & set(load_model().operations))} of {len(load_model().operations)} operations have behaviour"
    text = [
        table(("kind", "operations", "states"), sorted(rows), "lll"),
        f"\nThese operations belong to no kind: {_listed(others)}.\n",
        f"\n{counted}.{f' These have none: {_listed(missing)}.' if missing else ''}\n",
    ]
    return {"kinds.md": "".join(text)}


def _desks() -> Sequence[Operations]:
    account = "123456789012"
    timeline = Timeline(lambda: 0.0)
    world = World(
        model=load_model(),
        objects=Backend(account),
        account_id=account,
        scripts=ScriptBook(),
        timeline=timeline,
        every=1,
    )
    return populate(world)


def _operations(desk: Operations) -> str:
    return _listed(list(desk.operations()))


def _phases(resource: Resource[Any]) -> str:
    return "<br>".join(f"{phase}: {_states(states)}" for phase, states in _usual(resource))


def _usual(resource: Resource[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    if resource.status_shape:
        yield from resource.lives.items()


def _states(states: Sequence[Any]) -> str:
    return " → ".join("gone" if state is None else str(state) for state in states)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _generate(app: Sphinx) -> None:
    write(pages(), Path(app.srcdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
