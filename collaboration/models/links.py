"""What a session is about: products and changes. A linked record is not deleted under the session, nor the reverse."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class SessionProduct(TenantRecord):
    """A product that a session is about."""

    session = models.ForeignKey(
        "collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="product_links"
    )
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="session_links")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("linked product")
        verbose_name_plural = _("linked products")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "product"],
                condition=models.Q(is_deleted=False),
                name="collab_product_once_per_session",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.product_id}"


class SessionChange(TenantRecord):
    """An engineering change that a session is about."""

    session = models.ForeignKey(
        "collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="change_links"
    )
    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="session_links")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("linked change")
        verbose_name_plural = _("linked changes")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "change"],
                condition=models.Q(is_deleted=False),
                name="collab_change_once_per_session",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.change_id}"
