"""One proposed edit to a bill of materials."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import RedlineOperation
from changes.line_settings import KINDS, settings_read
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.models.bom_line import SMALLEST_QUANTITY
from products.models.fields import quantity_field

# Which values each operation takes, and which of them it needs.
VALUES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    RedlineOperation.ADD: (
        frozenset({"child_id", "quantity", "unit_of_measure", "find_number", "reference_designators", *KINDS}),
        frozenset({"child_id", "quantity"}),
    ),
    RedlineOperation.REMOVE: (frozenset(), frozenset()),
    RedlineOperation.QUANTITY: (frozenset({"quantity"}), frozenset({"quantity"})),
    RedlineOperation.UNIT: (frozenset({"unit_of_measure"}), frozenset({"unit_of_measure"})),
    RedlineOperation.FIND_NUMBER: (frozenset({"find_number"}), frozenset({"find_number"})),
    RedlineOperation.DESIGNATORS: (frozenset({"reference_designators"}), frozenset({"reference_designators"})),
    RedlineOperation.REPLACE: (frozenset({"child_id", "quantity", "unit_of_measure"}), frozenset({"child_id"})),
    RedlineOperation.EFFECTIVITY: (frozenset({"effectivity"}), frozenset({"effectivity"})),
    RedlineOperation.ATTRIBUTES: (frozenset({"attributes"}), frozenset({"attributes"})),
    RedlineOperation.SUBSTITUTES: (frozenset({"substitutes"}), frozenset({"substitutes"})),
}
COLUMNS = ("child_id", "quantity", "unit_of_measure", "find_number", "reference_designators")
VALUE_FIELDS = (*COLUMNS, "settings")  # all that holds new values


class Redline(TenantRecord):
    """One edit on one line of the affected product's base revision; an addition has no line.

    The typed columns hold the new values, None where the operation leaves a value alone. ``settings`` names those of
    which None says something itself (``changes/line_settings.py``): effectivity, attributes, and all substitutes.
    ``before`` keeps what the line said when the redline was last drawn or submitted, so that the picture stays readable
    whatever happens to the line; of effectivity, attributes and substitutes what is not ordinary.

    ``conflicts`` are what rebasing could not decide (``changes/merging.py``): objects with field, key (of an attribute of
    one's own or a substitute), base, theirs and mine, and the number of the change that released theirs. While there are
    any, the change is neither submitted nor released.

    Implementing leaves a redline as it is. An added line has its redline's key; an edited one names the line it
    continues (``BomLine.predecessor_id``).
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="redlines")
    affected = models.ForeignKey("changes.AffectedProduct", on_delete=models.PROTECT, related_name="redlines")
    position = models.PositiveIntegerField(_("position"), default=1, editable=False)
    operation = models.CharField(_("operation"), max_length=20, choices=RedlineOperation)
    line = models.ForeignKey(
        "products.BomLine", null=True, blank=True, on_delete=models.PROTECT, related_name="redlines"
    )
    child = models.ForeignKey(
        "products.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="redlined_in"
    )
    quantity = quantity_field(_("quantity"), null=True, blank=True, validators=[MinValueValidator(SMALLEST_QUANTITY)])
    unit_of_measure = models.CharField(_("unit"), max_length=20, null=True, blank=True)
    find_number = models.PositiveIntegerField(
        _("find number"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    reference_designators = models.JSONField(_("reference designators"), null=True, blank=True)
    settings = models.JSONField(_("effectivity, attributes, substitutes"), null=True, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True, default="")
    before = models.JSONField(_("before"), default=dict, blank=True, editable=False)
    conflicts = models.JSONField(_("conflicts"), default=list, blank=True, editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("redline")
        verbose_name_plural = _("redlines")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "line", "operation"],
                condition=models.Q(is_deleted=False, line__isnull=False),
                name="changes_operation_once_per_line",
            ),
            models.CheckConstraint(
                condition=models.Q(operation=RedlineOperation.ADD, line__isnull=True)
                | (~models.Q(operation=RedlineOperation.ADD) & models.Q(line__isnull=False)),
                name="changes_redline_has_its_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.operation}"

    def new_values(self) -> dict[str, Any]:
        """Return the values this redline sets, by the line's own field names; ``substitutes`` all that it is to have."""
        takes, _needed = VALUES[self.operation]
        values = {name: value for name in COLUMNS if name in takes and (value := getattr(self, name)) is not None}
        return {**values, **settings_read(self.settings, takes)} if self.settings else values
