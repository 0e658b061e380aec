"""Which rounds of a change took the fast track, to look at: it was decided by the policy when they were submitted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.models import FastTrack
from plm_project.tenancy.admin import ReadOnlyInline


class FastTrackInline(ReadOnlyInline):
    """One row for each round that did."""

    model = FastTrack
    fk_name = "change"
    needs: ClassVar = {"view": permissions.CHANGES_READ}
    fields = ("round", "why", "not_asked")
    readonly_fields = fields

    @admin.display(description=_("rules left out"))
    def not_asked(self, obj: Any) -> str:
        """The rules that would have named approvers."""
        return ", ".join(rule["name"] for rule in obj.left_out) or "–"
