"""Rows in place: each added, changed or removed row goes to its service, all in the request's one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext

from plm_project.core.actor import Actor
from plm_project.tenancy.admin.choices import TenantChoices
from plm_project.tenancy.admin.forms import RowForm
from plm_project.tenancy.admin.refusals import REFUSALS, Refusal, RowRefused, refusal_of, show_refusal


class RowsFormSet(BaseInlineFormSet):
    """The rows of a RowsInline."""

    inline: ClassVar[Any] = None
    refusal: ClassVar[Refusal | None] = None

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box that removes a row: its heading does so for the eye alone."""
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].widget.attrs["aria-label"] = gettext("Remove")

    def _is_to_go(self, form: Any) -> bool:
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))

    def clean(self) -> None:
        """Show what a service has refused: at its row, or above them when the row was to be removed."""
        refused = self.refusal
        if refused is None or refused.prefix != self.prefix:
            return
        form = self.forms[refused.row]
        if self._is_to_go(form):
            raise ValidationError(refused.text)
        show_refusal(form, refused)

    def apply(self, actor: Actor, parent: Any) -> None:
        """Call the services: removals first, so that what they free can be taken by the others."""
        # Django's admin reads these three after saving.
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        gone = [index for index, form in enumerate(self.forms) if self._is_to_go(form)]
        kept = [index for index in range(len(self.forms)) if index not in gone]
        stored = [index for index in kept if not self.forms[index].instance._state.adding]
        added = [index for index in kept if self.forms[index].instance._state.adding]
        for index in gone:
            if not self.forms[index].instance._state.adding:
                self._call(index, self.inline.row_remove, actor, self.forms[index].instance)
        for index in stored:
            if self.forms[index].has_changed():
                self._call(index, self.inline.row_update, actor, self.forms[index].instance, self.forms[index])
        for index in added:
            if self.forms[index].has_changed():
                self._call(index, self.inline.row_add, actor, parent, self.forms[index])

    def _call(self, index: int, service: Any, *args: Any) -> None:
        try:
            service(*args)
        except REFUSALS as error:
            raise RowRefused(refusal_of(error, prefix=str(self.prefix), row=index)) from error


class PermittedInline(TenantChoices):
    """An inline's permissions are declared like an admin's; what is not declared is refused."""

    needs: ClassVar[Mapping[str, str]] = {}

    def may(self, request: HttpRequest, what: str, obj: Any) -> bool:
        """Return whether the caller may ``what`` with the rows of ``obj``."""
        actor = getattr(request, "actor", None)
        permission = self.needs.get(what)
        if actor is None or permission is None or not actor.may(permission):
            return False
        return what == "view" or obj is None or self.is_open(request, obj)

    def is_open(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the rows of this record may be edited at all."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may look."""
        return self.may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may add rows."""
        return self.may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may edit rows."""
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may remove rows."""
        return self.may(request, "delete", obj)


class RowsInline(PermittedInline, admin.TabularInline):
    """Editable rows. Subclasses implement ``row_add``, ``row_update`` and ``row_remove`` for what they declare."""

    form = RowForm
    formset = RowsFormSet
    extra = 0
    show_change_link = False

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """Add a row to ``parent`` by its service."""
        raise NotImplementedError

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """Change a row by its service."""
        raise NotImplementedError

    def row_remove(self, actor: Actor, row: Any) -> None:
        """Remove a row by its service."""
        raise NotImplementedError

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset's class, with the refusal to show on the second pass."""
        made: Any = super().get_formset(request, obj, **kwargs)
        made.inline = self
        made.refusal = getattr(request, "plm_refusal", None)
        return made


class ReadOnlyInline(PermittedInline, admin.TabularInline):
    """Rows to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes here."""
        return False
