"""The answer that sends a file of evidence."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from compliance.models import Evidence
from plm_project.core.downloads import file_response
from plm_project.core.file_kinds import KINDS
from plm_project.core.file_store import file_open


def evidence_response(request: HttpRequest, evidence: Evidence) -> HttpResponseBase:
    """Return the content as an attachment. The caller has found the row inside the scope and checked who may."""
    return file_response(
        request,
        file_open(evidence.tenant_id, evidence.sha256),
        filename=evidence.file_name,
        media_type=KINDS[evidence.kind].media_type,
        size=evidence.size,
    )
