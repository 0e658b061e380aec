"""Evidence: attach and remove. Content is stored once a tenant and never overwritten."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import EVIDENCE_KINDS, ComplianceStatus
from compliance.exceptions import EvidenceKept
from compliance.models import ComplianceRecord, Evidence
from compliance.services.locked import record_locked
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.core.file_kinds import file_kind, plain_name
from plm_project.core.file_store import Upload, file_keep, file_receive
from products.services.inputs import clean


@transaction.atomic
def evidence_add(
    *,
    actor: Actor,
    record_id: uuid.UUID,
    upload: Upload,
    file_name: str,
    title: str,
    issuer: str = "",
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> Evidence:
    """Attach a file to a record: PDF, PNG, JPEG, CSV, text, XLSX, DOCX, XML or JSON, up to the setting's limit.

    What is checked comes first; then the content is stored, and only then the row. The status does not change: that is
    a person's decision. Raises NotFound, and ValidationFailed by field for a file that is empty, too large, of another
    kind or not what its name says.
    """
    actor.require(permissions.COMPLIANCE_ASSESS)
    record = record_locked(actor, record_id)
    evidence = Evidence(
        tenant_id=actor.tenant_id,
        record=record,
        title=title.strip(),
        issuer=issuer.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    clean(evidence, exclude=("record", "file_name", "kind", "sha256", "size"))
    stored, content = file_receive(upload, limit=settings.COMPLIANCE_EVIDENCE_LIMIT)
    with content:
        kind = file_kind(stored.head, file_name, EVIDENCE_KINDS)
        evidence.file_name, evidence.kind = plain_name(file_name), kind.code
        evidence.sha256, evidence.size = stored.sha256, stored.size
        file_keep(actor.tenant_id, stored, content)
    evidence.save_as(actor, reason=_("attached"))
    _note(actor, record, _("evidence attached: %s") % evidence.title)
    return evidence


@transaction.atomic
def evidence_remove(
    *, actor: Actor, evidence_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> Evidence:
    """Take evidence out of sight, with a reason; its content stays stored. Raises ValidationFailed without a reason,
    EvidenceKept when the record says compliant without a reason of its own and this is the last valid evidence.
    """
    actor.require(permissions.COMPLIANCE_ASSESS)
    record_id = Evidence.objects.filter(pk=evidence_id).values_list("record_id", flat=True).first()
    if record_id is None:
        raise NotFound(_("There is no such evidence."))
    if not reason.strip():
        raise ValidationFailed.field("reason", _("Give a reason."))
    record = record_locked(actor, record_id)
    evidence = Evidence.objects.select_for_update().filter(pk=evidence_id).first()
    if evidence is None:  # gone while we waited for the lock
        raise NotFound(_("There is no such evidence."))
    evidence.expect_version(expected_version)
    others = record.valid_evidence(clock.today()).exclude(pk=evidence.pk)
    if record.status_now == ComplianceStatus.COMPLIANT and not record.reason and not others.exists():
        raise EvidenceKept
    evidence.soft_delete_as(actor, reason=reason)
    _note(actor, record, _("evidence removed: %s") % evidence.title)
    return evidence


def _note(actor: Actor, record: ComplianceRecord, reason: str) -> None:
    """Count the record's version up: what hangs on it is part of what its ETag stands for."""
    record.save_as(actor, reason=reason, update_fields=[])
