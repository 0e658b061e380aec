"""A resolved structure as it was: named, frozen, with a checksum over all it says."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory
from products.choices import ResolutionMode, Rule
from products.models.fields import amount_field, quantity_field
from products.models.product import no_control_characters

CHECKSUM_LENGTH = 64
DIGEST_LENGTH = 32


class Baseline(TenantRecord):
    """The structure below one product, frozen with the question it was resolved by (revision, date, mode, unit, choices).

    Nothing of it changes any more: there is no service for it, and triggers in the database refuse it
    (``products/baseline_guards.py``). A baseline taken by mistake is withdrawn: it stays readable, says so and why, and
    keeps its name for ever. ``checksum`` is the SHA-256 of the canonical text (``products/baseline_text.py``).
    """

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="baselines")
    name = models.CharField(_("name"), max_length=100, validators=[no_control_characters])
    note = models.TextField(_("note"), max_length=2000, blank=True, default="")
    revision = models.ForeignKey("products.ProductRevision", on_delete=models.PROTECT, related_name="baselines")
    revision_label = models.CharField(_("revision"), max_length=10)
    mode = models.CharField(_("mode"), max_length=10, choices=ResolutionMode.choices)
    as_of = models.DateField(_("as of"))
    serial = models.BigIntegerField(_("serial number"), null=True, blank=True)
    end_item = models.ForeignKey(
        "products.Product",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("end item"),
    )
    # None: the structure of all options.
    choices = models.JSONField(_("choices"), null=True, blank=True, default=None)
    with_optional = models.BooleanField(_("with optional lines"), default=False)
    product_count = models.PositiveIntegerField(_("products"), help_text=_("Distinct products below."))
    line_count = models.PositiveIntegerField(_("lines"))
    depth = models.PositiveIntegerField(_("levels"))
    checksum = models.CharField(_("checksum"), max_length=CHECKSUM_LENGTH)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    withdrawn_reason = models.CharField(_("why withdrawn"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "name"], name="products_baseline_name_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="products_baselines_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.product.product_number} {self.name}"

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("products:baseline", args=[self.pk])

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken by mistake, and nobody should build by it."""
        return self.withdrawn_at is not None


class BaselineItem(TenantScoped):
    """One product of a baseline as it was then. ``place`` counts from the root, which is 0; lines name places.

    ``rule`` and ``reason`` say why its revision was taken; ``digest`` begins the SHA-256 of its line of canonical text.
    """

    baseline = models.ForeignKey(Baseline, on_delete=models.PROTECT, related_name="items", db_index=False)
    place = models.PositiveIntegerField()
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.ForeignKey(
        "products.ProductRevision", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revision_label = models.CharField(max_length=10, blank=True, default="")
    state = models.CharField(max_length=20, blank=True, default="")
    product_number = models.CharField(max_length=50)
    product_name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    product_type = models.CharField(max_length=20)
    unit_of_measure = models.CharField(max_length=20)
    current_cost = amount_field(_("cost"))
    mass_kg = quantity_field(_("mass"))
    rule = models.CharField(max_length=20, choices=Rule.choices)
    reason = models.TextField()
    digest = models.CharField(max_length=DIGEST_LENGTH)

    class Meta(TenantScoped.Meta):
        verbose_name = _("product of a baseline")
        verbose_name_plural = _("products of baselines")
        ordering: ClassVar = ["baseline", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["baseline", "place"], name="products_baseline_place_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "baseline"], name="products_baselines_of_product"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.product_number}"


class BaselineLine(TenantScoped):
    """One BOM line of a baseline as it was then, from the item at ``parent_place`` to the one at ``child_place``.

    ``position`` counts the lines of the baseline by parent, find number and id. ``origin`` is the line it was taken
    from: no foreign key, for this says what was. ``designators``, ``limits`` (``reasons.limits_of``), ``attributes`` and
    ``substitutes`` (``selectors/substitutes.py``) are JSON texts as they go into the canonical text, empty where there is
    nothing to say; ``rule`` and ``reason`` say why the line was in.
    """

    baseline = models.ForeignKey(Baseline, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    parent_place = models.PositiveIntegerField()
    child_place = models.PositiveIntegerField()
    origin = models.UUIDField()
    find_number = models.PositiveIntegerField()
    quantity = quantity_field(_("quantity"))
    unit_of_measure = models.CharField(max_length=20)
    designators = models.TextField(default="[]")
    limits = models.TextField(blank=True, default="")
    attrition_percent = models.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0))
    setup_quantity = quantity_field(_("set-up quantity"), default=Decimal(0))
    rounding_multiple = quantity_field(_("rounding multiple"), default=Decimal(0))
    notes = models.TextField(blank=True, default="")
    attributes = models.TextField(blank=True, default="")
    substitutes = models.TextField(blank=True, default="")
    rule = models.CharField(max_length=20, choices=Rule.choices)
    reason = models.TextField()
    digest = models.CharField(max_length=DIGEST_LENGTH)

    class Meta(TenantScoped.Meta):
        verbose_name = _("line of a baseline")
        verbose_name_plural = _("lines of baselines")
        ordering: ClassVar = ["baseline", "parent_place", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["baseline", "parent_place", "position"], name="products_baseline_position_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.find_number}"
