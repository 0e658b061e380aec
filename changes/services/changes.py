"""Engineering changes: create, edit, delete. Only a draft is edited."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import permissions
from changes.models import EngineeringChange
from changes.services.affected import attach
from changes.services.locked import draft_locked
from changes.services.requests import requests_free
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.tenancy.numbering import take_number
from products.services.inputs import apply, clean

CHANGEABLE = frozenset(
    {
        "change_title",
        "change_description",
        "change_type",
        "priority",
        "urgency",
        "cost_impact",
        "reason_for_change",
        "business_impact",
        "effective_from",
    }
)


@transaction.atomic
def change_create(*, actor: Actor, data: Mapping[str, Any], affected: Sequence[uuid.UUID] = ()) -> EngineeringChange:
    """Open a change as a draft with the tenant's next number; ``affected`` are product ids. All or nothing.

    ``data`` holds the fields of SPEC §5. The actor is the author. Raises ValidationFailed, NotFound and Conflict as
    ``affected_add`` does.
    """
    actor.require(permissions.CHANGES_CREATE)
    refused = sorted(set(data) - CHANGEABLE)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be set."), details={name: [_("Cannot be set.")] for name in refused}
        )
    change = EngineeringChange(tenant_id=actor.tenant_id, **data)
    clean(change, exclude=("change_number",))
    change.change_number = f"ECO-{take_number('change'):06d}"
    change.save_as(actor, reason=_("created"))
    for product_id in affected:
        attach(actor, change, product_id, None)
    return change


@transaction.atomic
def change_update(
    *, actor: Actor, change_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> EngineeringChange:
    """Edit a draft; its author or who manages changes. Nothing changed: nothing is written.

    Raises NotFound, PermissionDenied, NotADraft, ValidationFailed, and PreconditionFailed when
    ``expected_version`` is stale.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    differences = apply(change, changes, allowed=CHANGEABLE)
    if differences:
        clean(change)
        change.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))})
    return change


@transaction.atomic
def change_delete(
    *, actor: Actor, change_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Take a draft out of sight. Its number stays taken. What was ever submitted is cancelled instead (Conflict). The
    requests that it answers are open again.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    if change.round:
        raise Conflict(_("Others have seen this change: cancel it instead."))
    words = reason or _("deleted")
    change.soft_delete_as(actor, reason=words)
    requests_free(actor, change, words)
    return change
