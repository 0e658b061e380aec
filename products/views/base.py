"""What the product pages share: the product, its tabs, and edits that met a colleague's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.web.views import PageMixin
from products import permissions
from products.extensions import product_tabs
from products.forms import PlmForm
from products.models import Product
from products.selectors.records import product_get

PAGE_SIZE = 50
CHANGE_PERMISSION = "plm.changes.create"


@dataclass(frozen=True)
class Tab:
    """One tab as a real link."""

    key: str
    title: str
    url: str
    current: bool


class ProductPage(PageMixin):
    """A page about the product ``pk`` in the address."""

    permission = permissions.PRODUCTS_READ
    tab = ""
    kwargs: dict[str, Any]
    request: HttpRequest

    @cached_property
    def product(self) -> Product:
        """The product; another tenant's, or one that is deleted, is not found."""
        return product_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the product, its tabs and what the signed-in person may do with it."""
        return super().get_context_data(**{**product_context(self.product, actor_of(self.request), self.tab), **kwargs})


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor; the page mixin has refused requests without one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def product_context(product: Product, actor: Actor, current: str) -> dict[str, Any]:
    """Return what ``products/_head.html`` needs. Tabs of other contexts call it too (by ``templatetags``)."""
    return {
        "product": product,
        "tabs": tabs_of(product, actor, current),
        "may_edit": actor.may(permissions.PRODUCTS_UPDATE),
        "may_delete": actor.may(permissions.PRODUCTS_DELETE),
        "may_edit_bom": actor.may(permissions.BOM_UPDATE),
        "may_import": actor.may(permissions.PRODUCTS_IMPORT),
        "change_url": change_url(product, actor),
    }


def tabs_of(product: Product, actor: Actor, current: str) -> list[Tab]:
    """Return the product's tabs, its own first."""
    own = (
        ("overview", _("Overview"), "products:product-detail"),
        ("bom", _("BOM"), "products:product-bom"),
        ("where-used", _("Where used"), "products:product-where-used"),
        ("revisions", _("Revisions"), "products:product-revisions"),
        ("history", _("History"), "products:product-history"),
    )
    entries = [
        *own,
        *((tab.key, str(tab.title), tab.url_name) for tab in product_tabs() if actor.may(tab.permission)),
    ]
    return [Tab(key, title, reverse(name, args=[product.pk]), key == current) for key, title, name in entries]


def change_url(product: Product, actor: Actor) -> str:
    """Return where an engineering change for the product is opened; "" where there is none, or the actor may not."""
    if not actor.may(CHANGE_PERMISSION):
        return ""
    try:
        return f"{reverse('changes:change-create')}?product={product.pk}"
    except NoReverseMatch:
        return ""


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


@dataclass(frozen=True)
class Difference:
    """A field that a colleague changed meanwhile: what it was, what it is now, what the person typed.

    ``clash`` when both changed it; else the person had left it alone, and the colleague's value is taken over.
    """

    label: str
    seen: str
    now: str
    typed: str
    clash: bool


def merge_stale(
    form: PlmForm, seen: Mapping[str, Any] | None, now: Mapping[str, Any], version: int
) -> tuple[PlmForm, list[Difference]]:
    """Return the form to show after a stale edit, and what a colleague changed since.

    What the person typed stays. What they had left alone takes the colleague's value, so that saving again does not
    undo it. ``seen`` is what they had opened (None where it is not known: then nothing is taken over).
    """
    data = form.data.copy()
    differences: list[Difference] = []
    for name, value in now.items():
        if name not in form.fields or name == "expected_version":
            continue
        typed, current = _text(data.get(name)), _text(value)
        before = _text(seen[name]) if seen is not None else None
        if before == current or typed == current:
            continue
        clash = before is None or typed != before
        if not clash:
            data[name] = current
        label = str(form.fields[name].label)
        differences.append(Difference(label, before or "", current, typed, clash))
    data["expected_version"] = str(version)
    return type(form)(data), differences


def _text(value: Any) -> str:
    """Compare what was typed with what is stored without line ends and outer blanks."""
    return "" if value is None else "\n".join(str(value).split("\n")).replace("\r", "").strip()
