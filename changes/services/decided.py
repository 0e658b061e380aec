"""Is it decided what happens to existing parts? Asked when a change is submitted, and at the release gate."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gates import GateFinding, PlannedRelease, ReleaseGate
from changes.models import EngineeringChange
from changes.selectors.dispositions import dispositions_required, taken_out, undecided
from products.services.revision_plan import Problem


def disposition_problems(change: EngineeringChange) -> list[Problem]:
    """Return which affected product lacks a decision, where the tenant asks for one, and which disposition is about a
    part that no redline takes out any more. Reads the change's dispositions, redlines and affected products.
    """
    return [*_stale(change), *(_missing(change) if dispositions_required() else ())]


def _missing(change: EngineeringChange) -> list[Problem]:
    return [Problem(f"affected[{index}].dispositions", _undecided_words()) for index, _entry in undecided(change)]


def _stale(change: EngineeringChange) -> list[Problem]:
    rows = [row for row in change.dispositions.all() if row.product_id != row.affected.product_id]
    if not rows:
        return []
    places = {entry.pk: index for index, entry in enumerate(change.affected.all())}
    known = taken_out(change.redlines.all())
    return [
        Problem(
            f"affected[{places[row.affected_id]}].dispositions",
            _("%(what)s: no redline takes this part out any more.") % {"what": row.label},
        )
        for row in rows
        if (row.affected_id, row.product_id) not in known
    ]


def _undecided_words() -> str:
    return _("Say what happens to existing parts, or that there are none.")


def _undecided_findings(release: PlannedRelease) -> Sequence[GateFinding]:
    change = EngineeringChange.objects.filter(pk=release.change_id).first()
    if change is None:
        return []
    released = {product.product_id for product in release.products}
    return [
        GateFinding(
            entry.product_id,
            entry.product.product_number,
            _("%(number)s: nobody has said what happens to existing parts.")
            % {"number": entry.product.product_number},
            f"{change.get_absolute_url()}#dispositions",
        )
        for _index, entry in undecided(change)
        if entry.product_id in released
    ]


# Judges only where the tenant asks for it: elsewhere nobody is told of a gate that never holds anything.
DISPOSITIONS_GATE = ReleaseGate(
    "dispositions", gettext_lazy("Existing parts decided"), _undecided_findings, is_asked=dispositions_required
)
