"""The product list, its export, and the search behind the part picker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.generic import TemplateView, View

from plm_project.tenancy.scope import tenant_scope
from plm_project.web.csv_download import csv_download
from plm_project.web.views import PageMixin
from products import permissions
from products.forms import ProductFilterForm
from products.models import Product
from products.selectors.products import CHUNK, ProductFilter, product_list
from products.services.rollup_job import rollup_all_start
from products.views.base import actor_of, page_of

SUGGESTIONS = 20
# The names under which forms send what is typed into a part field.
PART_FIELDS = ("q", "child", "product", "replaced_by", "parent_number")


class ProductListView(PageMixin, TemplateView):
    """All products, narrowed and sorted by the address."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and the page of products."""
        form = ProductFilterForm(self.request.GET)
        wanted = form.wanted()
        actor = actor_of(self.request)
        return super().get_context_data(
            form=form,
            page=page_of(product_list(wanted), self.request),
            tenant=self.request.tenant,  # type: ignore[attr-defined]
            may_create=actor.may(permissions.PRODUCTS_CREATE),
            may_import=actor.may(permissions.PRODUCTS_IMPORT),
            **kwargs,
        )


class ProductExportView(PageMixin, View):
    """The filtered list as CSV."""

    permission = permissions.PRODUCTS_READ

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Note which products are meant, and send them portion by portion."""
        wanted = ProductFilterForm(request.GET).wanted()
        ids = list(product_list(wanted).values_list("pk", flat=True))
        tenant_id = actor_of(request).tenant_id
        return csv_download("products.csv", _export_heading(), _export_rows(tenant_id, ids))


class RollupAllView(PageMixin, View):
    """Have cost and mass of every product computed: a job, to whose page it leads."""

    permission = permissions.PRODUCTS_READ
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start it, or come back to the one that runs."""
        return redirect(rollup_all_start(actor=actor_of(request)).get_absolute_url())


class ProductSearchView(PageMixin, View):
    """Suggestions for a part: the options of a data list."""

    permission = permissions.PRODUCTS_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return products whose number or name holds the words."""
        words = next((request.GET[name] for name in PART_FIELDS if request.GET.get(name)), "")
        found: Sequence[Product] = ()
        if len(words.strip()) > 1:
            wanted = ProductFilter(q=words[:200], sort_by="product_number", sort_order="asc")
            found = list(product_list(wanted)[:SUGGESTIONS])
        return render(request, "products/_options.html", {"products": found})


def _export_heading() -> list[str]:
    """Fixed words, whatever the language: other programs read the file."""
    return [
        "number", "name", "product_type", "revision", "uom", "unit_cost", "target_cost", "mass_kg", "lifecycle_phase",
        "status", "description", "tags",
    ]  # fmt: skip


def _export_rows(tenant_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> Iterator[Sequence[Any]]:
    """Read each portion in a scope of its own: nothing stays open while a slow reader takes its time."""
    for start in range(0, len(ids), CHUNK):
        portion = ids[start : start + CHUNK]
        with tenant_scope(tenant_id):
            found = {product.pk: product for product in Product.objects.filter(pk__in=portion)}
        for key in portion:
            if key in found:
                yield _export_row(found[key])


def _export_row(product: Product) -> Sequence[Any]:
    return (
        product.product_number,
        product.product_name,
        product.product_type,
        product.revision,
        product.unit_of_measure,
        product.current_cost,
        product.target_cost,
        product.mass_kg,
        product.lifecycle_phase,
        product.status,
        product.product_description,
        "; ".join(product.tags),
    )
