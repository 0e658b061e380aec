"""What is to happen to existing parts when a change is released."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import Disposal, Place
from plm_project.core import clock
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.models.fields import amount_field, quantity_field


class Disposition(TenantRecord):
    """What is done with the parts that lie at one place: the old revision of an affected product, or a part that its
    redlines take out. One row for each affected product, part and place.

    ``quantity`` is in the part's unit, None where nobody knows; ``cost`` in the tenant's currency, None where it is not
    known. Part, place, action, quantity, cost and note are part of what approvers sign (``changes/content.py``) and rest
    beyond the draft; ``owner`` and ``due_on`` say who does it until when, and may change until the change is closed.
    What was really done stands in ``completed_at`` and the fields after it, once the change is implemented.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="dispositions")
    affected = models.ForeignKey("changes.AffectedProduct", on_delete=models.PROTECT, related_name="dispositions")
    product = models.ForeignKey(
        "products.Product", verbose_name=_("part"), on_delete=models.PROTECT, related_name="dispositions"
    )
    place = models.CharField(_("place"), max_length=20, choices=Place)
    action = models.CharField(_("what happens"), max_length=20, choices=Disposal)
    quantity = quantity_field(_("quantity"), null=True, blank=True, validators=[MinValueValidator(0)])
    cost = amount_field(_("cost"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True, editable=False)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    quantity_done = quantity_field(
        _("quantity done"), null=True, blank=True, validators=[MinValueValidator(0)], editable=False
    )
    cost_done = amount_field(_("cost incurred"), null=True, blank=True, editable=False)
    completion_note = models.TextField(_("what was done"), max_length=2000, blank=True, default="", editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("disposition")
        verbose_name_plural = _("dispositions")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["affected", "product", "place"],
                condition=models.Q(is_deleted=False),
                name="changes_disposed_once_per_place",
            ),
            models.CheckConstraint(
                condition=(models.Q(quantity=None) | models.Q(quantity__gte=0))
                & (models.Q(cost=None) | models.Q(cost__gte=0)),
                name="changes_disposition_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "owner", "completed_at", "due_on"], name="changes_dispositions_due")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.place}"

    @property
    def is_done(self) -> bool:
        """Whether somebody has said that it is done."""
        return self.completed_at is not None

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed and it is not done."""
        return self.completed_at is None and self.due_on is not None and self.due_on < clock.today()

    @property
    def label(self) -> str:
        """What people call it: the part and the place."""
        return f"{self.product.product_number} ({self.get_place_display()})"
