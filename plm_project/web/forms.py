"""Forms in our look: Bootstrap classes on widgets, errors tied to their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BaseForm, BoundField

from plm_project.core.exceptions import PlmError


def apply_error_to_form(form: BaseForm, error: PlmError, *, renamed: Mapping[str, str] | None = None) -> None:
    """Put a service's refusal on the form: each detail at its field, what fits no field above the form.

    ``renamed`` maps the service's field names to the form's.
    """
    names = renamed or {}
    if not error.details:
        form.add_error(None, str(error.message))
    for name, texts in error.details.items():
        field = names.get(name, name)
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


def css_class_of(widget: forms.Widget) -> str:
    """Return the class a widget needs for our look."""
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def widget_attrs(field: BoundField) -> dict[str, Any]:
    """Return the attributes the ``field`` tag adds to a widget: look, and what screen readers are told.

    Django points ``aria-describedby`` to the help text alone; we point to the error as well.
    """
    widget = field.field.widget
    attrs: dict[str, Any] = {}
    classes = [widget.attrs.get("class", ""), css_class_of(widget), "is-invalid" if field.errors else ""]
    attrs["class"] = " ".join(name for name in classes if name)
    described = [widget.attrs.get("aria-describedby", "")]
    if field.help_text:
        described.append(help_id(field))
    if field.errors:
        described.append(error_id(field))
        attrs["aria-invalid"] = "true"
    if any(described):
        attrs["aria-describedby"] = " ".join(name for name in described if name)
    return attrs


def help_id(field: BoundField) -> str:
    """Return the id of the field's help text."""
    return f"{field.auto_id or field.html_name}_help"


def error_id(field: BoundField) -> str:
    """Return the id of the field's error text."""
    return f"{field.auto_id or field.html_name}_error"


def is_check(field: BoundField) -> bool:
    """Return whether the field is one checkbox, whose label stands behind it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


def is_group(field: BoundField) -> bool:
    """Return whether the field is a set of radio buttons or checkboxes, which needs a fieldset."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


class DecimalInput(forms.TextInput):
    """A decimal typed as text: number fields of browsers round, scroll and drop what they do not like."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "num", **(attrs or {})})


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class FileDropInput(forms.ClearableFileInput):
    """A file field that files may also be dropped on (js/file_drop.js); without scripts a plain file field."""

    template_name = "components/file_drop.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-file-drop": "", **(attrs or {})})
