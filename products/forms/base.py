"""What the forms of this context share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from plm_project.web.forms import DateInput, DecimalInput
from products.selectors.end_items import serials_of_text, serials_text
from products.serial_texts import LONGEST_SERIALS


class PlmForm(forms.Form):
    """A form whose input goes to a service."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def decimal_field(label: Any, *, digits: int = 15, places: int, **kwargs: Any) -> forms.DecimalField:
    """An exact decimal."""
    return forms.DecimalField(label=label, max_digits=digits, decimal_places=places, widget=DecimalInput(), **kwargs)


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A date in the browser's own picker."""
    return forms.DateField(label=label, widget=DateInput(), **kwargs)


def part_field(label: Any, *, min_length: int = 3, **kwargs: Any) -> forms.CharField:
    """A product by its number, with suggestions while one types; the page holds ``<datalist id="part-options">``.

    Without scripts it is a plain text field.
    """
    attrs = {
        "autocomplete": "off",
        "spellcheck": "false",
        "list": "part-options",
        "hx-get": reverse_lazy("products:product-search"),
        "hx-trigger": "input changed delay:200ms",
        "hx-target": "#part-options",
        "hx-sync": "this:replace",
    }
    return forms.CharField(
        label=label, min_length=min_length, max_length=50, widget=forms.TextInput(attrs=attrs), **kwargs
    )


class SerialsField(forms.CharField):
    """Serial numbers per end item, typed as text; cleaned to what is stored. Stored ones are shown as text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", LONGEST_SERIALS)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 1, "spellcheck": "false"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored as text."""
        return serials_text(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return what is stored. One query."""
        return serials_of_text(super().clean(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is meant, not the way it was typed; what cannot be read has changed."""
        try:
            return bool(serials_of_text(data or "") != (initial or None))
        except forms.ValidationError:
            return True


def serials_field() -> SerialsField:
    """For which units something holds."""
    return SerialsField(
        label=_("Serial numbers"), help_text=_("End item and its units: BIKE-1: 1-50, 80-. Empty: every unit.")
    )


def reason_field(*, required: bool = False, label: Any = "", help_text: Any = "") -> forms.CharField:
    """Why something is done; kept in the history."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label or _("Reason"),
        required=required,
        max_length=500,
        widget=widget,
        help_text=help_text or _("Kept in the history."),
    )


def version_field() -> forms.IntegerField:
    """The version that the person saw; a stale one is refused by the service."""
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
