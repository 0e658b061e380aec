"""Asking the release gates about a change: before, to show what would hold it, and under the locks, to hold it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from changes.choices import OPEN_STATUSES
from changes.exceptions import ReleaseHeld
from changes.gates import GateResult, PlannedLine, PlannedProduct, PlannedRelease, ReleaseGate, release_gates
from changes.models import EngineeringChange
from changes.services.checking import change_plans
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.id_sets import in_ids
from products.choices import LineType
from products.models import BomLine, LineSubstitute, ProductRevision
from products.selectors.substitutes import substitute_rows
from products.services.revision_plan import PlannedRevision, plan_resolve


def change_gates(change: EngineeringChange) -> list[GateResult]:
    """Return what each gate says of a change as it stands now. Writes nothing; a preview, for who has to mend it.

    A change that is implemented, closed or given up has passed or never will: nothing is asked.
    """
    return gates_ask(change_release(change)) if change.status in OPEN_STATUSES else []


def change_release(change: EngineeringChange) -> PlannedRelease:
    """Return what a change would release as it stands now."""
    planned, _problems = plan_resolve(change_plans(change))
    return planned_release(change, planned)


def gates_ask(release: PlannedRelease) -> list[GateResult]:
    """Return what each gate that the tenant wants says of a release."""
    return [GateResult(gate, tuple(gate.check(release))) for gate in _asked_gates()]


def _asked_gates() -> list[ReleaseGate]:
    """Return the gates that the running tenant wants."""
    return [gate for gate in release_gates() if gate.is_asked is None or gate.is_asked()]


def gates_lock(actor: Actor) -> list[ReleaseGate]:
    """Have what the gates read kept as it is until the transaction ends, and return them for ``gates_require``. Comes before
    the locks of the structure.
    """
    gates = _asked_gates()
    for gate in gates:
        if gate.lock is not None:
            gate.lock(actor)
    return gates


def gates_require(gates: Sequence[ReleaseGate], change: EngineeringChange, planned: Sequence[PlannedRevision]) -> None:
    """Raise ReleaseHeld, naming each product, when one of ``gates`` holds what is about to be released. Called under the
    locks, those of ``gates_lock`` too.
    """
    release = planned_release(change, planned)
    keys = {product.product_id: product.key for product in release.products}
    held = []
    for gate in gates:
        held += [(keys.get(found.product_id, "affected"), found.message) for found in gate.check(release)]
    if held:
        raise ReleaseHeld(held)


def planned_release(change: EngineeringChange, planned: Sequence[PlannedRevision]) -> PlannedRelease:
    """Return the release in the words of the gates: the lines that will hold on the day each takes effect, or later."""
    day = change.effective_from or clock.today()
    return PlannedRelease(
        day,
        tuple(
            PlannedProduct(
                key=entry.plan.key,
                product_id=entry.product.pk,
                product_number=entry.product.product_number,
                product_type=entry.product.product_type,
                revision_id=entry.base.pk if entry.is_in_place else None,
                base_id=entry.base.pk,
                lines=tuple(
                    PlannedLine(key, planned_line.line.find_number)
                    for planned_line in sorted(entry.lines, key=lambda found: found.line.find_number)
                    if planned_line.line.child_id is not None
                    and _counts(planned_line.line, entry.plan.effective_from or day)
                    for key in (planned_line.line.child_id, *(one.product_id for one in planned_line.substitutes))
                ),
            )
            for entry in planned
        ),
        change.pk,
    )


def _counts(line: BomLine, day: dt.date) -> bool:
    """A line that begins later is released with the rest, so it is judged with it; one for reference builds nothing in."""
    is_over = line.effective_to is not None and line.effective_to <= day
    return not is_over and line.line_type != LineType.REFERENCE


def lone_release(revision: ProductRevision, day: dt.date) -> PlannedRelease:
    """Return the release of one revision on its own, without a change, in the same words. Two queries, one without lines."""
    lines = {line.pk: line for line in revision.lines.all() if _counts(line, day)}
    parts = [(line.child_id, line.find_number) for line in lines.values()]
    rows = substitute_rows().filter(in_ids("line_id", lines)) if lines else LineSubstitute.objects.none()
    others = [
        (product_id, lines[line_id].find_number) for product_id, line_id in rows.values_list("product_id", "line_id")
    ]
    product = revision.product
    planned = PlannedProduct(
        key="",
        product_id=product.pk,
        product_number=product.product_number,
        product_type=product.product_type,
        revision_id=revision.pk,
        base_id=revision.pk,
        lines=tuple(PlannedLine(*row) for row in sorted([*parts, *others], key=lambda row: row[1])),
    )
    return PlannedRelease(day, (planned,))
