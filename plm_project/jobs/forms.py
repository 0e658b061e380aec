"""What a list of jobs is narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plm_project.jobs.choices import JobState


class JobFilterForm(forms.Form):
    """States and, for who manages jobs, whose."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *JobState.choices])
    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("Everybody's")), ("mine", _("Mine"))])

    def __init__(self, data: Any, *, manages: bool) -> None:
        super().__init__(data)
        if not manages:
            del self.fields["whose"]

    def wanted(self) -> dict[str, Any]:
        """Return the selector's arguments; what makes no sense narrows nothing."""
        self.is_valid()
        state = self.cleaned_data.get("state", "")
        return {"states": [state] if state else [], "mine": self.cleaned_data.get("whose") == "mine"}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        wanted = self.wanted()
        return bool(wanted["states"] or wanted["mine"])
