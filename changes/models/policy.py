"""What a tenant asks of its changes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class ChangePolicy(TenantRecord):
    """One row for each tenant. Without one, nothing more is asked than ever was."""

    dispositions_required = models.BooleanField(
        _("dispositions required"),
        default=False,
        help_text=_(
            "Every affected product that was released before needs a decision on its existing parts before a change "
            "can be submitted and implemented."
        ),
    )

    children_released = models.BooleanField(
        _("parts released first"),
        default=True,
        help_text=_(
            "A change is released when every part of its products is released already, or by the same change."
        ),
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("policy of changes")
        verbose_name_plural = _("policy of changes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant"], name="changes_policy_once_per_tenant")]

    def __str__(self) -> str:
        return str(_("Policy of changes"))
