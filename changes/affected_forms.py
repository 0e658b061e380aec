"""What people type about the products of a change. The forms read and explain; the services decide."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.choices import PLACING_ACTIONS, RETIRING_ACTIONS, AffectedAction
from changes.forms import ChangePagesForm, part_field, version_field
from changes.line_forms import SerialsField
from changes.models import AffectedProduct
from changes.services.affected import TAKES
from plm_project.web.forms import DateInput
from products.selectors.end_items import serials_text
from products.selectors.products import product_ids
from products.serial_texts import LONGEST_SERIALS

WORDS = {
    AffectedAction.RELEASE: _("Release its first revision"),
    AffectedAction.REVISE: _("Revise: the next revision"),
    AffectedAction.OBSOLETE: _("Make obsolete"),
    AffectedAction.REPLACE: _("Replace everywhere"),
    AffectedAction.ADD: _("Add: it comes into these structures"),
    AffectedAction.REMOVE: _("Remove: it leaves these structures"),
}
OTHERS = tuple(one for one in AffectedAction if one in RETIRING_ACTIONS | PLACING_ACTIONS)


class AffectedForm(ChangePagesForm):
    """One more product for a draft."""

    product = part_field(_("Product number"), help_text=_("Type part of the number or name to search."))
    action = forms.ChoiceField(
        label=_("What happens"),
        required=False,
        choices=lambda: [("", _("New revision")), *((one.value, WORDS[one]) for one in OTHERS)],
    )
    expected_version = version_field()

    def values(self) -> dict[str, Any]:
        """Return the input of the service."""
        return {"action": self.cleaned_data["action"]} if self.cleaned_data["action"] else {}


class ActionForm(ChangePagesForm):
    """What a draft does with one product. Which actions there are follows from the revision it starts from."""

    action = forms.ChoiceField(label=_("What happens"))
    replacement = part_field(
        _("Replacement"),
        required=False,
        help_text=_("Of what goes out of use: the number of the product that takes its place."),
    )
    effective_from = forms.DateField(
        label=_("Effective from"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: the day of the change. Of what goes out of use: its last day is the one before."),
    )
    serials = SerialsField(
        label=_("Serial numbers"),
        required=False,
        max_length=LONGEST_SERIALS,
        widget=forms.Textarea(attrs={"rows": 1, "spellcheck": "false"}),
        help_text=_("Of a revision: end item and its units, such as BIKE-1: 1-50, 80-. Empty: every unit."),
    )
    expected_version = version_field()

    renamed: ClassVar[dict[str, str]] = {"replacement_id": "replacement"}

    def __init__(self, *args: Any, affected: AffectedProduct, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = affected.revision_action
        others = OTHERS if first == AffectedAction.REVISE else tuple(RETIRING_ACTIONS)
        self.fields["action"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (one.value, WORDS[one]) for one in (first, *(one for one in OTHERS if one in others))
        ]

    @staticmethod
    def initial_of(affected: AffectedProduct) -> dict[str, Any]:
        """Return what the form shows at first."""
        return {
            "action": affected.action,
            "replacement": affected.replacement.product_number if affected.replacement else "",
            "effective_from": affected.effective_from,
            "serials": serials_text(affected.serials),
            "expected_version": affected.version,
        }

    def clean_replacement(self) -> uuid.UUID | None:
        """Return the product of the typed number."""
        number = self.cleaned_data["replacement"].strip()
        if not number:
            return None
        found = product_ids([number])
        if number not in found:
            raise forms.ValidationError(_("There is no product %(number)s."), params={"number": number})
        return found[number]

    def values(self) -> dict[str, Any]:
        """Return the input of the service: what the action takes, and what was typed beyond it for the service to refuse."""
        action = AffectedAction(self.cleaned_data["action"])
        given = {
            "replacement_id": self.cleaned_data["replacement"],
            "effective_from": self.cleaned_data["effective_from"],
            "serials": self.cleaned_data["serials"],
        }
        return {"action": action.value, **{name: one for name, one in given.items() if one or name in TAKES[action]}}
