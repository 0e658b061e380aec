"""What people choose on the pages of their notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from collaboration.choices import MailChoice, NoticeKind
from collaboration.selectors import Choice
from collaboration.services import Wish


class NoticeFilterForm(forms.Form):
    """The filters of the list; its values live in the address. A value with a fault filters nothing."""

    state = forms.ChoiceField(label=_("Show"), required=False, choices=[("", _("All")), ("unread", _("Unread"))])
    kind = forms.ChoiceField(label=_("About"), required=False, choices=[("", _("Anything")), *NoticeKind.choices])

    def wanted(self) -> dict[str, Any]:
        """Return what ``notice_list`` is to be asked for."""
        self.is_valid()
        kind = self.cleaned_data.get("kind")
        return {"state": self.cleaned_data.get("state") or "all", "kinds": (kind,) if kind else ()}

    def is_narrowed(self) -> bool:
        """Return whether anything is left out."""
        return any(self.data.get(name) for name in self.fields)


@dataclass(frozen=True)
class KindRow:
    """One line of the settings."""

    label: str
    choice: Choice
    in_page: BoundField
    by_mail: BoundField


class NoticeSettingsForm(forms.Form):
    """For every kind: in the page or not, and when by mail. Errors of the service come back under the kind's name."""

    def __init__(self, *args: Any, choices: Sequence[Choice], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.choices = choices
        for choice in choices:
            label = choice.kind.label
            self.fields[f"{choice.kind}-in_page"] = forms.BooleanField(
                label=_("%s: in the page") % label,
                required=False,
                initial=choice.in_page,
                disabled=choice.always_in_page,
            )
            self.fields[f"{choice.kind}-by_mail"] = forms.ChoiceField(
                label=_("%s: by mail") % label, choices=MailChoice.choices, initial=choice.by_mail
            )

    def rows(self) -> list[KindRow]:
        """Return the lines of the table."""
        return [
            KindRow(
                str(choice.kind.label),
                choice,
                self[f"{choice.kind}-in_page"],
                self[f"{choice.kind}-by_mail"],
            )
            for choice in self.choices
        ]

    def wishes(self) -> list[Wish]:
        """Return what was chosen."""
        return [
            Wish(
                kind=str(choice.kind),
                in_page=self.cleaned_data[f"{choice.kind}-in_page"],
                by_mail=self.cleaned_data[f"{choice.kind}-by_mail"],
            )
            for choice in self.choices
        ]
