"""What stands around every page about one product: its tabs, and where an engineering change is opened."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from products import permissions
from products.extensions import product_tabs
from products.models import Product

# The context of changes stands above this one; its page is linked to where it is there.
CHANGE_PERMISSION = "plm.changes.create"
CHANGE_PAGE = "changes:change-create"
REPLACE_PAGE = "changes:product-replace"


VAULT_TABS = (
    ("documents", gettext_lazy("Documents"), "products:product-documents"),
    ("model", gettext_lazy("Model"), "products:product-model"),
)


@dataclass(frozen=True)
class Tab:
    """One tab as a real link."""

    key: str
    title: str
    url: str
    current: bool


def tabs_of(product: Product, actor: Actor, current: str) -> list[Tab]:
    """Return the product's tabs, its own first, then those of other contexts that the actor may open."""
    own = (
        ("overview", _("Overview"), "products:product-detail"),
        ("bom", _("BOM"), "products:product-bom"),
        ("where-used", _("Where used"), "products:product-where-used"),
        ("revisions", _("Revisions"), "products:product-revisions"),
        ("configurations", _("Configurations"), "products:product-configurations"),
        ("baselines", _("Baselines"), "products:product-baselines"),
        *(VAULT_TABS if actor.may(permissions.DOCUMENTS_READ) else ()),
        ("sourcing", _("Sourcing"), "products:product-sourcing"),
        ("history", _("History"), "products:product-history"),
    )
    others = [(tab.key, str(tab.title), tab.url_name) for tab in product_tabs() if actor.may(tab.permission)]
    return [
        Tab(key, str(title), reverse(name, args=[product.pk]), key == current) for key, title, name in (*own, *others)
    ]


def change_url(product: Product, actor: Actor) -> str:
    """Return where a change for the product is opened; "" where there is no such page, or the actor may not."""
    if not actor.may(CHANGE_PERMISSION):
        return ""
    try:
        return f"{reverse(CHANGE_PAGE)}?product={product.pk}"
    except NoReverseMatch:
        return ""


def baseline_address(text: str, shown: str = "") -> str:
    """Return where a baseline named by its id stands, in the view asked for. Raises NotFound for what is no id."""
    try:
        address = reverse("products:baseline", args=[uuid.UUID(text)])
    except ValueError:
        raise NotFound(_("There is no such baseline.")) from None
    return f"{address}?{urlencode({'view': shown})}" if shown else address


def replace_url(product: Product, actor: Actor) -> str:
    """Return where the product is replaced everywhere; "" where there is no such page, or the actor may not."""
    if not actor.may(permissions.BOM_UPDATE):
        return ""
    try:
        return reverse(REPLACE_PAGE, args=[product.pk])
    except NoReverseMatch:
        return ""
