"""That a submission took the fast track, and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantScoped


class FastTrack(TenantScoped):
    """One round of a change that went the fast track (ADR 0029). Written once, with its round: a later edit of the policy
    leaves what was submitted as it is, as with ``ApprovalRequirement``.

    ``conditions`` are those of the policy that held, as kept; they have to hold still when the change is approved and
    released. ``why`` is in the language of who submitted. ``left_out``: the rules that were not asked, each with
    ``code``, ``name`` and ``why`` it would have applied.
    """

    change = models.ForeignKey("changes.EngineeringChange", on_delete=models.PROTECT, related_name="fast_tracks")
    round = models.PositiveIntegerField(_("round"))
    conditions = models.JSONField(_("conditions"), default=list)
    why = models.TextField(_("why"))
    left_out = models.JSONField(_("rules left out"), default=list)

    class Meta(TenantScoped.Meta):
        verbose_name = _("fast track")
        verbose_name_plural = _("fast tracks")
        ordering: ClassVar = ["-round", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "round"], name="changes_fast_track_once_per_round")
        ]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.round}"
