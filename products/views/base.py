"""What the product pages share: the product, its tabs, and edits that met a colleague's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import cached_property
from django.views.generic import FormView

from plm_project.core.actor import Actor
from plm_project.core.exceptions import PreconditionFailed
from plm_project.web.views import PageMixin, ServiceFormMixin
from products import permissions
from products.forms import PlmForm
from products.models import Product
from products.page_parts import change_url
from products.selectors.records import product_get

PAGE_SIZE = 50
INVALID = 422
STALE = 409


class ServicePage(ServiceFormMixin, FormView):  # type: ignore[type-arg]
    """A page with a form that calls a service. Input that is refused answers 422."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


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
        """Add what every page about a product shows, and what the signed-in person may do."""
        actor = actor_of(self.request)
        shared = {
            "product": self.product,
            "tab": self.tab,
            "may_edit_bom": actor.may(permissions.BOM_UPDATE),
            "may_import": actor.may(permissions.PRODUCTS_IMPORT),
            "change_url": change_url(self.product, actor),
        }
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor; the page mixin has refused requests without one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def page_of(rows: Any, request: HttpRequest, *, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense gives the nearest one."""
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    return page


class EditPage(ServicePage):
    """A form on a record with a version: an edit that met a colleague's shows both instead of one message (409).

    ``save`` calls the service, ``stale`` says what the page shows after a colleague's edit (see ``merge_stale``).
    """

    is_stale = False

    def save(self, form: Any) -> Any:
        """Call the service with the version that the person saw."""
        raise NotImplementedError

    def stale(self, form: Any) -> dict[str, Any]:
        """Return the context: merged form, differences, last change."""
        raise NotImplementedError

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show what changed meanwhile, or what is wrong."""
        if not self.is_stale:
            return super().form_invalid(form)
        return self.render_to_response(self.get_context_data(**self.stale(form)), status=STALE)

    def perform(self, form: Any) -> Any:
        """Note a stale version on the way."""
        try:
            return self.save(form)
        except PreconditionFailed:
            self.is_stale = True
            raise


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
    data = QueryDict(mutable=True)
    data.update(form.data)  # type: ignore[arg-type] # a form of a request holds a QueryDict
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
