"""Foreign keys in forms: the tenant's records alone, looked up by typing, never a list of ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest

from plm_project.tenancy.references import is_tenant_owned


class KnownSelect(AutocompleteSelect):
    """An autocomplete that does not ask the database again for a record which is loaded already."""

    known: models.Model | None = None

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Return the chosen record as the one option."""
        chosen = [str(entry) for entry in value if entry]
        if self.known is None or chosen != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance(self.known)  # type: ignore[union-attr]
        blank = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        return [(None, [*blank, self.create_option(name, chosen[0], label, True, len(blank))], 0)]


class TenantChoiceField(forms.ModelChoiceField):
    """A choice among the tenant's records; ``show`` gives it the one that is chosen now."""

    known: models.Model | None = None

    def show(self, record: models.Model | None) -> None:
        """Take the record that stands here already, so that neither showing nor checking it costs a query."""
        self.known = record
        if isinstance(self.widget, KnownSelect):
            self.widget.known = record

    def to_python(self, value: Any) -> Any:
        """Return the record, or refuse what is not the tenant's."""
        if self.known is not None and str(value) == str(self.known.pk):
            return self.known
        return super().to_python(value)

    def label_from_instance(self, obj: Any) -> str:
        """Name a record as its admin names it in choices."""
        return choice_label(obj)


_labels: dict[type[models.Model], Callable[[Any], str]] = {}


def name_choices(model: type[models.Model], label: Callable[[Any], str]) -> None:
    """Have records of ``model`` shown by ``label`` in choices and histories, where ``str`` would say too little."""
    _labels[model] = label


def choice_label(record: Any) -> str:
    """Return what a choice or a history calls a record."""
    return _labels.get(type(record), str)(record)


class TenantChoices:
    """For ModelAdmin and inlines: every foreign key offers what its own admin would list, and nothing else."""

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Return the rows to choose from: the related admin's, else the scoped ones, else none at all."""
        related = self.admin_site._registry.get(db_field.remote_field.model)  # type: ignore[attr-defined]
        if related is not None:
            return related.get_queryset(request)
        model = db_field.remote_field.model
        return model._default_manager.all() if is_tenant_owned(model) else model._default_manager.none()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Make the field with the autocomplete that asks for one record only when it must."""
        kwargs.setdefault("form_class", TenantChoiceField)
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", KnownSelect(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the pop-up buttons beside a choice: a record is made and edited on its own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            choices = field.widget.choices
            field.widget = field.widget.widget
            field.widget.choices = choices
        return field
