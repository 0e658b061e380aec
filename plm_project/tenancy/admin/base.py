"""The admin of a tenant's records: who may, whose rows, which choices, and a history one can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.tenancy.admin.choices import TenantChoices
from plm_project.tenancy.admin.display import moment
from plm_project.tenancy.admin.history import HistoryPart, RecordHistory

HISTORY_PAGE = 50


LONGEST_SEARCH = 200  # characters


class PlmAdmin(TenantChoices, admin.ModelAdmin):
    """``needs`` names the permission for view, add, change and delete; what it does not name is refused to everybody.

    Rows come through the model's scoped manager. ``linked`` are lookups, beside those of the filters, that other pages
    link to; any other lookup in an address is refused.
    """

    needs: ClassVar[Mapping[str, str]] = {}
    linked: ClassVar[frozenset[str]] = frozenset()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 200
    view_on_site = False
    change_form_template = "admin/plm/change_form.html"

    class Media:
        css: ClassVar = {"all": ["plm_admin/records.css"]}
        js: ClassVar = ["plm_admin/naming.js"]

    # --- who ---------------------------------------------------------------------------------------------------------
    def may(self, request: HttpRequest, what: str) -> bool:
        """Return whether the caller may ``what``; never, where no permission is declared for it."""
        actor = getattr(request, "actor", None)
        permission = self.needs.get(what)
        return actor is not None and permission is not None and actor.may(permission)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may look."""
        return self.may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the caller may make one."""
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may edit."""
        return self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the caller may delete."""
        return self.may(request, "delete")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the room is on the index at all."""
        return self.may(request, "view")

    def get_urls(self) -> list[Any]:
        """Leave out the history's address where none is kept."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_history"
        found = super().get_urls()
        return found if hasattr(self.model, "history") else [entry for entry in found if entry.name != name]

    # --- which rows --------------------------------------------------------------------------------------------------
    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow the lookups of the filters, of the date hierarchy and of our own links, and no other."""
        filters: list[Any] = list(self.list_filter)
        names = {entry if isinstance(entry, str) else entry[0] for entry in filters if isinstance(entry, (str, tuple))}
        names |= {self.date_hierarchy} if self.date_hierarchy else set()
        names |= {getattr(entry, "parameter_name", "") for entry in filters} - {""}
        return lookup in self.linked or any(f"{lookup}__".startswith(f"{name}__") for name in names)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search by the first characters of an over-long term: databases refuse endless patterns."""
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """What does not exist, is deleted or is another tenant's gives one answer."""
        raise Http404(_("There is no such record."))

    def record_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """Return the record of an address."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return found

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Refuse: Django's own page deletes rows for good. A RecordAdmin deletes by its service."""
        self.record_or_404(request, object_id)
        raise PermissionDenied

    # --- what the page shows -------------------------------------------------------------------------------------------
    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Return (text, address) of pages about this record; an empty address is left out."""
        return []

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """Return sentences to show above the form."""
        return []

    def panels(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return what the page's template needs beside the form."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add links, notices and panels of a stored record."""
        if obj is not None:
            context["page_links"] = [(text, address) for text, address in self.page_links(request, obj) if address]
            context["notices"] = self.notices(request, obj)
            context["has_history"] = hasattr(obj, "history")
            context.update(self.panels(request, obj))
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    @admin.display(description=gettext_lazy("created"))
    def audit_created(self, obj: Any) -> str:
        """When and by whom it was made."""
        return f"{moment(obj.created_at)} · {obj.created_by or '–'}"

    @admin.display(description=gettext_lazy("last changed"))
    def audit_changed(self, obj: Any) -> str:
        """When and by whom it was last written."""
        return f"{moment(obj.updated_at)} · {obj.updated_by or '–'}"

    # --- history -------------------------------------------------------------------------------------------------------
    def history_parts(self, obj: Any) -> list[HistoryPart]:
        """Return whose history is told: the record's own, and that of rows which are a part of it."""
        return [HistoryPart("", obj.history.all())]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Tell who changed what, when and why. There is no way back from here: a revert would pass the services by."""
        obj = self.record_or_404(request, object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if not hasattr(obj, "history"):
            raise Http404(_("No history is kept of this."))
        paginator = Paginator(RecordHistory(self.history_parts(obj)), HISTORY_PAGE)
        page = paginator.get_page(request.GET.get("p", 1))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %s") % obj,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "object": obj,
            "original": obj,
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/plm/history.html", context)

    # --- Django's own log has no tenant: it stays empty, and the history above tells more ---------------------------------
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Write no log entry."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Write no log entry."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Write no log entry."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """There is no log to write it to."""
        return []
