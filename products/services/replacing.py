"""Replacing a product on the lines of many revisions: what it comes to, what speaks against it, and the lines in work.

Released revisions never change: for them the context of changes draws redlines of the same plan.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.decimals import EXACT
from plm_project.core.exceptions import Conflict, PlmError, ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.outbox.events import publish_many
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.references import CHUNK
from products import events, permissions
from products.models import BomLine, Product, ProductRevision
from products.selectors.cycles import uses_above
from products.selectors.replacement import AffectedUse, Way, revisions_using, uses_of
from products.services.bom_lines import COUNTING, bom_changed_facts, check_line, in_own_unit, line_change, line_facts
from products.services.inputs import LINE_FIELDS
from products.services.substitute_copies import substitutes_settle

REPLACED = ("child", "quantity", "unit_of_measure", "setup_quantity", "rounding_multiple")


@dataclass(frozen=True)
class Replacement:
    """One line as it stands, and the values it gets (``REPLACED``, with ``child_id``)."""

    line: BomLine
    values: Mapping[str, Any]


@dataclass
class ReplacementPlan:
    """What replacing comes to. ``problems``: revision (``WHL-1 B``) → everything that speaks against it there."""

    product: Product
    by: Product
    uses: list[AffectedUse] = field(default_factory=list)
    replacements: dict[uuid.UUID, list[Replacement]] = field(default_factory=dict)  # by revision
    problems: dict[str, list[str]] = field(default_factory=dict)
    has_conflict: bool = False

    def of(self, way: Way) -> list[AffectedUse]:
        """Return the chosen revisions that go one way."""
        return [use for use in self.uses if use.way == way]

    def refuse(self) -> None:
        """Raise Conflict when somebody else's work is in the way, ValidationFailed for all else; details name each."""
        if not self.problems:
            return
        kind: type[PlmError] = Conflict if self.has_conflict else ValidationFailed
        count = len(self.problems)
        raise kind(
            _("%(count)s revisions speak against it; nothing was replaced.") % {"count": count}, details=self.problems
        )


@transaction.atomic
def lines_replace(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    by_id: uuid.UUID,
    factor: Decimal = Decimal(1),
    revisions: Mapping[uuid.UUID, int | None] | None = None,
    reason: str = "",
) -> list[BomLine]:
    """Put one product in the place of another on the lines of revisions in work, all or nothing.

    ``revisions`` maps the chosen ones to the version seen (None: any); without it all in work are taken. ``factor`` is
    how many of the new one stand for one of the old; units of one kind are converted. Raises as
    ``ReplacementPlan.refuse``, and ValidationFailed for an unknown product. Publishes bom_changed per revision.
    """
    actor.require(permissions.BOM_UPDATE)
    plan = replacement_plan(actor, product_id, by_id, factor=factor, revisions=revisions, ways=(Way.EDIT,))
    plan.refuse()
    return replacement_edit(actor, plan, reason=reason)


def replacement_plan(
    actor: Actor,
    product_id: uuid.UUID,
    by_id: uuid.UUID,
    *,
    factor: Decimal = Decimal(1),
    revisions: Mapping[uuid.UUID, int | None] | None = None,
    ways: Sequence[Way] = (Way.EDIT, Way.CHANGE),
) -> ReplacementPlan:
    """Return what replacing in the chosen revisions comes to, under the structure lock. Writes nothing.

    Without ``revisions`` all are taken that go one of ``ways``; a chosen one that goes none of them is a problem.
    """
    take(Lock.STRUCTURE, actor.tenant_id)
    found = Product.objects.in_bulk({product_id, by_id})
    for name, key in (("product_id", product_id), ("by_id", by_id)):
        if key not in found:
            raise ValidationFailed.field(name, _("There is no such product."))
    if product_id == by_id:
        raise ValidationFailed.field("by_id", _("A product cannot replace itself."))
    if not factor.is_finite() or factor <= 0:
        raise ValidationFailed.field("factor", _("The factor must be above 0."))
    plan = ReplacementPlan(found[product_id], found[by_id])
    _choose(plan, revisions, ways)
    _compute(plan, factor)
    _find_cycles(plan)
    return plan


def replacement_edit(actor: Actor, plan: ReplacementPlan, *, reason: str = "") -> list[BomLine]:
    """Write the plan's revisions in work with few statements; the caller has refused what speaks against it."""
    moment = clock.now()
    said = _("%(old)s replaced by %(new)s") % {"old": plan.product.product_number, "new": plan.by.product_number}
    said = f"{said}: {reason}" if reason else said
    lines: list[BomLine] = []
    happenings: list[tuple[Product, dict[str, Any]]] = []
    revisions = [use.revision for use in plan.of(Way.EDIT)]
    for revision in revisions:
        changed = []
        for replacement in plan.replacements[revision.pk]:
            line, before = replacement.line, line_facts(replacement.line)
            for name, value in replacement.values.items():
                setattr(line, name, value)
            line.child = plan.by
            _count_up(line, actor, moment)
            changed.append(line_change(before, line_facts(line)))
            lines.append(line)
        _count_up(revision, actor, moment)
        happenings.append((revision.product, bom_changed_facts(revision, changed=changed)))
    if lines:
        stamps = ("version", "updated_at", "updated_by")
        BomLine.objects.bulk_update(lines, (*REPLACED, *stamps), batch_size=CHUNK)
        substitutes_settle(actor, [line.pk for line in lines])
        ProductRevision.objects.bulk_update(revisions, stamps, batch_size=CHUNK)
        record_in_bulk(BomLine, lines, actor, reason=said[:500], kind="~")
        record_in_bulk(ProductRevision, revisions, actor, reason=_("BOM changed"), kind="~")
        publish_many(actor, events.BOM_CHANGED, happenings)
    return lines


