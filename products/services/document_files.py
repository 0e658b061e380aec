"""Check-out and check-in: one person at a time works on a document's file, and no file is ever overwritten."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.file_kinds import FileKind, file_kind, plain_name
from plm_project.core.file_store import StoredFile, Upload, file_keep, file_receive
from products import permissions
from products.cad.checks import model_fault
from products.exceptions import CheckedOut
from products.models import Document, DocumentRevision, DocumentVersion
from products.models.document_version import MODEL_KINDS
from products.services.document_locks import document_locked, revision_in_work
from products.services.model_preparation import preparation_begin

KINDS_TAKEN = (
    "pdf", "step", "stl", "3mf", "glb", "gltf", "dxf", "dwg", "png", "jpeg", "xlsx", "docx", "xml", "json", "csv",
    "text", "zip",
)  # fmt: skip
HOLD_FIELDS = ("checked_out_by", "checked_out_at")


@dataclass(frozen=True)
class AcceptedFile:
    """A file that is stored and may become a version."""

    stored: StoredFile
    kind: FileKind
    name: str


def file_accept(actor: Actor, upload: Upload, name: str) -> AcceptedFile:
    """Read, judge and store an upload; raise ValidationFailed for ``file`` when it is not what its name says."""
    with ExitStack() as closing:
        stored, content = file_receive(upload, limit=settings.DOCUMENT_MAX_BYTES)
        closing.enter_context(content)
        kind = file_kind(stored.head, name, KINDS_TAKEN)
        if kind.code in MODEL_KINDS and (fault := _fault_of(kind, content, stored)):
            raise ValidationFailed.field("file", fault)
        file_keep(actor.tenant_id, stored, content)
    return AcceptedFile(stored, kind, plain_name(name))


def _fault_of(kind: FileKind, content: IO[bytes], stored: StoredFile) -> str:
    content.seek(0)
    return model_fault(kind.code, content, stored.size)


def version_add(actor: Actor, revision: DocumentRevision, accepted: AcceptedFile, comment: str) -> DocumentVersion:
    """Make the next version of a revision whose document the caller has locked or just made."""
    if len(comment) > 500:
        raise ValidationFailed.field("comment", _("At most %(limit)d characters are kept.") % {"limit": 500})
    highest = DocumentVersion.all_objects.filter(revision=revision).aggregate(n=Max("number"))["n"] or 0
    version = DocumentVersion(
        tenant_id=actor.tenant_id,
        revision=revision,
        number=highest + 1,
        file_sha256=accepted.stored.sha256,
        file_name=accepted.name,
        file_size=accepted.stored.size,
        file_kind=accepted.kind.code,
        comment=comment,
    )
    version.save_as(actor, reason=comment or _("version %(number)d") % {"number": version.number})
    if version.is_model:
        preparation_begin(version)
    return version


@transaction.atomic
def document_check_out(*, actor: Actor, document_id: uuid.UUID) -> Document:
    """Take a document to work on it: one conditional write, so that of two people at once one is refused.

    Raises CheckedOut with who holds it and since when (also for one's own second time), DocumentFrozen when no
    revision is in work, ValidationFailed for an actor that is no person.
    """
    actor.require(permissions.DOCUMENTS_UPDATE)
    if actor.user_id is None:
        raise ValidationFailed(_("Only a person can check a document out."))
    taken = Document.objects.filter(pk=document_id, checked_out_by__isnull=True).update(
        checked_out_by_id=actor.user_id, checked_out_at=clock.now()
    )
    document = document_locked(document_id)
    if not taken:
        raise _held(document)
    revision_in_work(document)
    return document.save_as(actor, reason=_("checked out"), update_fields=HOLD_FIELDS)


@transaction.atomic
def document_check_in(
    *, actor: Actor, document_id: uuid.UUID, upload: Upload, file_name: str, comment: str = "", keep: bool = False
) -> DocumentVersion:
    """Make the next version and free the document (``keep``: hold it on). Only the holder can.

    Raises ValidationFailed for a file that is empty, too large or not what its name says, Conflict for a document that
    is not checked out by the actor.
    """
    actor.require(permissions.DOCUMENTS_UPDATE)
    _require_holder(_found(document_id), actor)  # before a large file is read
    accepted = file_accept(actor, upload, file_name)
    document = document_locked(document_id)
    _require_holder(document, actor)
    version = version_add(actor, revision_in_work(document), accepted, comment)
    if keep:
        document.save_as(actor, reason=_("checked in, held on"), update_fields=[])
    else:
        _free(actor, document, _("checked in"))
    return version


@transaction.atomic
def document_undo_check_out(*, actor: Actor, document_id: uuid.UUID) -> Document:
    """Give one's own check-out back without a new version."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    document = document_locked(document_id)
    _require_holder(document, actor)
    return _free(actor, document, _("check-out undone"))


@transaction.atomic
def document_break_check_out(*, actor: Actor, document_id: uuid.UUID, reason: str) -> Document:
    """End somebody's check-out, with a reason. What they changed in their own copy is not known here."""
    actor.require(permissions.DOCUMENTS_MANAGE)
    document = document_locked(document_id)
    if document.checked_out_by_id is None:
        raise Conflict(_("%(number)s is not checked out.") % {"number": document.document_number})
    if not reason.strip():
        raise ValidationFailed.field("reason", _("Give a reason."))
    return _free(
        actor,
        document,
        _("check-out of %(holder)s broken: %(reason)s") % {"holder": document.checked_out_by, "reason": reason},
    )


def _free(actor: Actor, document: Document, reason: str) -> Document:
    document.checked_out_by = document.checked_out_at = None
    return document.save_as(actor, reason=reason, update_fields=HOLD_FIELDS)


def _found(document_id: uuid.UUID) -> Document:
    document = Document.objects.select_related("checked_out_by").filter(pk=document_id).first()
    if document is None:
        raise NotFound(_("There is no such document."))
    return document


def _require_holder(document: Document, actor: Actor) -> None:
    if document.checked_out_by_id is None:
        raise Conflict(_("Check %(number)s out first.") % {"number": document.document_number})
    if document.checked_out_by_id != actor.user_id:
        raise _held(document)


def _held(document: Document) -> CheckedOut:
    since = timezone.localtime(document.checked_out_at)
    return CheckedOut(
        document.document_number, str(document.checked_out_by), formats.date_format(since, "SHORT_DATETIME_FORMAT")
    )
