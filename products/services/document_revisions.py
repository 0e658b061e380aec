"""Revisions of documents: start the next one, review, release, supersede, withdraw from use."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.tenancy.states import step
from products import permissions
from products.choices import RevisionState
from products.models import DocumentRevision
from products.revision_labels import label_after
from products.selectors.policy import revision_scheme
from products.services.document_locks import document_locked, document_revision_locked
from products.services.inputs import clean


@transaction.atomic
def document_revise(*, actor: Actor, document_id: uuid.UUID, description: str = "") -> DocumentRevision:
    """Start the next revision, in work and without a file. Raises Conflict when one is in work or in review already."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    document = document_locked(document_id)
    rows = list(DocumentRevision.all_objects.filter(document=document).order_by("-sequence"))
    for row in rows:
        if row.state in (RevisionState.IN_WORK, RevisionState.IN_REVIEW):
            raise Conflict(
                _("Revision %(label)s of %(number)s is in work already.")
                % {"label": row.label, "number": document.document_number}
            )
    revision = DocumentRevision(
        tenant_id=actor.tenant_id,
        document=document,
        sequence=(rows[0].sequence if rows else 0) + 1,
        label=label_after([row.label for row in rows], rows[0].label if rows else "", revision_scheme()),
        description=description,
    )
    clean(revision, exclude=("document",))
    return revision.save_as(actor, reason=_("revision %(label)s started") % {"label": revision.label})


@transaction.atomic
def document_revision_move(
    *, actor: Actor, revision_id: uuid.UUID, to: str, reason: str = "", expected_version: int | None = None
) -> DocumentRevision:
    """Submit (in_review), return (in_work), release (released) or withdraw (obsolete) a revision.

    Releasing freezes it for ever and supersedes the one released before. Raises PermissionDenied, Conflict with the
    reason when there is no way now, ValidationFailed when a reason is missing.
    """
    actor.require(permissions.DOCUMENTS_READ)
    if to not in RevisionState.values:
        raise ValidationFailed.field("to", _("Unknown state: %(state)s") % {"state": to})
    if to == RevisionState.SUPERSEDED:
        raise Conflict(_("A revision is superseded by the release of the next one."))
    revision = document_revision_locked(revision_id)
    revision.expect_version(expected_version)
    revision.transition_reason = reason
    previous = None
    if to == RevisionState.RELEASED and actor.may(permissions.DOCUMENTS_RELEASE):
        previous = revision.document.revisions.filter(state=RevisionState.RELEASED).exclude(pk=revision.pk).first()
        if previous is not None:
            step(previous, "state", RevisionState.SUPERSEDED, actor)
            previous.save_as(actor, reason=_("superseded by %(label)s") % {"label": revision.label})
    step(revision, "state", to, actor)
    if to == RevisionState.RELEASED:
        revision.released_at, revision.released_by_id = clock.now(), actor.user_id
    return revision.save_as(actor, reason=reason or str(revision.get_state_display()))
