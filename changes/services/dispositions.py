"""What happens to existing parts. Planned in a draft, for it is signed with the rest; organised until the change is
closed; done once it is implemented. The change's row is locked first, always.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus
from changes.exceptions import NotADraft
from changes.lifecycle import is_author_or_manager
from changes.models import AffectedProduct, Disposition, EngineeringChange
from changes.selectors.dispositions import is_over, parts_to_dispose_of
from changes.services.affected import note_edit
from changes.services.locked import affected_of_draft, change_locked, disposition_of_draft, draft_locked
from changes.services.reasons import require_fitting
from plm_project.accounts.models import Membership
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.outbox.events import publish
from products.services.inputs import apply, clean

# What approvers sign, and what may be organised until the change is closed.
PLANNED = frozenset({"product_id", "place", "action", "quantity", "cost", "note"})
ORGANISED = frozenset({"owner_id", "due_on"})
NEEDED = ("place", "action")
MAX_NOTE = 2000
UNCHECKED = ("change", "affected", "product", "owner", "completed_by")  # foreign keys, found before


@transaction.atomic
def disposition_add(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    affected_id: uuid.UUID,
    values: Mapping[str, Any],
    expected_version: int | None = None,
) -> Disposition:
    """Say in a draft what happens to the parts at one place. ``expected_version`` is the change's.

    ``values``: place and action, and as far as it is known product_id (default: the affected product), quantity in the
    part's unit, cost in the tenant's currency, note, owner_id, due_on. A mark that there is nothing to dispose of is
    taken back. Raises ValidationFailed for a part that is neither the affected product nor taken out by its redlines,
    for an owner who is no member and for anything negative, Conflict when the part has its row for this place.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    affected = change.affected.select_related("product").filter(pk=affected_id).first()
    if affected is None:
        raise ValidationFailed.field("affected_id", _("Name an affected product of this change."))
    missing = {name: [_("This value is needed.")] for name in NEEDED if not values.get(name)}
    if missing:
        raise ValidationFailed(_("Please check the marked fields."), details=missing)
    row = Disposition(tenant_id=actor.tenant_id, change=change, affected=affected, product_id=affected.product_id)
    given = {name: value for name, value in values.items() if not (name == "product_id" and value is None)}
    apply(row, given, allowed=PLANNED | ORGANISED)
    _check(row)
    row.save_as(actor, reason=_("disposition added"))
    if affected.no_disposition_reason:
        affected.no_disposition_reason = ""
        affected.save_as(actor, reason=_("disposition added"), update_fields=["no_disposition_reason"])
    note_edit(actor, change, _("disposition added: %s") % row.label)
    return row


@transaction.atomic
def disposition_update(
    *, actor: Actor, disposition_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Disposition:
    """Change a disposition: in a draft all of it, later its owner and its day alone, until the change is closed or given
    up. Nothing changed: nothing is written. The change's author, or who manages changes.

    Raises NotADraft for planned facts beyond the draft, Conflict for one that is done or whose change is over, and the
    refusals of ``disposition_add``. Publishes disposition_assigned when it gets another owner after the release.
    """
    actor.require(permissions.CHANGES_UPDATE)
    row = _locked(disposition_id)
    change = row.change
    if refusal := is_author_or_manager(change, actor):
        raise PermissionDenied(refusal)
    row.expect_version(expected_version)
    changed = set(apply(row, changes, allowed=PLANNED | ORGANISED))
    if changed & PLANNED and not change.is_draft:
        raise NotADraft(change.change_number, change.get_status_display())
    if not changed:
        return row
    if is_over(change):
        raise Conflict(_("%(number)s is over: nothing is organised any more.") % {"number": change.change_number})
    if row.is_done:
        raise Conflict(_("%(what)s is done. Open it again first.") % {"what": row.label})
    _check(row)
    row.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(changed))})
    if "owner_id" in changed and row.owner_id and change.status == ChangeStatus.IMPLEMENTED:
        publish(actor, events.DISPOSITION_ASSIGNED, entity=change, data=_assignment_facts(change, row))
    if change.is_draft:
        note_edit(actor, change, _("disposition changed: %s") % row.label)
    return row


