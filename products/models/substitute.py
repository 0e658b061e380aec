"""A product that may be taken for the part on one BOM line."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.models.bom_line import SMALLEST_QUANTITY, are_designators
from products.models.fields import quantity_field
from products.models.partners import LIVE
from products.units import UNITS


class LineSubstitute(TenantRecord):
    """``product`` may be taken for the part on ``line``, there alone. The substitute of rank 1 is tried first.

    The quantity is above 0, stands for the whole quantity of the line, and is in the substitute's own unit. It counts
    only while its line is live; it rests and is frozen with the line's revision (``products/guards.py``).
    """

    line = models.ForeignKey(
        "products.BomLine", on_delete=models.PROTECT, related_name="substitutes", verbose_name=_("line")
    )
    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="substitute_on", verbose_name=_("part")
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=1, validators=[MinValueValidator(1)])
    quantity = quantity_field(_("quantity"), validators=[MinValueValidator(SMALLEST_QUANTITY)])
    unit_of_measure = models.CharField(_("unit"), max_length=20, default="each")
    reference_designators = models.JSONField(_("reference designators"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        ordering: ClassVar = ["rank", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "product"], condition=LIVE, name="products_substitute_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="products_substitute_quantity_above_zero"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["product", "line"], name="products_substitute_uses", condition=models.Q(is_deleted=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity} × {self.product_id}"

    def clean(self) -> None:
        """Check the rules of one row: a known unit, distinct designators."""
        problems: dict[str, Any] = {}
        if self.unit_of_measure not in UNITS:
            problems["unit_of_measure"] = _("Unknown unit: %(unit)s") % {"unit": self.unit_of_measure}
        if not are_designators(self.reference_designators):
            problems["reference_designators"] = _("Reference designators are a list of distinct words.")
        if problems:
            raise ValidationError(problems)
