"""Which two structures to compare. Bad values are dropped, so that an old link still opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.choices import ResolutionMode
from products.forms.base import PlmForm, date_field, part_field
from products.models import Baseline, Configuration, ProductRevision

BY_QUESTION = "*"
BASELINE = "baseline:"
# What a side can be of a product: its revisions, baselines and configurations.
Known = tuple[Iterable[ProductRevision], Iterable[Baseline], Iterable[Configuration]]
EXTRAS = ("as_of", "mode", "configuration", "options", "optional")


class SidesForm(PlmForm):
    """Two sides: a revision, a baseline, or what date, mode and options find; and how deep."""

    LEVELS = (("1", _("Its own lines")), ("all", _("All levels")))

    def __init__(
        self,
        data: Any,
        *,
        left: Known,
        right: Known,
    ) -> None:
        super().__init__(data)
        self._add_side("from", _("From"), left)
        self._add_side("to", _("To"), right)
        self.fields["to_product"] = part_field(_("Of another product"), required=False)
        self.fields["levels"] = forms.ChoiceField(label=_("Depth"), required=False, choices=self.LEVELS)

    def _add_side(self, side: str, label: Any, known: Known) -> None:
        revisions, baselines, saved = known
        labels = [(entry.label, f"{entry.label} · {entry.get_state_display()}") for entry in revisions]
        names = [(f"{BASELINE}{entry.pk}", entry.name) for entry in baselines]
        groups: list[Any] = [(_("Revisions"), labels), *([(_("Baselines"), names)] if names else [])]
        self.fields[side] = forms.ChoiceField(
            label=label, required=False, choices=[*groups, (BY_QUESTION, _("By date, mode and options"))]
        )
        self.fields[f"{side}_as_of"] = date_field(_("As of"), required=False)
        self.fields[f"{side}_mode"] = forms.ChoiceField(
            label=_("Mode"), required=False, choices=[("", "–"), *ResolutionMode.choices]
        )
        self.fields[f"{side}_configuration"] = forms.ChoiceField(
            label=_("Configuration"),
            required=False,
            choices=[("", _("none")), *((row.code, row.name) for row in saved)],
        )
        self.fields[f"{side}_options"] = forms.CharField(
            label=_("Options"),
            required=False,
            max_length=4000,
            widget=forms.TextInput(attrs={"placeholder": _("all (150 %)"), "spellcheck": "false"}),
        )
        self.fields[f"{side}_optional"] = forms.BooleanField(label=_("Count optional lines"), required=False)

    def sides(self) -> list[tuple[Any, Any]]:
        """Return for each side its heading and its further fields, for the template."""
        return [
            (heading, [self[f"{side}_{name}"] for name in EXTRAS])
            for side, heading in (("from", _("From")), ("to", _("To")))
        ]

    def is_narrowed(self) -> bool:
        """Return whether more than two revisions or baselines is asked for."""
        names = ["to_product", *(f"{side}_{name}" for side in ("from", "to") for name in EXTRAS)]
        return any(self.data.get(name) for name in names)
