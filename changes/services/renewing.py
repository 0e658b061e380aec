"""Votes given to a content that is not there any more: taken back, and their people asked again.

A vote on another content than the change has now does not count in any case (``changes/content.py``); this puts it before
whoever cast it. What they signed stays in the history and in ``signed_contents``.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from changes.choices import ChangeStatus, Decision
from changes.content import void_votes
from changes.models import AffectedProduct, Approval, ChangeDocument, EngineeringChange
from changes.services.locked import change_locked
from changes.services.rounds import round_advance
from plm_project.core import clock
from plm_project.core.actor import Actor
from products.choices import EDITABLE_STATES
from products.models import BomLine, DocumentVersion


def votes_take_back(
    actor: Actor, change: EngineeringChange, votes: Sequence[Approval], *, reason: str, why: str
) -> None:
    """Ask for these votes again. The caller holds the lock of the change. Publishes approvals_asked."""
    for vote in votes:
        vote.decision, vote.comment, vote.decided_at = Decision.PENDING, "", None
        vote.signed_name = vote.meaning = vote.content_hash = ""
        vote.decided_by = vote.delegation = None
        vote.renewed_at = clock.now()
        vote.save_as(actor, reason=reason)
    round_advance(actor, change, why=why, again=[vote.pk for vote in votes])


@transaction.atomic
def votes_renew(*, actor: Actor, change_id: uuid.UUID) -> list[Approval]:
    """Take back what was given to an earlier content of a submitted change, and ask again. Returns those votes; none the
    second time.
    """
    change = change_locked(change_id)
    if change.status != ChangeStatus.SUBMITTED:
        return []
    void = void_votes(change)
    if void:
        votes_take_back(actor, change, void, reason=_("the content has changed since it was signed"), why="edited")
    return void


def votes_renew_for_product(*, actor: Actor, product_id: uuid.UUID) -> None:
    """Look at the submitted changes that release a revision of the product which is still in work: its lines were edited."""
    rows = AffectedProduct.objects.filter(
        product_id=product_id,
        base_revision__state__in=EDITABLE_STATES,
        change__status=ChangeStatus.SUBMITTED,
        change__is_deleted=False,
    )
    for change_id in list(rows.order_by("change_id").values_list("change_id", flat=True).distinct()):
        votes_renew(actor=actor, change_id=change_id)


def votes_renew_all(*, actor: Actor) -> int:
    """Look at every submitted change with a line or a file that is younger than a vote; return how many votes were taken
    back. One query where there is none. By the schedule, for what no event tells of, such as a document's new file.
    """
    return sum(len(votes_renew(actor=actor, change_id=key)) for key in list(_younger().values_list("pk", flat=True)))


def _younger() -> QuerySet[EngineeringChange]:
    signed = Approval.objects.filter(change_id=OuterRef("pk"), round=OuterRef("round")).exclude(content_hash="")
    changes = EngineeringChange.objects.filter(status=ChangeStatus.SUBMITTED)
    changes = changes.annotate(signed=signed.order_by("decided_at").values("decided_at")[:1]).exclude(signed=None)
    bases = AffectedProduct.objects.filter(
        change_id=OuterRef(OuterRef("pk")), base_revision__state__in=EDITABLE_STATES
    )
    documents = ChangeDocument.objects.filter(change_id=OuterRef(OuterRef("pk")))
    lines = BomLine.all_objects.filter(
        parent_revision_id__in=bases.values("base_revision_id"), updated_at__gt=OuterRef("signed")
    )
    files = DocumentVersion.objects.filter(
        revision__document_id__in=documents.values("document_id"), created_at__gt=OuterRef("signed")
    )
    return changes.filter(Q(Exists(lines)) | Q(Exists(files))).order_by(F("pk"))