def _choose(plan: ReplacementPlan, revisions: Mapping[uuid.UUID, int | None] | None, ways: Sequence[Way]) -> None:
    rows = list(revisions_using(plan.product))
    if revisions is not None:
        rows = [row for row in rows if row.pk in revisions]
        missing = set(revisions) - {row.pk for row in rows}
        if missing:
            _object(plan, _("chosen revisions"), _("Not all of them use the product any more."), is_conflict=True)
    _lock(rows)
    for use in uses_of(plan.product, rows):
        if use.way in ways:
            expected = revisions.get(use.revision.pk) if revisions is not None else None
            if expected is not None and expected != use.revision.version:
                _object(plan, _name(use), _("Somebody changed it since you opened this list."), is_conflict=True)
            plan.uses.append(use)
        elif revisions is not None:
            _object(plan, _name(use), use.why or _("It is not in work."), is_conflict=True)
    if not plan.uses and not plan.problems:
        _object(plan, plan.product.product_number, _("No revision that could be changed uses it."))


def _lock(rows: Sequence[Any]) -> None:
    """Lock products, then revisions, each in the order of their keys; what changed before the lock is read anew."""
    keys = sorted(row.pk for row in rows)
    parents = sorted({row.product_id for row in rows})
    for start in range(0, len(parents), CHUNK):
        list(Product.objects.select_for_update().filter(pk__in=parents[start : start + CHUNK]).order_by("pk"))
    fresh: dict[uuid.UUID, ProductRevision] = {}
    for start in range(0, len(keys), CHUNK):
        locked = ProductRevision.objects.select_for_update().filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
        fresh |= {row.pk: row for row in locked}
    for row in rows:
        row.version = fresh[row.pk].version
        row.__dict__["state"] = fresh[row.pk].state  # the state field refuses assignment


def _compute(plan: ReplacementPlan, factor: Decimal) -> None:
    for use in plan.uses:
        plan.replacements[use.revision.pk] = []
        for line in use.lines:
            try:
                plan.replacements[use.revision.pk].append(_replacement(line, plan.by, factor))
            except ValidationFailed as refusal:
                for messages in refusal.details.values():
                    for message in messages:
                        words = {"find": line.find_number, "message": message}
                        _object(plan, _name(use), _("Line %(find)s: %(message)s") % words)


def _replacement(line: BomLine, by: Product, factor: Decimal) -> Replacement:
    """Return the line's new values. Raises ValidationFailed where it would break a rule."""
    given = {
        "unit_of_measure": line.unit_of_measure,
        "quantity": EXACT.multiply(line.quantity, factor),
        "setup_quantity": line.setup_quantity,
        "rounding_multiple": line.rounding_multiple,
    }
    values = {**in_own_unit(given, by), "child_id": by.pk}
    tried = BomLine(**{**{name: getattr(line, name) for name in LINE_FIELDS}, **values})
    tried.parent_revision = line.parent_revision
    touched = COUNTING if (values["quantity"], by.unit_of_measure) != (line.quantity, line.unit_of_measure) else ()
    check_line(tried, by, touched=touched)
    return Replacement(line, values)


def _find_cycles(plan: ReplacementPlan) -> None:
    """A new line closes a cycle where the new product is the parent, or contains it. One query for all."""
    parents = {use.revision.product_id for use in plan.uses}
    if not parents:
        return
    below: dict[uuid.UUID, list[uuid.UUID]] = {}
    for parent, child in uses_above(parents):
        below.setdefault(parent, []).append(child)
    inside, waiting = {plan.by.pk}, [plan.by.pk]
    while waiting:
        fresh = set(below.get(waiting.pop(), ())) - inside
        inside |= fresh
        waiting += fresh
    for use in plan.uses:
        if use.revision.product_id in inside:
            words = {"new": plan.by.product_number, "number": use.revision.product.product_number}
            _object(plan, _name(use), _("%(new)s is %(number)s or contains it: that would make a cycle.") % words)


def _object(plan: ReplacementPlan, name: str, message: str, *, is_conflict: bool = False) -> None:
    plan.problems.setdefault(name, []).append(message)
    plan.has_conflict |= is_conflict


def _name(use: AffectedUse) -> str:
    return f"{use.revision.product.product_number} {use.revision.label}"


def _count_up(record: Any, actor: Actor, moment: Any) -> None:
    record.version += 1
    record.updated_at, record.updated_by_id = moment, actor.user_id
