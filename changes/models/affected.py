"""A product that a change gives a new revision."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class AffectedProduct(TenantRecord):
    """One product in one change, with the revision its redlines were drawn on.

    ``base_revision`` is the released revision, or the revision in work of a product that was never released: then
    implementing releases that one. ``resulting_revision`` is what implementing released. ``no_disposition_reason`` says
    why nothing exists that would have to be used up, reworked or scrapped; empty where nobody has said so.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="affected")
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="affected_by")
    base_revision = models.ForeignKey("products.ProductRevision", on_delete=models.PROTECT, related_name="+")
    resulting_revision = models.ForeignKey(
        "products.ProductRevision", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    no_disposition_reason = models.TextField(
        _("nothing to dispose of"), max_length=500, blank=True, default="", editable=False
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("affected product")
        verbose_name_plural = _("affected products")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "product"],
                condition=models.Q(is_deleted=False),
                name="changes_product_once_per_change",
            )
        ]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.product_id}"
