"""What a tenant has decided about its products."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import RevisionScheme


class ProductPolicy(TenantRecord):
    """One row for each tenant. Labels that were given stay as they are, whatever the scheme becomes."""

    revision_scheme = models.CharField(
        _("revision scheme"),
        max_length=20,
        choices=RevisionScheme.choices,
        default=RevisionScheme.LETTERS,
        help_text=_("How the next revisions of products and documents are called. Those there are keep their names."),
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("policy of products")
        verbose_name_plural = _("policy of products")
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant"], name="products_policy_once_per_tenant")]

    def __str__(self) -> str:
        return str(_("Policy of products"))
