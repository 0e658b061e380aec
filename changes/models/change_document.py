"""A document that belongs to a change: the report behind it, the drawing it follows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class ChangeDocument(TenantRecord):
    """One document at one change, once. What approvers read is what they vote on, so links rest beyond the draft."""

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="documents")
    document = models.ForeignKey("products.Document", on_delete=models.PROTECT, related_name="changes")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("document of a change")
        verbose_name_plural = _("documents of changes")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "document"],
                condition=models.Q(is_deleted=False),
                name="changes_document_once_per_change",
            )
        ]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.document_id}"
