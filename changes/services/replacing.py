"""Replacing a product everywhere: revisions in work are edited, for released ones a change is drafted. All or nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from changes import permissions
from changes.choices import RedlineOperation
from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.services.changes import change_create
from changes.services.redlines import line_before
from plm_project.core.actor import Actor
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products import permissions as product_permissions
from products.models import BomLine
from products.selectors.replacement import Way
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


def _draft(actor: Actor, plan: ReplacementPlan, reason: str) -> EngineeringChange:
    words = {"old": plan.product.product_number, "new": plan.by.product_number}
    title = _("Replace %(old)s by %(new)s") % words
    change = change_create(actor=actor, data={"change_title": title, "reason_for_change": reason})
    affected: list[AffectedProduct] = []
    redlines: list[Redline] = []
    lines = [one.line.pk for use in plan.of(Way.CHANGE) for one in plan.replacements[use.revision.pk]]
    substitutes = substitutes_of_lines(lines)
    for use in plan.of(Way.CHANGE):
        entry = AffectedProduct(
            tenant_id=actor.tenant_id,
            change=change,
            product_id=use.revision.product_id,
            base_revision_id=use.revision.pk,
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
            version=1,
        )
        affected.append(entry)
        for replacement in plan.replacements[use.revision.pk]:
            redline = _redline(actor, change, entry, replacement, position=len(redlines) + 1)
            redline.before = line_before(replacement.line, substitutes.get(replacement.line.pk, ()))
            redlines.append(redline)
    insert_in_bulk(AffectedProduct, affected)
    insert_in_bulk(Redline, redlines)
    record_in_bulk(AffectedProduct, affected, actor, reason=_("product added"), kind="+")
    record_in_bulk(Redline, redlines, actor, reason=_("redline drawn"), kind="+")
    return change


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
