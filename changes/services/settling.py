"""Settling a conflict that rebasing left: a person keeps what this change says, or takes what was released."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from changes.choices import RedlineOperation
from changes.merging import LINE
from changes.models import Redline
from changes.services.affected import note_edit
from changes.services.locked import redline_of_draft
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed

Side = Literal["mine", "theirs"]
SIDES: tuple[Side, ...] = ("mine", "theirs")


@transaction.atomic
def conflict_settle(
    *, actor: Actor, redline_id: uuid.UUID, take: str, expected_version: int | None = None
) -> Redline | None:
    """Settle the conflict of a redline in a draft; return the redline that is left, None where theirs needs none.

    ``mine`` keeps what the redline says: an edit of a line that was removed becomes an addition. ``theirs`` takes the
    redline away; of a line that was edited and removed, all its redlines. Raises Conflict where nothing is to settle,
    ValidationFailed for another word.
    """
    redline = redline_of_draft(actor, redline_id)
    redline.expect_version(expected_version)
    if take not in SIDES:
        raise ValidationFailed.field("take", _("Take mine or theirs."))
    if not redline.conflicts:
        raise Conflict(_("There is nothing to settle here."))
    (told,) = redline.conflicts
    change = redline.change
    if take == "theirs":
        rows = change.redlines.filter(line_id=redline.line_id) if told["field"] == LINE else [redline]
        for row in rows:
            row.soft_delete_as(actor, reason=_("taken as released"))
        left = None
    elif told["field"] == LINE and told["theirs"] is None:
        left = _added_again(actor, redline, told["mine"])
    else:
        redline.conflicts = []
        redline.save_as(actor, reason=_("kept against the release"), update_fields=["conflicts"])
        left = redline
    note_edit(actor, change, _("conflict settled"))
    return left


def _added_again(actor: Actor, redline: Redline, mine: dict[str, Any]) -> Redline:
    """The line is gone; what this change wants of it is a line of its own."""
    change = redline.change
    for row in change.redlines.filter(line_id=redline.line_id):
        row.soft_delete_as(actor, reason=_("the line was removed; added again"))
    added = Redline(
        tenant_id=actor.tenant_id, change=change, affected=redline.affected, operation=RedlineOperation.ADD,
        position=redline.position, note=redline.note, child_id=uuid.UUID(mine["child_id"]), quantity=Decimal(mine["quantity"]),
        unit_of_measure=mine["unit_of_measure"], find_number=mine["find_number"],
        reference_designators=mine["reference_designators"],
    )  # fmt: skip
    return added.save_as(actor, reason=_("added again"))
