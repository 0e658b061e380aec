"""Rows under lock, or NotFound. The change's row comes first, always: it guards all that hangs on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from changes import permissions
from changes.exceptions import NotADraft
from changes.lifecycle import is_author_or_manager
from changes.models import AffectedProduct, ChangeDocument, Disposition, EngineeringChange, Redline
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, PermissionDenied


def change_locked(change_id: uuid.UUID) -> EngineeringChange:
    """Return the change, locked to the end of the transaction."""
    change = EngineeringChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound(_("There is no such change."))
    return change


def draft_locked(actor: Actor, change_id: uuid.UUID) -> EngineeringChange:
    """Return a change the actor may edit now, locked. Raises PermissionDenied, NotFound, NotADraft."""
    actor.require(permissions.CHANGES_UPDATE)
    change = change_locked(change_id)
    if refusal := is_author_or_manager(change, actor):
        raise PermissionDenied(refusal)
    if not change.is_draft:
        raise NotADraft(change.change_number, change.get_status_display())
    return change


def affected_of_draft(actor: Actor, affected_id: uuid.UUID) -> AffectedProduct:
    """Return an affected product of a change the actor may edit now; the change is locked."""
    found: AffectedProduct = _part_of_draft(
        actor, AffectedProduct, affected_id, _("There is no such affected product.")
    )
    return found


def redline_of_draft(actor: Actor, redline_id: uuid.UUID) -> Redline:
    """Return a redline of a change the actor may edit now; the change is locked."""
    found: Redline = _part_of_draft(actor, Redline, redline_id, _("There is no such redline."))
    return found


def document_of_draft(actor: Actor, link_id: uuid.UUID) -> ChangeDocument:
    """Return the link of a document to a change the actor may edit now; the change is locked."""
    found: ChangeDocument = _part_of_draft(actor, ChangeDocument, link_id, _("There is no such link."))
    return found


def disposition_of_draft(actor: Actor, disposition_id: uuid.UUID) -> Disposition:
    """Return a disposition of a change the actor may edit now; the change is locked."""
    found: Disposition = _part_of_draft(actor, Disposition, disposition_id, _("There is no such disposition."))
    return found


def _part_of_draft(actor: Actor, model: Any, key: uuid.UUID, message: str) -> Any:
    actor.require(permissions.CHANGES_UPDATE)
    change_id = model.objects.filter(pk=key).values_list("change_id", flat=True).first()
    if change_id is None:
        raise NotFound(message)
    change = draft_locked(actor, change_id)
    part = model.objects.filter(pk=key).first()
    if part is None:  # gone while we waited for the lock
        raise NotFound(message)
    part.change = change
    return part
