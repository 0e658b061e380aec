"""What people type about alternates."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from products.forms.base import PlmForm, part_field, version_field


class AlternateFields(PlmForm):
    """What may be said of an alternate."""

    rank = forms.IntegerField(
        label=_("Rank"), min_value=1, max_value=32_767, initial=1, help_text=_("1 is tried first.")
    )
    is_two_way = forms.BooleanField(
        label=_("In both directions"), required=False, help_text=_("The product may be taken for the alternate too.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class AlternateAddForm(AlternateFields):
    """Another product that may be taken for this one."""

    alternate = part_field(_("Part"), help_text=_("Its number; type part of the number or name to search."))

    field_order = ("alternate", "rank", "is_two_way", "note")


class AlternateEditForm(AlternateFields):
    """An alternate as it stands."""

    expected_version = version_field()
