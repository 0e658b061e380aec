"""The states of a compliance record, how grave each is, and what may be attached as evidence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ComplianceStatus(models.TextChoices):
    """What a revision was found to be under one regulation."""

    NOT_ASSESSED = "not_assessed", _("Not assessed")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLIANT = "compliant", _("Compliant")
    NON_COMPLIANT = "non_compliant", _("Non-compliant")
    WAIVED = "waived", _("Waived")
    EXPIRED = "expired", _("Expired")


# Where a regulation does not reach; never stored.
NOT_APPLICABLE = "not_applicable"
# The gravest first: a structure is as good as its worst part.
BY_GRAVITY: tuple[str, ...] = (
    ComplianceStatus.NON_COMPLIANT,
    ComplianceStatus.EXPIRED,
    ComplianceStatus.NOT_ASSESSED,
    ComplianceStatus.IN_PROGRESS,
    ComplianceStatus.WAIVED,
    ComplianceStatus.COMPLIANT,
    NOT_APPLICABLE,
)
GRAVITY = {status: place for place, status in enumerate(BY_GRAVITY)}
# What somebody decided, and so must be explained when it is opened again.
DECIDED = frozenset(
    {
        ComplianceStatus.COMPLIANT,
        ComplianceStatus.NON_COMPLIANT,
        ComplianceStatus.WAIVED,
        ComplianceStatus.EXPIRED,
    }
)
# What a date ends.
LAPSING = (ComplianceStatus.COMPLIANT, ComplianceStatus.WAIVED)

EVIDENCE_KINDS = ("pdf", "png", "jpeg", "csv", "text", "xlsx", "docx", "xml", "json")


def status_label(status: str) -> str:
    """Return a status in words, "not applicable" included."""
    return str(_("Not applicable")) if status == NOT_APPLICABLE else str(ComplianceStatus(status).label)


# Every status a reader can meet, the gravest first.
READINGS = [
    *((str(status), ComplianceStatus(status).label) for status in BY_GRAVITY if status != NOT_APPLICABLE),
    (NOT_APPLICABLE, _("Not applicable")),
]

ENDING_WITHIN = 30  # days that the page and the command of expiring evidence look ahead, if nobody says otherwise
