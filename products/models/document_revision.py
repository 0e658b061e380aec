"""The unit of release of a document."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded
from products.choices import FROZEN_STATES, RevisionState
from products.document_lifecycle import DocumentLifecycle


class DocumentRevision(Guarded, DocumentLifecycle, TenantRecord):
    """A, B, … of one document. Its versions are the files as they were checked in. Once released it never changes:
    the services refuse it, and so do triggers in the database (``products/document_guards.py``)."""

    document = models.ForeignKey("products.Document", on_delete=models.PROTECT, related_name="revisions")
    sequence = models.PositiveIntegerField(_("count"), default=1, editable=False)
    label = models.CharField(_("revision"), max_length=10, default="A", editable=False)
    state = FSMField(
        _("state"), max_length=20, choices=RevisionState.choices, default=RevisionState.IN_WORK, protected=True
    )
    description = models.TextField(_("what changed"), max_length=2000, blank=True, default="")
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("document revision")
        verbose_name_plural = _("document revisions")
        ordering: ClassVar = ["document", "-sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "sequence"], name="products_docrev_counted_once"),
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state=RevisionState.RELEASED, is_deleted=False),
                name="products_one_released_docrev",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state__in=[RevisionState.IN_WORK, RevisionState.IN_REVIEW], is_deleted=False),
                name="products_one_open_docrev",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.document_number} {self.label}"

    @property
    def is_frozen(self) -> bool:
        """Whether it was released, so that it never changes again."""
        return self.state in FROZEN_STATES
