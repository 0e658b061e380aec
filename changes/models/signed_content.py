"""What was signed, kept word for word."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantScoped


class SignedContent(TenantScoped):
    """The canonical text (``changes/content.py``) that votes with this hash were given to. Written once, never changed:
    what a signature stood for can be read, and checked against its hash, long after the change itself has moved on.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="signed_contents")
    content_hash = models.CharField(_("SHA-256"), max_length=64, editable=False)
    text = models.TextField(_("content"), editable=False)

    class Meta(TenantScoped.Meta):
        verbose_name = _("signed content")
        verbose_name_plural = _("signed contents")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "content_hash"], name="changes_content_signed_once")
        ]

    def __str__(self) -> str:
        return self.content_hash
