"""The change list, and the changes of one product."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from changes import permissions
from changes.choices import RequestStatus
from changes.forms import ChangeFilterForm
from changes.selectors import change_list, changes_of_product, fast_track_matters, request_list
from changes.selectors.changes import SORT_FIELDS, SORT_ORDERS
from plm_project.web.views import PageView
from products.models import Product
from products.selectors.records import product_get

PAGE_SIZE = 25
REQUESTS_SHOWN = 10


def page_of(rows: Any, request: HttpRequest, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


class ChangeListView(PageView):
    """All changes, narrowed and sorted by the address."""

    permission = permissions.CHANGES_READ
    template_name = "changes/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of changes."""
        form = ChangeFilterForm(self.request.GET)
        if not fast_track_matters():
            del form.fields["way"]
        wanted = form.wanted(self.actor.user_id)
        product_id = wanted["product_id"]
        rows = change_list(**wanted, **_order(self.request))
        return super().get_context_data(
            form=form,
            page=page_of(rows, self.request),
            product=Product.objects.filter(pk=product_id).first() if product_id else None,
            may_create=self.actor.may(permissions.CHANGES_CREATE),
            may_read_requests=self.actor.may(permissions.REQUESTS_READ),
            **kwargs,
        )


class ProductChangesView(PageView):
    """The tab of the product page."""

    permission = permissions.CHANGES_READ
    template_name = "changes/product_tab.html"

    @cached_property
    def product(self) -> Product:
        """The product; another tenant's is not found."""
        return product_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add its changes, newest first."""
        return super().get_context_data(
            product=self.product,
            tab="changes",
            page=page_of(changes_of_product(self.product), self.request),
            may_create=self.actor.may(permissions.CHANGES_CREATE),
            may_ask=self.actor.may(permissions.REQUESTS_CREATE),
            asked=list(request_list(product_id=self.product.pk, status=[RequestStatus.OPEN])[:REQUESTS_SHOWN])
            if self.actor.may(permissions.REQUESTS_READ)
            else [],
            **kwargs,
        )


def _order(request: HttpRequest) -> dict[str, Any]:
    """Read the order from the address; nonsense means the default."""
    field, order = request.GET.get("sort_by", ""), request.GET.get("sort_order", "asc")
    if field not in SORT_FIELDS or order not in SORT_ORDERS:
        return {}
    return {"sort_by": field, "sort_order": order}
