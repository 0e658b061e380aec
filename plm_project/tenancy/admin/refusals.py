"""A service's refusal on its way back to the form: beside the field it names, or above the form."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from plm_project.core.exceptions import PlmError

# What a service may raise that a person at a form can answer.
REFUSALS = (PlmError, ValidationError)


@dataclass(frozen=True)
class Refusal:
    """Messages by field name ("" is the whole form), and the inline row they are about, if they are."""

    messages: dict[str, list[str]]
    prefix: str = ""
    row: int = -1
    text: str = ""


class RowRefused(Exception):
    """A service refused one row of an inline; carries which."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


def refusal_of(error: Exception, *, prefix: str = "", row: int = -1) -> Refusal:
    """Turn what a service raised into messages by field."""
    if isinstance(error, RowRefused):
        return error.refusal
    text = message_of(error)
    if isinstance(error, PlmError):
        messages = dict(error.details) or {"": [text]}
    elif isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        messages = {
            "" if name == NON_FIELD_ERRORS else name: list(found) for name, found in error.message_dict.items()
        }
    else:
        messages = {"": list(getattr(error, "messages", [text]))}
    return Refusal(messages, prefix, row, text)


def message_of(error: Exception) -> str:
    """Return one sentence for a page that has no fields to put it beside."""
    if isinstance(error, PlmError):
        found = [text for texts in error.details.values() for text in texts]
        return " ".join(dict.fromkeys(map(str, found))) or str(error.message)
    return " ".join(map(str, getattr(error, "messages", [error])))


def show_refusal(form: forms.BaseForm, refusal: Refusal) -> None:
    """Add the messages to a form that is being checked. Every message appears; an unknown field's with its name."""
    for name, messages in refusal.messages.items():
        field = next((known for known in (name, name.removesuffix("_id")) if known in form.fields), None)
        for message in messages:
            if field is not None and not form.fields[field].widget.is_hidden:
                form.add_error(field, message)
            else:
                form.add_error(None, f"{name}: {message}" if name and "[" in name else message)
    if not form.errors:
        form.add_error(None, refusal.text or _("This was refused."))
