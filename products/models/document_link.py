"""Which product a document belongs to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class DocumentLink(TenantRecord):
    """A document belongs to a product, or to one revision of it where ``product_revision`` is given."""

    document = models.ForeignKey("products.Document", on_delete=models.PROTECT, related_name="links")
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="document_links")
    product_revision = models.ForeignKey(
        "products.ProductRevision", null=True, blank=True, on_delete=models.PROTECT, related_name="document_links"
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("document link")
        verbose_name_plural = _("document links")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "product", "product_revision"],
                condition=models.Q(is_deleted=False),
                nulls_distinct=False,
                name="products_document_linked_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["product"], name="products_documents_of_product", condition=models.Q(is_deleted=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} – {self.product_id}"
