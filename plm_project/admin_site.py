"""The PLM managers' admin: Django's own, opened by the actor's permission and scoped to their tenant."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from plm_project.accounts.permissions import ADMIN_ACCESS


class PlmAdminSite(admin.AdminSite):
    """Who may in is decided by ``plm.admin.access``; sign-in is the one of the pages, with its limits on guessing."""

    site_header = _("PLM administration")
    site_title = _("PLM administration")
    index_title = _("Records")
    enable_nav_sidebar = True

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