@transaction.atomic
def disposition_remove(
    *, actor: Actor, disposition_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Disposition:
    """Take a disposition out of a draft."""
    row = disposition_of_draft(actor, disposition_id)
    row.expect_version(expected_version)
    row.soft_delete_as(actor, reason=reason or _("disposition removed"))
    note_edit(actor, row.change, _("disposition removed: %s") % row.label)
    return row


@transaction.atomic
def no_disposition_set(
    *, actor: Actor, affected_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> AffectedProduct:
    """Say in a draft why an affected product has nothing to dispose of; an empty ``reason`` takes that back.

    ``expected_version`` is the affected product's. Raises Conflict while it has dispositions, ValidationFailed for a
    reason of more than 500 characters.
    """
    affected = affected_of_draft(actor, affected_id)
    affected.expect_version(expected_version)
    text = reason.strip()
    require_fitting("reason", text)
    if text == affected.no_disposition_reason:
        return affected
    if text and affected.dispositions.exists():
        message = _("Dispositions say already what happens to its parts.")
        raise Conflict(message, details={"reason": [message]})
    affected.no_disposition_reason = text
    said = _("nothing to dispose of") if text else _("open again what happens to existing parts")
    affected.save_as(actor, reason=said, update_fields=["no_disposition_reason"])
    note_edit(actor, affected.change, f"{affected.product.product_number}: {said}")
    return affected


@transaction.atomic
def disposition_complete(
    *,
    actor: Actor,
    disposition_id: uuid.UUID,
    quantity_done: Decimal | None = None,
    cost_done: Decimal | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Disposition:
    """Say that a disposition is done, and what was really done: its owner, or who manages changes.

    Possible while the change is implemented and not closed. Raises Conflict before and after, and for one that is done.
    """
    row = _to_carry_out(actor, disposition_id)
    if row.is_done:
        raise Conflict(_("%(what)s is done already.") % {"what": row.label})
    row.expect_version(expected_version)
    row.quantity_done, row.cost_done, row.completion_note = quantity_done, cost_done, note
    row.completed_at, row.completed_by_id = clock.now(), actor.user_id
    _fits(row)
    return row.save_as(actor, reason=_("done"))


@transaction.atomic
def disposition_reopen(
    *, actor: Actor, disposition_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> Disposition:
    """Take back that a disposition is done, saying why; what was said stays in the history. Who may complete it may.

    Raises ValidationFailed without a reason, Conflict for one that is open, or whose change is closed.
    """
    if not reason.strip():
        raise ValidationFailed.field("reason", _("Please say why."))
    require_fitting("reason", reason)
    row = _to_carry_out(actor, disposition_id)
    if not row.is_done:
        raise Conflict(_("%(what)s is not done.") % {"what": row.label})
    row.expect_version(expected_version)
    row.completed_at = row.completed_by = row.quantity_done = row.cost_done = None
    row.completion_note = ""
    return row.save_as(actor, reason=reason)


def may_carry_out(row: Disposition, actor: Actor) -> bool:
    """Return whether the actor may say that it is done, once it can be."""
    is_owner = actor.user_id is not None and actor.user_id == row.owner_id
    return actor.may(permissions.CHANGES_DISPOSE) and (is_owner or actor.may(permissions.CHANGES_MANAGE))


def _to_carry_out(actor: Actor, disposition_id: uuid.UUID) -> Disposition:
    """Return the row under its change's lock, when the actor may carry it out and the change is implemented."""
    actor.require(permissions.CHANGES_DISPOSE)
    row = _locked(disposition_id)
    if not may_carry_out(row, actor):
        raise PermissionDenied(_("Only the owner, or somebody who manages changes, can do this."))
    if row.change.status != ChangeStatus.IMPLEMENTED:
        raise Conflict(
            _("%(number)s is %(status)s: parts are dealt with after it is implemented and before it is closed.")
            % {"number": row.change.change_number, "status": row.change.get_status_display()}
        )
    return row


def _assignment_facts(change: EngineeringChange, row: Disposition) -> dict[str, Any]:
    return {
        "change_id": change.pk,
        "change_number": change.change_number,
        "change_title": change.change_title,
        "disposition_id": row.pk,
        "product_id": row.product_id,
        "product_number": row.product.product_number,
        "place": row.place,
        "action": row.action,
        "owner_id": row.owner_id,
        "due_on": row.due_on,
        "occurred_at": clock.now(),
    }


def _locked(disposition_id: uuid.UUID) -> Disposition:
    """Return a disposition as it is under its change's lock; raise NotFound."""
    rows = Disposition.objects.filter(pk=disposition_id)
    change_id = rows.values_list("change_id", flat=True).first()
    change: EngineeringChange | None = change_locked(change_id) if change_id is not None else None
    row = rows.select_related("product", "affected__product").first()
    if change is None or row is None:  # gone while we waited for the lock
        raise NotFound(_("There is no such disposition."))
    row.change = change
    return row


def _check(row: Disposition) -> None:
    parts = {part.pk: part for part in parts_to_dispose_of(row.affected)}
    if row.product_id not in parts:
        raise ValidationFailed.field(
            "product_id", _("Name the affected product, or a part that its redlines remove or replace.")
        )
    row.product = parts[row.product_id]
    if row.owner_id is not None and not Membership.objects.filter(user_id=row.owner_id).exists():
        raise ValidationFailed.field("owner_id", _("Only a member of this tenant can own it."))
    _fits(row)
    same = row.affected.dispositions.filter(product_id=row.product_id, place=row.place).exclude(pk=row.pk)
    if same.exists():
        message = _("%(what)s is decided already; change that row.") % {"what": row.label}
        raise Conflict(message, details={"place": [message]})


def _fits(row: Disposition) -> None:
    """Check the row's own values. The database bounds no long text: what is longer is refused, not cut off."""
    require_fitting("note", row.note, limit=MAX_NOTE)
    require_fitting("note", row.completion_note, limit=MAX_NOTE)
    clean(row, exclude=UNCHECKED)
