"""The PLM managers' admin: Django's own, opened by the actor's permission and scoped to their tenant."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from plm_project.accounts.permissions import ADMIN_ACCESS
from plm_project.tenancy.admin import PlmAdmin, choice_label


class NamedChoices(AutocompleteJsonView):
    """Choices for a foreign key: the related admin's own rows, so the tenant's alone."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """Name a record as the form does."""
        return {"id": str(getattr(obj, to_field_name)), "text": choice_label(obj)}


class PlmAdminSite(admin.AdminSite):
    """Who may in is decided by ``plm.admin.access``; sign-in is the one of the pages, with its limits on guessing."""

    site_header = _("PLM administration")
    site_title = _("PLM administration")
    index_title = _("Records")
    enable_nav_sidebar = True
    index_template = "admin/plm/index.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Django's own deletes rows; the records' admins bring one that calls their services.
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take admins of the house's base alone. What libraries register of their own accord knows no tenant."""
        if admin_class is not None and issubclass(admin_class, PlmAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the tenant's records, named as they are in forms."""
        answer: Any = NamedChoices.as_view(admin_site=self)(request)
        return answer  # type: ignore[no-any-return]

    def get_urls(self) -> list[Any]:
        """Leave out Django's "view on site" address, which no record here uses."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the caller's roles in the chosen tenant open the admin."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.kind == "user" and actor.may(ADMIN_ACCESS)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send to the sign-in page; a person without the permission gets the 403 page instead of a loop."""
        if getattr(request, "actor", None) is not None:
            from django.core.exceptions import PermissionDenied

            raise PermissionDenied
        target = request.GET.get("next", reverse("admin:index"))
        return redirect(f"{reverse('accounts:login')}?{urlencode({'next': target})}")


class PlmAdminConfig(AdminConfig):
    """Makes the site above the default one, which ``admin.register`` uses."""

    default_site = "plm_project.admin_site.PlmAdminSite"
