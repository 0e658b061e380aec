"""Replacing a product everywhere: revisions in work are edited, for released ones a change is drafted, or redlines come into
one that replaces the product. All or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from changes import permissions
from changes.choices import TAKING_OUT, AffectedAction, RedlineOperation
from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.services.affected import note_edit
from changes.services.changes import change_create
from changes.services.locked import affected_of_draft
from changes.services.redlines import line_before
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products import permissions as product_permissions
from products.choices import RevisionState
from products.models import BomLine
from products.selectors.replacement import AffectedUse, Way, revisions_using
from products.selectors.substitutes import substitutes_of_lines
from products.services.replacing import Replacement, ReplacementPlan, replacement_edit, replacement_plan


@dataclass(frozen=True)
class ProductReplacement:
    """What was done, or on a dry run would be: then ``problems`` (revision → reasons) stop nothing and say it all."""

    plan: ReplacementPlan
    lines: tuple[BomLine, ...] = ()
    change: EngineeringChange | None = None

    @property
    def edited(self) -> int:
        """How many revisions in work are edited."""
        return len(self.plan.of(Way.EDIT))

    @property
    def released(self) -> int:
        """How many released revisions the change affects."""
        return len(self.plan.of(Way.CHANGE))


@transaction.atomic
def product_replace(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    by_id: uuid.UUID,
    factor: Decimal = Decimal(1),
    revisions: Mapping[uuid.UUID, int | None] | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> ProductReplacement:
    """Put one product in the place of another: at once in revisions in work, by one new draft in released ones.

    ``revisions`` maps the chosen ones to the version seen (None: any); without it all are taken but those that rest.
    ``factor``: how many of the new one stand for one of the old. Raises Conflict or ValidationFailed with every reason
    by revision, and then nothing is written. Publishes bom_changed per edited revision.
    """
    actor.require(product_permissions.BOM_UPDATE)
    plan = replacement_plan(actor, product_id, by_id, factor=factor, revisions=revisions)
    if dry_run:
        return ProductReplacement(plan)
    plan.refuse()
    if plan.of(Way.CHANGE):
        actor.require(permissions.CHANGES_UPDATE)
    lines = replacement_edit(actor, plan, reason=reason)
    change = _draft(actor, plan, reason) if plan.of(Way.CHANGE) else None
    return ProductReplacement(plan, tuple(lines), change)


@transaction.atomic
def uses_redline(
    *, actor: Actor, affected_id: uuid.UUID, expected_version: int | None = None
) -> list[AffectedProduct]:
    """Redline, in a draft that replaces a product, every line that it still stands on: in released revisions, which come into
    the change, and in revisions in work that are in it. What is redlined on these lines already is left as it is, and so
    are revisions that rest. Returns the products that came in.

    Raises Conflict where the action is not to replace, or no replacement is named, ValidationFailed with every reason by
    revision where a line does not take the replacement; then nothing is written.
    """
    entry = affected_of_draft(actor, affected_id)
    entry.expect_version(expected_version)
    if entry.chosen_action != AffectedAction.REPLACE or entry.replacement_id is None:
        raise Conflict(_("Say first that the product is replaced, and by what."))
    change = entry.change
    here = {one.base_revision_id: one for one in change.affected.all()}
    chosen: dict[uuid.UUID, int | None] = {
        use.pk: None
        for use in revisions_using(entry.product)
        if use.pk in here or (use.state == RevisionState.RELEASED and not use.open_label)
    }
    if not chosen:
        return []
    plan = replacement_plan(actor, entry.product_id, entry.replacement_id, revisions=chosen)
    plan.refuse()
    done = set(change.redlines.filter(operation__in=TAKING_OUT).values_list("line_id", flat=True))
    last = change.redlines.aggregate(last=Max("position"))["last"] or 0
    came = _draw(actor, change, plan.uses, plan, known=here, done=done, position=last)
    note_edit(actor, change, _("redlined where it is used: %s") % entry.product.product_number)
    return came


def _draft(actor: Actor, plan: ReplacementPlan, reason: str) -> EngineeringChange:
    words = {"old": plan.product.product_number, "new": plan.by.product_number}
    title = _("Replace %(old)s by %(new)s") % words
    change = change_create(actor=actor, data={"change_title": title, "reason_for_change": reason})
    _draw(actor, change, plan.of(Way.CHANGE), plan)
    return change


def _draw(
    actor: Actor,
    change: EngineeringChange,
    uses: Sequence[AffectedUse],
    plan: ReplacementPlan,
    *,
    known: Mapping[uuid.UUID, AffectedProduct] | None = None,
    done: Collection[uuid.UUID | None] = (),
    position: int = 0,
) -> list[AffectedProduct]:
    """Draw the plan's redlines with few statements. ``known`` are the products that the change has, by base revision;
    lines in ``done`` are left out.
    """
    came: list[AffectedProduct] = []
    redlines: list[Redline] = []
    substitutes = substitutes_of_lines([one.line.pk for use in uses for one in plan.replacements[use.revision.pk]])
    for use in uses:
        wanted = [one for one in plan.replacements[use.revision.pk] if one.line.pk not in done]
        if not wanted:
            continue
        entry = (known or {}).get(use.revision.pk)
        if entry is None:
            entry = AffectedProduct(
                tenant_id=actor.tenant_id,
                change=change,
                product_id=use.revision.product_id,
                base_revision_id=use.revision.pk,
                created_by_id=actor.user_id,
                updated_by_id=actor.user_id,
                version=1,
            )
            came.append(entry)
        for replacement in wanted:
            position += 1
            redline = _redline(actor, change, entry, replacement, position=position)
            redline.before = line_before(replacement.line, substitutes.get(replacement.line.pk, ()))
            redlines.append(redline)
    insert_in_bulk(AffectedProduct, came)
    insert_in_bulk(Redline, redlines)
    record_in_bulk(AffectedProduct, came, actor, reason=_("product added"), kind="+")
    record_in_bulk(Redline, redlines, actor, reason=_("redline drawn"), kind="+")
    return came


def _redline(
    actor: Actor, change: EngineeringChange, affected: AffectedProduct, replacement: Replacement, *, position: int
) -> Redline:
    line, values = replacement.line, replacement.values
    has_quantity = (values["quantity"], values["unit_of_measure"]) != (line.quantity, line.unit_of_measure)
    return Redline(
        tenant_id=actor.tenant_id,
        change=change,
        affected=affected,
        position=position,
        operation=RedlineOperation.REPLACE,
        line=line,
        child_id=values["child_id"],
        quantity=values["quantity"] if has_quantity else None,
        created_by_id=actor.user_id,
        updated_by_id=actor.user_id,
        version=1,
    )
