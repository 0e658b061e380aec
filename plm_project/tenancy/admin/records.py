"""Forms of records whose input goes to services, and deletion by a service: nothing here saves a model."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied as Forbidden
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, PermissionDenied
from plm_project.tenancy.admin.base import PlmAdmin
from plm_project.tenancy.admin.fields import reason_field
from plm_project.tenancy.admin.forms import RecordForm
from plm_project.tenancy.admin.inlines import RowsFormSet
from plm_project.tenancy.admin.refusals import REFUSALS, RowRefused, message_of, refusal_of

MOST_AT_ONCE = 100


class DeleteForm(forms.Form):
    """Confirmation with a reason, and the version that the person saw."""

    reason = reason_field(label=gettext_lazy("Reason"))
    expected_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class RecordAdmin(PlmAdmin):
    """A service behind every button: subclasses implement the three methods below for what they declare in ``needs``.

    A refusal undoes everything of the request and comes back as messages at the fields, with the input kept.
    """

    form = RecordForm
    actions: Any = ("delete_records",)

    def create_record(self, actor: Actor, form: Any) -> models.Model:
        """Make the record by its service and return it."""
        raise NotImplementedError

    def update_record(self, actor: Actor, obj: Any, form: Any) -> models.Model:
        """Change the record by its service, which refuses a stale ``form.version_seen``, and return it."""
        raise NotImplementedError

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """Take the record out of sight by its service."""
        raise NotImplementedError

    # --- saving --------------------------------------------------------------------------------------------------------
    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """Return the fieldsets; a subclass may make them depend on the record."""
        return super().get_fieldsets(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add what every editable form carries: the version seen, and the reason."""
        fieldsets = [(name, dict(options)) for name, options in self.layout(request, obj)]
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        version = ["expected_version"] if "expected_version" in self.form.base_fields else []
        if "reason" in self.form.base_fields:
            return [*fieldsets, (_("This edit"), {"fields": ["reason", *version]})]
        fieldsets[-1][1]["fields"] = [*fieldsets[-1][1]["fields"], *version]
        return fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form's class; on the second pass after a refusal one that shows it."""
        made = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "plm_refusal", None)
        if refusal is None or refusal.prefix:
            return made
        return type(made.__name__, (made,), {"refusal": refusal})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show and save. What a service refuses is rolled back, then the form is built again with its messages."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied as error:
            raise Forbidden(error.message) from error
        except NotFound as error:
            if not error.details:
                raise Http404(error.message) from error
            request.plm_refusal = refusal_of(error)  # type: ignore[attr-defined]
        except (RowRefused, *REFUSALS) as error:
            request.plm_refusal = refusal_of(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Hand the input to the service, and show from now on what it returned."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        stored = self.update_record(actor, obj, form) if change else self.create_record(actor, form)
        obj.__dict__.update(stored.__dict__)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Hand the rows to their services."""
        if isinstance(formset, RowsFormSet):
            formset.apply(request.actor, form.instance)  # type: ignore[attr-defined]

    # --- deleting ------------------------------------------------------------------------------------------------------
    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask once more, with a reason; then have the service do it. What it refuses is said on the same page."""
        obj = self.record_or_404(request, object_id)
        if not self.has_delete_permission(request, obj):
            raise Forbidden
        version = {"expected_version": getattr(obj, "version", None)}
        form = DeleteForm(request.POST) if request.method == "POST" else DeleteForm(initial=version)
        if request.method == "POST" and form.is_valid():
            name = str(obj)
            try:
                with transaction.atomic():
                    self.delete_record(request.actor, obj, **form.cleaned_data)  # type: ignore[attr-defined]
            except PermissionDenied as error:
                raise Forbidden(error.message) from error
            except REFUSALS as error:
                form.add_error(None, message_of(error))
            else:
                self.message_user(request, _("%s was deleted.") % name, messages.SUCCESS)
                return HttpResponseRedirect(self._list_address(request))
        return TemplateResponse(
            request,
            "admin/plm/delete.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Delete %s") % obj,
                "opts": self.opts,
                "object": obj,
                "original": obj,
                "form": form,
                "media": self.media,
                **(extra_context or {}),
            },
        )

    @admin.action(description=gettext_lazy("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
    def delete_records(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask, then delete all of them or none."""
        rows = list(queryset[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            self.message_user(request, _("Choose at most %s at once.") % MOST_AT_ONCE, messages.ERROR)
            return None
        form = DeleteForm(request.POST if "confirmed" in request.POST else None)
        if "confirmed" in request.POST and form.is_valid():
            refused = self._delete_all(request, rows, form.cleaned_data["reason"])
            if refused is None:
                text = ngettext("%s record was deleted.", "%s records were deleted.", len(rows)) % len(rows)
                self.message_user(request, text, messages.SUCCESS)
                return None
            form.add_error(None, refused)
        return TemplateResponse(
            request,
            "admin/plm/delete_selected.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Delete selected records"),
                "opts": self.opts,
                "rows": rows,
                "form": form,
                "action_name": "delete_records",
                "checkbox_name": ACTION_CHECKBOX_NAME,
                "media": self.media,
            },
        )

    def _delete_all(self, request: HttpRequest, rows: list[Any], reason: str) -> str | None:
        """Delete them in one transaction; return why not, naming the record that stopped it."""
        try:
            with transaction.atomic():
                for row in rows:
                    if not self.has_delete_permission(request, row):
                        raise PermissionDenied(_("You may not delete it."))
                    self._delete_one(request, row, reason)
        except RowRefused as error:
            return str(error)
        except PermissionDenied as error:
            raise Forbidden(error.message) from error
        return None

    def _delete_one(self, request: HttpRequest, row: Any, reason: str) -> None:
        try:
            self.delete_record(request.actor, row, reason=reason, expected_version=None)  # type: ignore[attr-defined]
        except PermissionDenied:
            raise
        except REFUSALS as error:
            text = _("Nothing was deleted. %(record)s: %(why)s") % {"record": row, "why": message_of(error)}
            raise RowRefused(refusal_of(ValueError(text))) from error

    def _list_address(self, request: HttpRequest) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")
