"""Settling a conflict that rebasing left: a person keeps what this change says, or takes what was released."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from changes.choices import RedlineOperation
from changes.line_settings import settings_read, settings_stored
from changes.merging import CUSTOM, LINE, SUBSTITUTES
from changes.models import Redline
from changes.services.affected import note_edit
from changes.services.locked import redline_of_draft
from changes.services.merge_values import settings_kept
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.selectors.substitutes import substitutes_of_lines

Side = Literal["mine", "theirs"]
SIDES: tuple[Side, ...] = ("mine", "theirs")


@transaction.atomic
def conflict_settle(
    *,
    actor: Actor,
    redline_id: uuid.UUID,
    take: str,
    field: str = "",
    key: str = "",
    expected_version: int | None = None,
) -> Redline | None:
    """Settle a conflict of a redline in a draft; return the redline that is left, None where theirs needs none.

    ``field``, and ``key`` of an attribute or substitute, say which one where it has several. ``mine`` keeps what the
    redline says: an edit of a line that was removed becomes an addition. ``theirs`` takes that value out of the redline,
    and the redline away when it says nothing else; of a line that was edited and removed, all its redlines. Raises
    Conflict where nothing is to settle, ValidationFailed for another word and where ``field`` is needed.
    """
    redline = redline_of_draft(actor, redline_id)
    redline.expect_version(expected_version)
    if take not in SIDES:
        raise ValidationFailed.field("take", _("Take mine or theirs."))
    told = _chosen(redline, field, key)
    change = redline.change
    others = [one for one in redline.conflicts if one is not told]
    left: Redline | None = redline
    if take == "theirs" and told["field"] == LINE:
        for row in change.redlines.filter(line_id=redline.line_id):
            row.soft_delete_as(actor, reason=_("taken as released"))
        left = None
    elif take == "theirs":
        redline.conflicts = others
        _leave_out(redline, told)
        if redline.settings:
            redline.save_as(actor, reason=_("taken as released"), update_fields=["conflicts", "settings"])
        else:
            redline.soft_delete_as(actor, reason=_("taken as released"))
            left = None
    elif told["field"] == LINE and told["theirs"] is None:
        left = _added_again(actor, redline, told["mine"])
    else:
        redline.conflicts = others
        redline.save_as(actor, reason=_("kept against the release"), update_fields=["conflicts"])
    note_edit(actor, change, _("conflict settled"))
    return left


def _chosen(redline: Redline, field: str, key: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        told for told in redline.conflicts if not field or (told["field"], told.get("key", "")) == (field, key)
    ]
    if not found:
        raise Conflict(_("There is nothing to settle here."))
    if len(found) > 1:
        raise ValidationFailed.field("field", _("Several values are in conflict: say which one."))
    return found[0]


def _leave_out(redline: Redline, told: Mapping[str, Any]) -> None:
    """Take what a conflict is about out of the redline's settings: it says of it what the released line says."""
    values = settings_read(redline.settings)
    name, key = told["field"], told.get("key", "")
    line = redline.line
    assert line is not None
    if name == SUBSTITUTES:
        released = substitutes_of_lines([line.pk]).get(line.pk, ())
        rest = [one for one in values[name] if str(one.product_id) != key]
        values[name] = (*rest, *(one for one in released if str(one.product_id) == key))
        same = set(values[name]) == set(released)
    elif name == CUSTOM:
        theirs = line.custom_attributes
        values[name] = {one: value for one, value in values[name].items() if one != key}
        values[name] |= {key: theirs[key]} if key in theirs else {}
        same = values[name] == theirs
    else:
        same = True
    if same:
        values.pop(name, None)
    redline.settings = settings_stored(values)


def _added_again(actor: Actor, redline: Redline, mine: dict[str, Any]) -> Redline:
    """The line is gone; what this change wants of it is a line of its own."""
    change = redline.change
    for row in change.redlines.filter(line_id=redline.line_id):
        row.soft_delete_as(actor, reason=_("the line was removed; added again"))
    added = Redline(
        tenant_id=actor.tenant_id, change=change, affected=redline.affected, operation=RedlineOperation.ADD,
        position=redline.position, note=redline.note, child_id=uuid.UUID(mine["child_id"]), quantity=Decimal(mine["quantity"]),
        unit_of_measure=mine["unit_of_measure"], find_number=mine["find_number"],
        reference_designators=mine["reference_designators"], settings=settings_kept(mine),
    )  # fmt: skip
    return added.save_as(actor, reason=_("added again"))
