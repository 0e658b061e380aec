"""Form fields that the admins share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_REASON = 500
REASON = _("Reason")


def by_commas(text: str) -> Sequence[str]:
    """Split words at commas; each once, in order."""
    return list(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))


class WordsField(forms.CharField):
    """A stored list of words, typed as text. ``split`` says how the text is read."""

    def __init__(self, *, split: Callable[[str], Sequence[str]] = by_commas, **kwargs: Any) -> None:
        self.split = split
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show the list as text."""
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        """Return the words as a list."""
        return list(self.split(super().to_python(value) or ""))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not the way they were typed."""
        return bool(self.to_python(data) != list(initial or []))


def reason_field(*, required: bool = False, label: Any = REASON) -> forms.CharField:
    """Why something is done; kept in the history."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_("Kept in the history."),
    )


def version_field() -> forms.IntegerField:
    """The version that the person saw; the service refuses a stale one."""
    return forms.IntegerField(required=True, min_value=0, widget=forms.HiddenInput)
