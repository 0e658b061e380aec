"""Tenant and its number sequences."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.core import clock
from plm_project.core.ids import uuid7
from plm_project.tenancy.base import TenantScoped

validate_slug = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$",
    _("Use 1 to 50 lower-case letters, digits and inner hyphens."),
)
validate_currency = RegexValidator(r"^[A-Z]{3}$", _("Use the three-letter code of ISO 4217, such as EUR."))


class Tenant(models.Model):
    """A company on this installation. All amounts of a tenant are in its one currency."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=50, unique=True, validators=[validate_slug])
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, default="EUR", validators=[validate_currency])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    # Since when an access control of the tenant's own is asked about every permission (accounts/second_opinion.py).
    access_control_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class NumberSequence(TenantScoped):
    """The next number of one kind of record (``change`` …) in one tenant. Written by ``numbering`` alone."""

    key = models.CharField(max_length=50)
    next_value = models.PositiveBigIntegerField(default=1)

    class Meta(TenantScoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "key"], name="tenancy_one_sequence_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.next_value}"


class AuditBlock(TenantScoped):
    """One link of the tenant's audit chain (``audit/chain.py``): hashes of history rows, and the hash of the block before.

    ``entries``: for each history model its columns, and the keys and hashes of the rows. Written once, by sealing alone.
    """

    number = models.PositiveBigIntegerField(editable=False)
    previous = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    sealed_at = models.DateTimeField(editable=False)
    rows = models.PositiveIntegerField(editable=False)
    entries = models.JSONField(editable=False)

    class Meta(TenantScoped.Meta):
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="tenancy_one_block_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.hash}"
