"""A product that may be taken in the place of another, wherever that one is used."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.models.partners import LIVE


class Alternate(TenantRecord):
    """``alternate`` may be taken for ``product``, and where ``is_two_way`` also the other way round.

    Each pair stands once, in either direction. The alternate of rank 1 is tried first.
    """

    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="alternates", verbose_name=_("product")
    )
    alternate = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="alternate_of", verbose_name=_("alternate")
    )
    is_two_way = models.BooleanField(_("in both directions"), default=False)
    rank = models.PositiveSmallIntegerField(_("rank"), default=1, validators=[MinValueValidator(1)])
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("alternate")
        verbose_name_plural = _("alternates")
        ordering: ClassVar = ["rank", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "alternate"], condition=LIVE, name="products_alternate_once"),
            models.CheckConstraint(
                condition=~models.Q(product=models.F("alternate")), name="products_alternate_is_another"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["alternate"], name="products_alternate_of", condition=models.Q(is_deleted=False))
        ]

    def __str__(self) -> str:
        return f"{self.product_id} – {self.alternate_id}"

    def clean(self) -> None:
        """Check that it is another product."""
        if self.product_id == self.alternate_id:
            raise ValidationError({"alternate": _("A product is no alternate of itself.")})
