"""Forms whose input goes to a service. They never touch the record themselves."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.admin.choices import TenantChoiceField
from plm_project.tenancy.admin.fields import reason_field, version_field
from plm_project.tenancy.admin.refusals import Refusal, show_refusal


class ServiceForm(forms.ModelForm):
    """What record forms and inline rows share. ``apart`` are fields that are not values of the record."""

    refusal: ClassVar[Refusal | None] = None
    apart: ClassVar[frozenset[str]] = frozenset({"reason", "expected_version", "DELETE", "id"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, TenantChoiceField) and not self.instance._state.adding:
                relation = self.instance._meta.get_field(name)
                if getattr(self.instance, relation.attname):
                    field.show(getattr(self.instance, name))

    def clean(self) -> Any:
        """Check the fields; show what a service has refused."""
        found = super().clean()
        if self.refusal is not None:
            show_refusal(self, self.refusal)
        return found

    def _post_clean(self) -> None:
        """Leave the record alone: the service judges and writes, and a refused form must not change what is shown."""

    def service_data(self, *, only_changed: bool) -> dict[str, Any]:
        """Return the values as services take them: foreign keys as ``…_id``, all of them or those that differ."""
        data: dict[str, Any] = {}
        for name in self.changed_data if only_changed else self.cleaned_data:
            if name in self.apart or name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            related = isinstance(self.fields[name], forms.ModelChoiceField)
            key = value.pk if isinstance(value, models.Model) else value
            data[f"{name}_id" if related else name] = key
        return data


class RecordForm(ServiceForm):
    """The form of a record, with the version that the person saw and a reason for the history."""

    expected_version = version_field()
    reason = reason_field(label=_("Reason for the change"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields.pop("expected_version", None)
            self.fields.pop("reason", None)
        elif "expected_version" in self.fields:
            self.fields["expected_version"].initial = self.instance.version

    @property
    def version_seen(self) -> int | None:
        """The version that the person saw."""
        return self.cleaned_data.get("expected_version")

    @property
    def why(self) -> str:
        """The reason given."""
        return str(self.cleaned_data.get("reason", ""))


class RowForm(ServiceForm):
    """One row of an inline. Rows need no version of their own: the record above counts up with each of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # in a table the column's heading names the fields for the eye alone
            if not field.widget.is_hidden and field.label:
                field.widget.attrs.setdefault("aria-label", str(field.label))
