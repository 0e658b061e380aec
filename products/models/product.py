"""The item master."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded
from products.choices import FROZEN_STATES, LIVE_STATES, LifecyclePhase, ProductStatus, ProductType
from products.lifecycle import ProductLifecycle
from products.models.fields import amount_field, attributes_fault, quantity_field
from products.units import UNITS

no_control_characters = RegexValidator(r"^[^\x00-\x1f\x7f]*$", _("Control characters are not allowed."))
MAX_TAGS = 50
MAX_TAG_LENGTH = 50


class Product(Guarded, ProductLifecycle, TenantRecord):
    """One product number in one tenant (SPEC §3). The number stays taken for ever, also after a soft delete.

    ``current_cost`` is the product's own cost: a purchased part's price, an assembly's added cost. What a structure
    costs is a roll-up and stored nowhere. ``revision`` is the label of the released revision, else of the latest one;
    the services keep it. ``lifecycle_phase`` changes through transitions alone.
    """

    product_number = models.CharField(
        _("number"), max_length=50, validators=[MinLengthValidator(3), no_control_characters]
    )
    product_name = models.CharField(
        _("name"), max_length=200, validators=[MinLengthValidator(3), no_control_characters]
    )
    product_description = models.TextField(
        _("description"), blank=True, default="", validators=[MaxLengthValidator(2000)]
    )
    product_type = models.CharField(_("type"), max_length=20, choices=ProductType, default=ProductType.MANUFACTURED)
    lifecycle_phase = FSMField(
        _("lifecycle phase"),
        max_length=20,
        choices=LifecyclePhase.choices,
        default=LifecyclePhase.CONCEPT,
        protected=True,
    )
    revision = models.CharField(_("revision"), max_length=10, default="A", editable=False)
    status = models.CharField(_("status"), max_length=20, choices=ProductStatus, default=ProductStatus.ACTIVE)
    target_cost = amount_field(_("target cost"), default=Decimal(0))
    current_cost = amount_field(_("current cost"), default=Decimal(0))
    mass_kg = quantity_field(_("mass (kg)"), default=Decimal(0), validators=[MinValueValidator(Decimal(0))])
    unit_of_measure = models.CharField(_("unit"), max_length=20, default="each")
    manufacturing_status = models.CharField(_("manufacturing status"), max_length=50, blank=True, default="")
    digital_twin_id = models.CharField(_("digital twin"), max_length=100, blank=True, default="")
    custom_attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces", verbose_name=_("replaced by")
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "product_number"], name="products_number_once_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(target_cost__gte=0) & models.Q(current_cost__gte=0) & models.Q(mass_kg__gte=0),
                name="products_amounts_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="products_newest_first"),
            models.Index(fields=["tenant", "lifecycle_phase"], name="products_by_phase"),
            models.Index(fields=["tenant", "product_type"], name="products_by_type"),
        ]

    def __str__(self) -> str:
        return f"{self.product_number} {self.product_name}"

    def get_absolute_url(self) -> str:
        """The product page."""
        return reverse("products:product-detail", args=[self.pk])

    def clean(self) -> None:
        """Check what no column type can: the unit is known, tags are a list of words, attributes an object."""
        problems: dict[str, Any] = {}
        if self.unit_of_measure not in UNITS:
            problems["unit_of_measure"] = _("Unknown unit: %(unit)s") % {"unit": self.unit_of_measure}
        if fault := attributes_fault(self.custom_attributes):
            problems["custom_attributes"] = fault
        if not _are_tags(self.tags):
            problems["tags"] = _("Tags are a list of at most %(count)s words of up to %(length)s characters.") % {
                "count": MAX_TAGS,
                "length": MAX_TAG_LENGTH,
            }
        if self.replaced_by_id and self.replaced_by_id == self.pk:
            problems["replaced_by"] = _("A product cannot replace itself.")
        if problems:
            raise ValidationError(problems)

    def is_used(self) -> bool:
        """Return whether a live revision of another product has it on a line, as its part or a substitute."""
        parts = self.used_in.filter(parent_revision__state__in=LIVE_STATES)
        others = self.substitute_on.filter(line__is_deleted=False, line__parent_revision__state__in=LIVE_STATES)
        return parts.order_by().values("pk").union(others.order_by().values("pk")).exists()

    def is_released(self) -> bool:
        """Return whether any revision was ever released."""
        return self.revisions.filter(state__in=FROZEN_STATES).exists()


def _are_tags(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_TAGS
        and all(isinstance(tag, str) and len(tag.strip()) > 0 and len(tag) <= MAX_TAG_LENGTH for tag in value)
    )
