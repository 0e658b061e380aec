"""The controlled record: a drawing, a model, a specification, a certificate."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import DocumentType
from products.models.product import no_control_characters


class Document(TenantRecord):
    """One document number in one tenant, for ever, also after a soft delete. Files hang on its revisions' versions.

    ``checked_out_by`` holds the document: while it is set nobody else checks a file in. It changes by one conditional
    UPDATE (``services/document_files.py``), so of two people who take it at once one is refused.
    """

    document_number = models.CharField(
        _("number"), max_length=50, validators=[MinLengthValidator(3), no_control_characters]
    )
    title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3), no_control_characters])
    document_type = models.CharField(_("type"), max_length=20, choices=DocumentType, default=DocumentType.DRAWING)
    description = models.TextField(_("description"), blank=True, default="", validators=[MaxLengthValidator(2000)])
    checked_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("checked out by"),
    )
    checked_out_at = models.DateTimeField(_("checked out"), null=True, blank=True, editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "document_number"], name="products_document_number_once"),
            models.CheckConstraint(
                condition=models.Q(checked_out_by__isnull=True, checked_out_at__isnull=True)
                | models.Q(checked_out_by__isnull=False, checked_out_at__isnull=False),
                name="products_check_out_who_and_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="products_documents_newest"),
            models.Index(fields=["tenant", "document_type"], name="products_documents_by_type"),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.title}"

    def get_absolute_url(self) -> str:
        """The document page."""
        return reverse("products:document-detail", args=[self.pk])
