"""Kinds of resources whose behaviour is derived from the service model alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sagemaker_typed.testing._generic.plan import derive, members_of
from sagemaker_typed.testing._generic.resource import GenericResource, own_class
from sagemaker_typed.testing._model import ServiceTables

__all__ = ["generic_kinds"]


def generic_kinds(
    model: ServiceTables, classes: Mapping[str, type[GenericResource]], taken: Collection[str]
) -> Iterator[type[GenericResource]]:
    """Return a class for each resource of the model, except for those whose Create is `taken`.

    `classes` are the handwritten classes, by noun.
    """
    search_members: Mapping[str, str] = {}
    if model.has_shape("SearchRecord"):
        search_members = members_of(model, "SearchRecord")
    for plan in derive(model, taken, classes):
        yield own_class(plan, classes.get(plan.noun, GenericResource), search_members)
