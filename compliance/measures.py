"""What a change does to the compliance of the products above it: the worst status over all regulations, before and after.

A product that the change gives a new revision reads as the revision it starts from: what was found stands until the
new one is assessed (``gates.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from changes.measures import Measure, Verdict
from compliance.choices import BY_GRAVITY, GRAVITY, NOT_APPLICABLE, status_label
from compliance.selectors.structure import StructureStatus, structures_statuses
from products.selectors.graph import Structure


def structures_judge(structures: Sequence[Structure]) -> list[Verdict]:
    """Return the worst status of each structure. Three queries for all of them."""
    return [_worst(statuses) for statuses in structures_statuses(structures)]


def _worst(statuses: Sequence[StructureStatus]) -> Verdict:
    status = min((one.status for one in statuses), key=GRAVITY.__getitem__, default=NOT_APPLICABLE)
    causes = [cause for one in statuses if one.status == status and status != NOT_APPLICABLE for cause in one.causes]
    parts = tuple(dict.fromkeys(cause.node.number for cause in causes))
    return Verdict(status, status_label(status), len(BY_GRAVITY) - GRAVITY[status], parts)


MEASURE = Measure("compliance", gettext_lazy("Compliance"), structures_judge)
