"""Who makes parts and who sells them."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.models.product import no_control_characters

LIVE = models.Q(is_deleted=False)


class Partner(TenantRecord):
    """A company outside: a short code and a name, each used once among the tenant's live records, whatever the case.

    Inactive ones stay on record, but nothing is bought of or through them.
    """

    code = models.CharField(_("code"), max_length=20, validators=[MinLengthValidator(2), no_control_characters])
    name = models.CharField(_("name"), max_length=200, validators=[MinLengthValidator(2), no_control_characters])
    website = models.URLField(_("website"), max_length=500, blank=True, default="")
    contact = models.TextField(_("contact"), max_length=2000, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta(TenantRecord.Meta):
        abstract = True
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("tenant", Lower("code"), condition=LIVE, name="products_%(class)s_code_once"),
            models.UniqueConstraint("tenant", Lower("name"), condition=LIVE, name="products_%(class)s_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Manufacturer(Partner):
    """Who makes a part."""

    history = TenantHistory()

    class Meta(Partner.Meta):
        abstract = False
        verbose_name = _("manufacturer")
        verbose_name_plural = _("manufacturers")


class Supplier(Partner):
    """Who sells a part: a distributor, a workshop, or the manufacturer itself."""

    history = TenantHistory()

    class Meta(Partner.Meta):
        abstract = False
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
