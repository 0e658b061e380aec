"""Which products a change does something with, and what."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from changes.choices import PLACING_ACTIONS, PLANNED_ACTIONS, RETIRING_ACTIONS, AffectedAction
from changes.content import ACTION_FIELDS
from changes.models import AffectedProduct, EngineeringChange
from changes.services.locked import affected_of_draft, draft_locked
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products.choices import FROZEN_STATES, RevisionState
from products.effectivity import serial_ranges, serials_stored
from products.models import Product, ProductRevision
from products.services.bom_lines import check_end_items

# What each action takes beside itself.
TAKES: dict[AffectedAction, frozenset[str]] = {
    **dict.fromkeys(PLANNED_ACTIONS, frozenset({"effective_from", "serials"})),
    **dict.fromkeys(RETIRING_ACTIONS, frozenset({"replacement_id", "effective_from"})),
    **dict.fromkeys(PLACING_ACTIONS, frozenset()),
}


@transaction.atomic
def affected_add(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    product_id: uuid.UUID,
    base_revision_id: uuid.UUID | None = None,
    values: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> AffectedProduct:
    """Add a product to a draft. The base is its released revision, else the one in work (or ``base_revision_id``).

    ``values``: as ``affected_update`` takes them; without, the product gets its next revision, or its first one released.
    ``expected_version`` is the change's. Raises ValidationFailed for an unknown product or a base that is neither,
    Conflict when the product is in the change already.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    affected = attach(actor, change, product_id, base_revision_id, values)
    note_edit(actor, change, _("product added: %s") % affected.product.product_number)
    return affected


@transaction.atomic
def affected_update(
    *, actor: Actor, affected_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> AffectedProduct:
    """Say what a draft does with a product: ``action``, ``replacement_id``, ``effective_from``, ``serials``.

    Raises ValidationFailed, naming the field, for what the action does not take and for an action that the product's
    revision does not allow; Conflict while redlines or dispositions speak against another action. What only the whole
    change can tell, such as whether a replacement is needed, is found when it is submitted.
    """
    affected = affected_of_draft(actor, affected_id)
    affected.expect_version(expected_version)
    before = _said(affected)
    _fill(affected, changes)
    after = _said(affected)
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        if "chosen_action" in changed:
            _refuse_loose_ends(affected)
        affected.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(changed)})
        note_edit(actor, affected.change, _("product changed: %s") % affected.product.product_number)
    return affected


