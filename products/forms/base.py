"""What all forms of this context share: how a service's refusal comes back beside the fields it is about."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from plm_project.core.exceptions import PlmError


class PlmForm(forms.Form):
    """A form whose input goes to a service. ``renamed`` maps the service's field names to ours where they differ."""

    renamed: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def refuse(self, error: PlmError) -> None:
        """Show a service's refusal: each detail at its field, the rest (or the message) above the form."""
        shown = False
        for name, messages in error.details.items():
            field = self.renamed.get(name, name)
            for message in messages:
                self.add_error(field if field in self.fields else None, message)
                shown = True
        if not shown:
            self.add_error(None, error.message)


def decimal_field(label: Any, *, digits: int = 15, places: int, **kwargs: Any) -> forms.DecimalField:
    """A decimal that is typed as text: browsers' number fields drop what they do not like without saying so."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, max_digits=digits, decimal_places=places, widget=widget, **kwargs)


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A date in the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def reason_field(*, required: bool = False, label: Any = _("Reason"), help_text: Any = "") -> forms.CharField:
    """Why something is done; kept in the history."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, required=required, max_length=500, widget=widget, help_text=help_text or _("Kept in the history.")
    )


def version_field() -> forms.IntegerField:
    """The version that the person saw; a stale one is refused by the service."""
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
