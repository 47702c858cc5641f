"""The variants of an endpoint: current and desired weights and instance counts.

    from sagemaker_typed.endpoints import variants

    print(variants(sm.endpoints.describe("xgb")))

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantSummary.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, TypeAlias

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.lazy import offered

if TYPE_CHECKING:
    from sagemaker_typed.types import (
        DescribeEndpointOutput,
        PendingProductionVariantSummary,
        ProductionVariantSummary,
    )

__all__ = ["Role", "VariantRow", "Variants", "variants"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)

Role: TypeAlias = Literal["production", "shadow", "pending", "pending shadow"]
"""Whether a variant answers requests ("production") or gets copies of them ("shadow"); "pending" during a deployment."""
_HEAD = ("variant", "role", "weight", "share", "instances", "settled")


class VariantRow(NamedTuple):
    """One variant. A weight or count that the service leaves out is None."""

    name: str
    role: Role
    current_weight: float | None
    desired_weight: float | None
    share: float | None
    """The share of requests that the variant gets now, from 0 to 1; None unless its role is "production"."""
    current_instances: int | None
    """None for a serverless variant."""
    desired_instances: int | None

    @property
    def settled(self) -> bool:
        """Whether the variant has its desired weight and instance count."""
        return self.current_weight == self.desired_weight and self.current_instances == self.desired_instances

    def cells(self) -> list[object]:
        """Return the cells of a table row; `1 -> 3` means that current and desired values differ."""
        share = "" if self.share is None else f"{self.share:.1%}"
        weight = _change(self.current_weight, self.desired_weight)
        instances = _change(self.current_instances, self.desired_instances)
        return [self.name, self.role, weight, share, instances, "yes" if self.settled else "no"]


def _change(current: float | None, desired: float | None) -> str:
    if current == desired:
        return "" if current is None else f"{current:g}"
    return " -> ".join("?" if value is None else f"{value:g}" for value in (current, desired))


class Variants(Sequence[VariantRow]):
    """The variants of an endpoint. It prints as a table, also in a notebook."""

    def __init__(self, rows: Sequence[VariantRow]) -> None:
        self._rows = tuple(rows)

    @property
    def settled(self) -> bool:
        """Whether each variant has its desired weight and instance count, and no deployment is in progress."""
        return all(row.settled and not row.role.startswith("pending") for row in self._rows)

    def __getitem__(self, index: int) -> VariantRow:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        return self._rows == other._rows if isinstance(other, Variants) else NotImplemented

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __str__(self) -> str:
        from sagemaker_typed._core.tables import text_table

        return "\n".join(text_table(_HEAD, [row.cells() for row in self._rows])) if self._rows else "no variants"

    def __repr__(self) -> str:
        return f"Variants({list(self._rows)!r})"

    def _repr_html_(self) -> str:
        from sagemaker_typed._core.tables import html_table

        return html_table(_HEAD, [row.cells() for row in self._rows])


def variants(endpoint: DescribeEndpointOutput) -> Variants:
    """Return the variants of a described endpoint: first those in service, then those of a deployment in progress."""
    pending = endpoint.pending_deployment_summary
    rows = [
        *_rows("production", endpoint.production_variants),
        *_rows("shadow", endpoint.shadow_production_variants),
    ]
    if pending is not None:
        rows += _rows("pending", pending.production_variants)
        rows += _rows("pending shadow", pending.shadow_production_variants)
    return Variants(rows)


def _rows(
    role: Role, summaries: Sequence[ProductionVariantSummary | PendingProductionVariantSummary] | None
) -> Iterator[VariantRow]:
    found = summaries or ()
    total = sum(each.current_weight or 0.0 for each in found)
    for each in found:
        share = (
            each.current_weight / total if role == "production" and total and each.current_weight is not None else None
        )
        yield VariantRow(
            each.variant_name,
            role,
            each.current_weight,
            each.desired_weight,
            share,
            each.current_instance_count,
            each.desired_instance_count,
        )


late(variants)
