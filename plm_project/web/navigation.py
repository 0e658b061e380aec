"""The main navigation: what there is, and which of it the actor may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor


@dataclass(frozen=True)
class NavItem:
    """One entry. ``permission`` empty: everyone with a tenant."""

    label: Any
    url_name: str
    icon: str
    permission: str = ""
    group: Any = ""


@dataclass(frozen=True)
class NavLink:
    """An entry as the template draws it."""

    label: Any
    url: str
    icon: str
    is_current: bool
    group: Any


ITEMS = (
    NavItem(_("Dashboard"), "dashboard", "speedometer2", "plm.products.read"),
    NavItem(_("Products"), "products:product-list", "box-seam", "plm.products.read"),
    NavItem(_("Documents"), "products:document-list", "files", "plm.documents.read"),
    NavItem(_("Sourcing"), "products:single-source", "truck", "plm.sourcing.read"),
    NavItem(_("Changes"), "changes:change-list", "arrow-repeat", "plm.changes.read"),
    NavItem(_("My approvals"), "changes:my-approvals", "check2-square", "plm.changes.read"),
    NavItem(_("Import"), "products:import", "file-earmark-arrow-up", "plm.products.import"),
    NavItem(_("Collaboration"), "collaboration:session-list", "people", "plm.collaboration.read", _("Together")),
    NavItem(_("Compliance"), "compliance:matrix", "shield-check", "plm.compliance.read", _("Together")),
    NavItem(_("Integrations"), "integrations:board", "plug", "plm.integrations.read", _("Together")),
    NavItem(_("Jobs"), "jobs:job-list", "hourglass-split", "plm.jobs.read", _("System")),
    NavItem(_("Administration"), "admin:index", "gear", "plm.admin.access", _("System")),
)


def url_or_empty(name: str) -> str:
    """Return the address of a named route without arguments, or "" when this installation has no such route."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def links_for(request: HttpRequest) -> list[NavLink]:
    """Return the entries the actor may open, the one of the current page marked. Nobody signed in: none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return []
    found = [
        (item, url)
        for item in ITEMS
        if (not item.permission or actor.may(item.permission)) and (url := url_or_empty(item.url_name))
    ]
    current = _longest_prefix(request.path, [url for _item, url in found])
    return [NavLink(item.label, url, item.icon, url == current, item.group) for item, url in found]


def _longest_prefix(path: str, urls: list[str]) -> str:
    """Return the most specific address the page lies under; the root counts only for itself."""
    under = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(under, key=len, default="")
