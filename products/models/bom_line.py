"""A row of a revision's bill of materials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from plm_project.core.decimals import plain
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import LineType
from products.conditions import LONGEST_CONDITION, condition_parse
from products.effectivity import SerialRange, serial_ranges, serials_meet
from products.models.fields import attributes_fault, quantity_field
from products.units import UNITS

SMALLEST_QUANTITY = Decimal("0.000001")
MAX_DESIGNATORS = 5000
MOST_ATTRITION = 900  # per cent: ten times the quantity is a mistake, not attrition
MAX_DESIGNATOR_LENGTH = 50
COUNTED = "each"  # the unit in which every piece may have a place of its own


class BomLine(TenantRecord):
    """Parent revision, child product, quantity. The child is a product, not a revision: which of its revisions is
    meant follows from date and mode when the structure is asked for, so a child's new revision never forces a new parent.

    The quantity is above 0 and in the child's own unit. The line holds from ``effective_from`` up to, not including,
    ``effective_to``, for the units in ``serials`` (None: all) and for the options that fulfil ``condition``. A find
    number is used once at any date, unit and choice: see ``overlaps``.

    For building N units, ``attrition_percent`` more than N × quantity is taken, ``setup_quantity`` beyond that once an
    order, and the sum is rounded up to a multiple of ``rounding_multiple`` (0: not rounded). The design quantity that
    explosions and roll-ups multiply is ``quantity`` alone.

    ``predecessor_id`` is the line of the former revision that this one was copied from: the same place in the product,
    whatever it says now. None for a line that was added.
    """

    parent_revision = models.ForeignKey("products.ProductRevision", on_delete=models.PROTECT, related_name="lines")
    child = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="used_in")
    quantity = quantity_field(_("quantity"), validators=[MinValueValidator(SMALLEST_QUANTITY)])
    unit_of_measure = models.CharField(_("unit"), max_length=20, default="each")
    find_number = models.PositiveIntegerField(_("find number"), validators=[MinValueValidator(1)])
    reference_designators = models.JSONField(_("reference designators"), default=list, blank=True)
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_to = models.DateField(_("effective to"), null=True, blank=True)
    serials = models.JSONField(_("serial numbers"), null=True, blank=True, default=None)
    condition = models.CharField(_("condition"), max_length=LONGEST_CONDITION, blank=True, default="")
    line_type = models.CharField(_("line type"), max_length=12, choices=LineType.choices, default=LineType.STANDARD)
    is_optional = models.BooleanField(_("optional"), default=False)
    attrition_percent = models.DecimalField(
        _("attrition (%)"),
        max_digits=6,
        decimal_places=3,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(MOST_ATTRITION)],
    )
    setup_quantity = quantity_field(_("set-up quantity"), default=Decimal(0), validators=[MinValueValidator(0)])
    rounding_multiple = quantity_field(_("rounding multiple"), default=Decimal(0), validators=[MinValueValidator(0)])
    notes = models.TextField(_("notes"), max_length=2000, blank=True, default="")
    # No foreign key: it is written once, by who copies the line, and never asked for without its revision.
    predecessor_id = models.UUIDField(_("continues the line"), null=True, blank=True, editable=False)
    custom_attributes = models.JSONField(_("attributes"), default=dict, blank=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("BOM line")
        verbose_name_plural = _("BOM lines")
        ordering: ClassVar = ["find_number", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="products_quantity_above_zero"),
            models.CheckConstraint(
                condition=models.Q(effective_from__isnull=True)
                | models.Q(effective_to__isnull=True)
                | models.Q(effective_to__gt=models.F("effective_from")),
                name="products_line_effectivity_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["parent_revision", "find_number", "id"],
                name="products_lines_of_revision",
                condition=models.Q(is_deleted=False),
            ),
            models.Index(
                fields=["child", "parent_revision"], name="products_uses", condition=models.Q(is_deleted=False)
            ),
            # The conditions in use are read as one short list before a structure is resolved for chosen options.
            models.Index(
                fields=["tenant", "condition"], name="products_conditions", condition=~models.Q(condition="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.find_number}: {self.quantity} × {self.child_id}"

    def clean(self) -> None:
        """Check the rules of one row: known unit, ordered dates and serials, a condition that reads, distinct designators."""
        problems: dict[str, Any] = {}
        if self.unit_of_measure not in UNITS:
            problems["unit_of_measure"] = _("Unknown unit: %(unit)s") % {"unit": self.unit_of_measure}
        if self.effective_from and self.effective_to and self.effective_to <= self.effective_from:
            problems["effective_to"] = _("The end must be after the beginning.")
        if not are_designators(self.reference_designators):
            problems["reference_designators"] = _("Reference designators are a list of distinct words.")
        if fault := attributes_fault(self.custom_attributes):
            problems["custom_attributes"] = fault
        for name, check in (("serials", serial_ranges), ("condition", condition_parse)):
            try:
                check(getattr(self, name))
            except ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ValidationError(problems)

    @property
    def serial_ranges(self) -> tuple[SerialRange, ...]:
        """The units it holds for; empty: all."""
        return serial_ranges(self.serials)

    def overlaps(self, other: BomLine) -> bool:
        """Return whether both lines can hold at once: on a day, for a unit, and not by two different conditions.

        Whether two conditions can be fulfilled together is a question to the whole set of rules; the configuration
        check answers it.
        """
        earliest, latest = dt.date.min, dt.date.max
        same_day = (self.effective_from or earliest) < (other.effective_to or latest) and (
            other.effective_from or earliest
        ) < (self.effective_to or latest)
        two_conditions = bool(self.condition and other.condition and self.condition != other.condition)
        return same_day and not two_conditions and serials_meet(self.serial_ranges, other.serial_ranges)


def are_designators(value: Any) -> bool:
    """Whether a value is a list of at most ``MAX_DESIGNATORS`` distinct words."""
    return (
        isinstance(value, list)
        and len(value) <= MAX_DESIGNATORS
        and all(isinstance(word, str) and 0 < len(word) <= MAX_DESIGNATOR_LENGTH for word in value)
        and len(set(value)) == len(value)
    )


def designators_differ(quantity: Decimal, unit: str, designators: Sequence[str]) -> str:
    """Say that a counted line has more or fewer designators than pieces; an empty string where it is right.

    Lengths, masses and packs have no such rule: one roll of tape may have many places.
    """
    if not designators or unit != COUNTED or quantity == len(designators):
        return ""
    count = ngettext("one designator", "%(count)s designators", len(designators)) % {"count": len(designators)}
    return gettext("%(designators)s, quantity %(quantity)s") % {"designators": count, "quantity": plain(quantity)}
