"""Revisions: the next one, and the steps of one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.choices import RevisionState
from products.forms.base import PlmForm, date_field, reason_field, serials_field, version_field
from products.selectors.end_items import serials_text


class RevisionCreateForm(PlmForm):
    """What the next revision is for."""

    description = forms.CharField(
        label=_("What is going to change?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RevisionEditForm(PlmForm):
    """What may be said of a revision before it is released."""

    description = forms.CharField(
        label=_("What changes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    effective_from = date_field(_("Planned to begin"), required=False, help_text=_("Empty: the day of its release."))
    serials = serials_field()
    expected_version = version_field()


def revision_values(revision: Any) -> dict[str, Any]:
    """Return a revision (or what its history kept of it) as the form shows it, without the version."""
    return {
        "description": revision.description,
        "effective_from": revision.effective_from,
        "serials": serials_text(revision.serials),
    }


class RevisionStepForm(PlmForm):
    """A step of a revision. Only a release says from when it is effective."""

    reason = reason_field()
    effective_from = date_field(_("Effective from"), required=False, help_text=_("Empty: from today."))
    expected_version = version_field()

    def __init__(self, *args: Any, to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if to != RevisionState.RELEASED:
            del self.fields["effective_from"]
        self.fields["reason"].required = to != RevisionState.IN_REVIEW
        if to == RevisionState.IN_REVIEW:
            del self.fields["reason"]