@transaction.atomic
def affected_remove(
    *, actor: Actor, affected_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> AffectedProduct:
    """Take a product, its redlines and its dispositions off a draft."""
    affected = affected_of_draft(actor, affected_id)
    affected.expect_version(expected_version)
    text = reason or _("product removed")
    for part in (*affected.redlines.all(), *affected.dispositions.all()):
        part.soft_delete_as(actor, reason=text)
    affected.soft_delete_as(actor, reason=text)
    note_edit(actor, affected.change, _("product removed: %s") % affected.product.product_number)
    return affected


def attach(
    actor: Actor,
    change: EngineeringChange,
    product_id: uuid.UUID,
    base_revision_id: uuid.UUID | None,
    values: Mapping[str, Any] | None = None,
) -> AffectedProduct:
    """Add a product to a change the caller has locked or just made. Raises as ``affected_add``."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise ValidationFailed.field("product_id", _("There is no such product."))
    if change.affected.filter(product=product).exists():
        message = _("%(number)s is in this change already.") % {"number": product.product_number}
        raise Conflict(message, details={"product_id": [message]})
    affected = AffectedProduct(
        tenant_id=actor.tenant_id, change=change, product=product, base_revision=_base_of(product, base_revision_id)
    )
    _fill(affected, values or {})
    return affected.save_as(actor, reason=_("product added"))


def note_edit(actor: Actor, change: EngineeringChange, reason: str) -> None:
    """Count the change's version up: what hangs on it is part of what its ETag stands for."""
    change.save_as(actor, reason=reason, update_fields=[])


def _base_of(product: Product, wanted: uuid.UUID | None) -> ProductRevision:
    rows = product.revisions.filter(state__in=(RevisionState.RELEASED, RevisionState.IN_WORK, RevisionState.IN_REVIEW))
    found = {row.state: row for row in rows}
    current = (
        found.get(RevisionState.RELEASED) or found.get(RevisionState.IN_WORK) or found.get(RevisionState.IN_REVIEW)
    )
    if current is None or wanted not in (None, current.pk):
        raise ValidationFailed.field(
            "base_revision_id",
            _("%(number)s can only be changed from its released revision, or from the one in work if there is none.")
            % {"number": product.product_number},
        )
    return current


def _said(affected: AffectedProduct) -> dict[str, Any]:
    return {name: getattr(affected, name) for name in ACTION_FIELDS}


def _fill(affected: AffectedProduct, values: Mapping[str, Any]) -> None:
    """Set what is given and check it against the action; raise ValidationFailed naming each faulty field."""
    action = values.get("action") or affected.action
    if action not in AffectedAction.values:
        raise ValidationFailed.field("action", _("Unknown action: %(action)s") % {"action": action})
    affected.chosen_action = "" if action in PLANNED_ACTIONS else action
    faults = _fault_of_action(affected, AffectedAction(action))
    for name in ("replacement_id", "effective_from", "serials"):
        if name in values:
            setattr(affected, name, values[name])
        if getattr(affected, name) and name not in TAKES[AffectedAction(action)]:
            if values.get(name):
                faults[name] = [_("“%(action)s” has no such value.") % {"action": AffectedAction(action).label}]
            setattr(affected, name, None)  # what the former action had
    faults |= _faults_of_values(affected)
    if faults:
        raise ValidationFailed(_("Please check the marked fields."), details=faults)


def _fault_of_action(affected: AffectedProduct, action: AffectedAction) -> dict[str, list[str]]:
    words = {"number": affected.product.product_number, "label": affected.base_revision.label}
    is_released = affected.base_revision.state in FROZEN_STATES
    text = ""
    if action == AffectedAction.RELEASE and is_released:
        text = _("Revision %(label)s of %(number)s is released already: revise it.") % words
    elif action in (AffectedAction.REVISE, *PLACING_ACTIONS) and not is_released:
        text = _("%(number)s was never released: release it.") % words
    elif action in RETIRING_ACTIONS and affected.base_revision.state == RevisionState.IN_REVIEW:
        text = _("Revision %(label)s of %(number)s is in review; it rests until it comes back.") % words
    return {"action": [text]} if text else {}


def _faults_of_values(affected: AffectedProduct) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if affected.replacement_id is not None:
        if not Product.objects.filter(pk=affected.replacement_id).exists():
            faults["replacement_id"] = [_("There is no such product.")]
        elif affected.replacement_id == affected.product_id:
            faults["replacement_id"] = [_("A product cannot replace itself.")]
    try:
        affected.serials = serials_stored(serial_ranges(affected.serials))
    except ValidationError as error:
        faults["serials"] = list(error.messages)
        return faults
    try:
        check_end_items([affected])
    except ValidationFailed as refusal:
        faults |= {name: list(messages) for name, messages in refusal.details.items()}
    return faults


def _refuse_loose_ends(affected: AffectedProduct) -> None:
    """What was drawn for one action is not silently dropped for another."""
    if affected.chosen_action and affected.redlines.exists():
        message = _("%(number)s has redlines; undo them first.") % {"number": affected.product.product_number}
        raise Conflict(message, details={"action": [message]})
    if affected.chosen_action == AffectedAction.ADD and affected.dispositions.exists():
        message = _("Existing parts of %(number)s are planned for; take that off first.") % {
            "number": affected.product.product_number
        }
        raise Conflict(message, details={"action": [message]})
