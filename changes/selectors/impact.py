"""What a change reaches: the affected products and all that contains them."""

from __future__ import annotations

from dataclasses import dataclass

from changes.models import AffectedProduct, EngineeringChange
from products.selectors.resolution import Resolution
from products.selectors.where_used import WhereUsed, WhereUsedLine, where_used


@dataclass(frozen=True)
class AffectedImpact:
    """One affected product with where it is used by the structures in force."""

    affected: AffectedProduct
    used: WhereUsed

    @property
    def roots(self) -> tuple[WhereUsedLine, ...]:
        """The products on top: what is sold or shipped with it in it."""
        return tuple(line for line in self.used.lines if line.is_root)


def change_impact(change: EngineeringChange, resolution: Resolution | None = None) -> list[AffectedImpact]:
    """Return the reach of a change, by default in the structures effective today. One query per affected product."""
    chosen = resolution or Resolution.of()
    affected = change.affected.select_related("product", "base_revision", "resulting_revision")
    return [AffectedImpact(entry, where_used(entry.product, chosen)) for entry in affected]
