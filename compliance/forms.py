"""What people type on the compliance pages. The forms read and explain; the services decide."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.choices import ENDING_WITHIN, LAPSING, ComplianceStatus
from compliance.models import Regulation
from compliance.selectors import MatrixFilter
from plm_project.web.forms import DateInput, FileDropInput
from products.choices import LifecyclePhase, ProductType

ANY = [("", _("Any"))]
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.csv,.txt,.xlsx,.docx,.xml,.json"


class CompliancePagesForm(forms.Form):
    """Labels without a colon, as everywhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def date_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A date in the browser's own picker."""
    return forms.DateField(label=label, widget=DateInput(), **kwargs)


def reason_field(*, required: bool = False) -> forms.CharField:
    """Why something is done; kept in the history."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=_("Reason"), required=required, max_length=500, widget=widget, help_text=_("Kept in the history.")
    )


def version_field() -> forms.IntegerField:
    """The version that the person saw; a stale one is refused by the service."""
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


def markets_field(help_text: Any) -> forms.CharField:
    """Market codes in one line."""
    return forms.CharField(label=_("Markets"), required=False, max_length=1000, help_text=help_text)


def codes_of(text: str) -> list[str]:
    """Read market codes, parted by commas or blanks."""
    return list(dict.fromkeys(word.upper() for word in re.split(r"[\s,;]+", text) if word))


class MatrixFilterForm(CompliancePagesForm):
    """The filters of the matrix; its values live in the address. A field with a fault filters nothing, and says so."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Number, name or description")}),
    )
    product_type = forms.ChoiceField(label=_("Type"), required=False, choices=[*ANY, *ProductType.choices])
    lifecycle_phase = forms.ChoiceField(label=_("Phase"), required=False, choices=[*ANY, *LifecyclePhase.choices])
    regulation = forms.ModelChoiceField(
        label=_("Regulation"), required=False, queryset=Regulation.objects.none(), empty_label=_("All")
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[*ANY, *ComplianceStatus.choices])
    market = forms.RegexField(
        r"^[A-Za-z]{2}$", label=_("Sold in"), required=False, widget=forms.TextInput(attrs={"placeholder": "EU, US …"})
    )
    binding = forms.BooleanField(label=_("Binding only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["regulation"]
        field.queryset = Regulation.objects.order_by("code", "edition")

    def wanted(self) -> MatrixFilter:
        """Return the filter."""
        self.is_valid()
        given = self.cleaned_data
        regulation = given.get("regulation")
        return MatrixFilter(
            q=given.get("q", ""),
            product_type=given.get("product_type", ""),
            lifecycle_phase=given.get("lifecycle_phase", ""),
            regulation_id=regulation.pk if regulation else None,
            status=given.get("status", ""),
            market=given.get("market", "").upper(),
            binding=bool(given.get("binding")),
        )

    def is_narrowed(self) -> bool:
        """Return whether anything is asked for."""
        return any(self.data.get(name) for name in self.fields)


class RegulationForm(CompliancePagesForm):
    """A regulation."""

    code = forms.CharField(label=_("Code"), min_length=2, max_length=50, help_text=_("RoHS, REACH, RED …"))
    title = forms.CharField(label=_("Title"), min_length=3, max_length=200)
    edition = forms.CharField(label=_("Version"), required=False, max_length=50, help_text=_("2011/65/EU, 2024 …"))
    description = forms.CharField(
        label=_("Description"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    link = forms.URLField(label=_("Link to the text"), required=False, max_length=500, assume_scheme="https")
    effective_from = date_field(_("In force from"), required=False)
    effective_to = date_field(_("In force to"), required=False, help_text=_("The first day on which it is over."))
    product_types = forms.MultipleChoiceField(
        label=_("Product types"),
        required=False,
        choices=ProductType.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all types."),
    )
    markets = markets_field(_("Two-letter country codes or EU, parted by commas. Empty: everywhere."))
    is_binding = forms.BooleanField(
        label=_("Binding: hold the release of what is non-compliant"),
        required=False,
        help_text=_("A change cannot be implemented while a part of it is non-compliant and not waived."),
    )
    expected_version = version_field()

    def clean_markets(self) -> list[str]:
        """Return the codes."""
        return codes_of(self.cleaned_data["markets"])


class RecordStepForm(CompliancePagesForm):
    """A step of a record: why, and how long it holds."""

    valid_until = date_field(_("Valid until"), required=False, help_text=_("The last valid day. Empty: without end."))
    reason = reason_field()
    expected_version = version_field()

    def __init__(self, *args: Any, to: str = "", needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needs_reason
        if to not in LAPSING:
            del self.fields["valid_until"]


class EvidenceForm(CompliancePagesForm):
    """A file and what it is."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        allow_empty_file=True,  # the service says that it is empty, in the words used everywhere
        widget=FileDropInput(attrs={"accept": ACCEPTED}),
        help_text=_("PDF, picture, text, CSV, XLSX, DOCX, XML or JSON, up to 25 MB."),
    )
    title = forms.CharField(
        label=_("Title"), min_length=3, max_length=200, help_text=_("Declaration of conformity, test report …")
    )
    issuer = forms.CharField(label=_("Issuer"), required=False, max_length=200)
    valid_from = date_field(_("Valid from"), required=False)
    valid_until = date_field(_("Valid until"), required=False, help_text=_("The last valid day."))


class EvidenceRemoveForm(CompliancePagesForm):
    """Why it is taken away."""

    reason = reason_field(required=True)
    expected_version = version_field()


class MarketsForm(CompliancePagesForm):
    """Where a product is sold."""

    markets = markets_field(_("Two-letter country codes or EU, parted by commas. Empty: sold everywhere."))
    reason = reason_field()
    expected_version = version_field()

    def clean_markets(self) -> list[str]:
        """Return the codes."""
        return codes_of(self.cleaned_data["markets"])


class AsOfForm(CompliancePagesForm):
    """The date that is asked for; nonsense means today."""

    as_of = date_field(_("As of"), required=False)


class EvidenceFilterForm(CompliancePagesForm):
    """What the list of ending evidence is narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Title, issuer, product or regulation")}),
    )
    days = forms.IntegerField(
        label=_("Within days"),
        required=False,
        min_value=0,
        max_value=3650,
        widget=forms.NumberInput(attrs={"placeholder": str(ENDING_WITHIN)}),
    )
    ended = forms.BooleanField(label=_("Also what is over"), required=False)

    def wanted(self) -> dict[str, Any]:
        """Return the filter; the default is that of the command."""
        self.is_valid()
        given = self.cleaned_data
        days = given.get("days")
        return {
            "q": given.get("q", ""),
            "days": ENDING_WITHIN if days is None else days,
            "ended": bool(given.get("ended")),
        }
