"""Baselines: take one, withdraw one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from products.forms.base import PlmForm, reason_field, version_field


class BaselineForm(PlmForm):
    """The name and what it is for; the question comes with the address."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Free for ever in this product, for example “Pilot series”.")
    )
    note = forms.CharField(
        label=_("What is it for?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithdrawForm(PlmForm):
    """Why nobody should build by it."""

    reason = reason_field(required=True)
    expected_version = version_field()
