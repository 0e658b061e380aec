"""The unit of release."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded
from products.choices import EDITABLE_STATES, FROZEN_STATES, RevisionState
from products.effectivity import serial_ranges
from products.lifecycle import RevisionLifecycle


class ProductRevision(Guarded, RevisionLifecycle, TenantRecord):
    """A, B, … of one product. Its BOM lines hang on it. Once released its content never changes: the services refuse
    it, and so do triggers in the database (``products/guards.py``).

    It is effective from ``effective_from`` up to, not including, ``effective_to`` (either end may be open), for the units
    in ``serials`` (None: all). Of several released revisions that hold at once, the latest is meant.
    """

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="revisions")
    sequence = models.PositiveIntegerField(_("count"), default=1, editable=False)
    label = models.CharField(_("revision"), max_length=10, default="A", editable=False)
    state = FSMField(
        _("state"), max_length=20, choices=RevisionState.choices, default=RevisionState.IN_WORK, protected=True
    )
    description = models.TextField(_("what changed"), max_length=2000, blank=True, default="")
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_to = models.DateField(_("effective to"), null=True, blank=True)
    serials = models.JSONField(_("serial numbers"), null=True, blank=True, default=None)
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering: ClassVar = ["product", "-sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "sequence"], name="products_revision_counted_once"),
            models.UniqueConstraint(fields=["product", "label"], name="products_revision_label_once"),
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(state=RevisionState.RELEASED, is_deleted=False),
                name="products_one_released_revision",
            ),
            models.CheckConstraint(
                condition=models.Q(effective_from__isnull=True)
                | models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gte=models.F("effective_from")),
                name="products_revision_effectivity_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.product_number} {self.label}"

    def clean(self) -> None:
        """Check the serial numbers' form."""
        try:
            serial_ranges(self.serials)
        except ValidationError as error:
            raise ValidationError({"serials": error.messages}) from error

    @property
    def is_editable(self) -> bool:
        """Whether its lines may be edited in place."""
        return self.state in EDITABLE_STATES

    @property
    def is_frozen(self) -> bool:
        """Whether it was released, so that its content never changes again."""
        return self.state in FROZEN_STATES
