"""Where a product is sold."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.market_codes import are_markets
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class ProductMarkets(TenantRecord):
    """The markets one product is sold in. A product without such a record counts as sold everywhere."""

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="sold_in")
    markets = models.JSONField(_("markets"), default=list)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("markets of a product")
        verbose_name_plural = _("markets of products")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(is_deleted=False),
                name="compliance_markets_once_per_product",
            )
        ]

    def __str__(self) -> str:
        return f"{self.product.product_number}: {', '.join(self.markets)}"

    def clean(self) -> None:
        """Check the codes."""
        if not self.markets or not are_markets(self.markets):
            raise ValidationError({"markets": _("Markets are a list of two-letter country codes, or EU.")})
