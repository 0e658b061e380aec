"""A product that a change does something with."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.choices import PLACING_ACTIONS, RETIRING_ACTIONS, AffectedAction
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import FROZEN_STATES

# What is stored: that a product gets a revision is said by nothing.
CHOSEN_ACTIONS = [(one.value, one.label) for one in (*sorted(RETIRING_ACTIONS), *sorted(PLACING_ACTIONS))]


class AffectedProduct(TenantRecord):
    """One product in one change, with the revision its redlines were drawn on.

    ``base_revision`` is the released revision, or the revision in work of a product that was never released: then
    implementing releases that one. ``resulting_revision`` is what implementing released. ``no_disposition_reason`` says
    why nothing exists that would have to be used up, reworked or scrapped; empty where nobody has said so.

    ``chosen_action`` is empty where the product gets a revision (``action`` says which way), else one of obsolete, replace,
    add and remove. ``replacement`` is what takes the place of a product that goes out of use. ``effective_from`` is the day
    from which this product's part of the change holds (None: the change's), ``serials`` the units the new revision
    is for (None: all).
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="affected")
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="affected_by")
    base_revision = models.ForeignKey("products.ProductRevision", on_delete=models.PROTECT, related_name="+")
    resulting_revision = models.ForeignKey(
        "products.ProductRevision", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    chosen_action = models.CharField(_("action"), max_length=10, choices=CHOSEN_ACTIONS, blank=True, default="")
    replacement = models.ForeignKey(
        "products.Product", verbose_name=_("replacement"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    serials = models.JSONField(_("serial numbers"), null=True, blank=True, default=None, editable=False)

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

    @property
    def action(self) -> AffectedAction:
        """What the change does with the product."""
        return AffectedAction(self.chosen_action) if self.chosen_action else self.revision_action

    @property
    def revision_action(self) -> AffectedAction:
        """What it is where the product gets a revision: its first one is released, any later one revises it."""
        is_first = self.resulting_revision_id == self.base_revision_id
        revises = self.base_revision.state in FROZEN_STATES and not is_first
        return AffectedAction.REVISE if revises else AffectedAction.RELEASE

    @property
    def gets_revision(self) -> bool:
        """Whether implementing releases a revision of it."""
        return not self.chosen_action

    @property
    def is_retired(self) -> bool:
        """Whether implementing takes it out of use."""
        return self.chosen_action in RETIRING_ACTIONS

    def begins(self, planned: dt.date | None) -> dt.date | None:
        """Return the day from which it holds; ``planned`` is the change's."""
        return self.effective_from or planned
