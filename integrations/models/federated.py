"""A round of federated learning that this tenant took part in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class FederatedRound(TenantRecord):
    """What was fitted here, on how many products, and what all who took part found together. Numbers alone: no record of
    the tenant can be read from them, and none leaves it.
    """

    round_key = models.CharField(_("round"), max_length=100)
    sample_count = models.PositiveIntegerField(_("samples"))
    parameters = models.JSONField(_("own parameters"))
    joint_parameters = models.JSONField(_("joint parameters"), null=True, blank=True, default=None)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("federated round")
        verbose_name_plural = _("federated rounds")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "round_key"], condition=models.Q(is_deleted=False), name="integrations_round_once"
            )
        ]

    def __str__(self) -> str:
        return self.round_key
