"""Refusals with a name of their own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict


class RegulationInUse(Conflict):
    """A regulation under which something was assessed stays: its findings would lose their ground."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("Revisions were assessed under %(code)s. Give it an end date instead of deleting it.") % {"code": code}
        )


class EvidenceKept(Conflict):
    """What a decision stands on is not taken away while the decision stands."""

    def __init__(self) -> None:
        super().__init__(
            _("The record is decided, and this is part of what it stands on. Reopen the assessment first.")
        )
