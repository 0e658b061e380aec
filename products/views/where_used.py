"""Where a product is used: as a table by level, as a tree, as a picture; and the baselines that hold it."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.views.generic import TemplateView, View

from plm_project.web.views import is_htmx
from products.exceptions import StructureCycle
from products.forms import StructureForm
from products.models import Product
from products.page_parts import replace_url
from products.selectors.baselines import baselines_holding
from products.selectors.substitutes import substitute_uses_shown
from products.selectors.where_used import WhereUsed, WhereUsedLine, where_used
from products.selectors.where_used_graph import where_used_graph
from products.views.base import ProductPage, actor_of, page_of
from products.views.bom import DEEPEST

VIEWS = ("table", "tree", "graph")
BASELINES_SHOWN = 20


@dataclass(frozen=True)
class ParentRow:
    """A direct parent: ``quantity`` is what one of it has of the row it stands below."""

    line: WhereUsedLine
    quantity: Decimal


class WhereUsedQuestion(ProductPage):
    """What the where-used pages read from the address: date and mode."""

    tab = "where-used"

    @cached_property
    def form(self) -> StructureForm:
        """The question as asked."""
        return StructureForm(self.request.GET)

    @cached_property
    def used(self) -> WhereUsed:
        """The answer. Raises StructureCycle."""
        return where_used(self.product, self.form.resolution())

    def question(self, **extra: Any) -> str:
        """Return the question as an address's query."""
        asked = {name: self.request.GET.get(name, "") for name in ("as_of", "mode")}
        return urlencode({name: value for name, value in {**asked, **extra}.items() if value})

    def parents(self) -> list[ParentRow]:
        """Return the direct parents by number."""
        lines = {line.product_id: line for line in self.used.lines}
        direct = [edge for edge in self.used.edges if edge.child_id == self.product.pk]
        return [ParentRow(lines[edge.parent_id], edge.quantity) for edge in direct]


class ProductWhereUsedView(WhereUsedQuestion, TemplateView):
    """All products that contain this one."""

    template_name = "products/where_used.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the view asked for: table (default), tree or graph."""
        shown = self.request.GET.get("view", "")
        shown = shown if shown in VIEWS else "table"
        context = super().get_context_data(
            form=self.form,
            resolution=self.form.resolution(),
            shown=shown,
            question=self.question(),
            cycle=None,
            replace_url=replace_url(self.product, actor_of(self.request)),
            **self._baselines(),
            **self._substitutes(),
            **kwargs,
        )
        try:
            context["used"] = self.used
            context.update(getattr(self, f"_{shown}")())
        except StructureCycle as cycle:
            context["cycle"] = cycle
        return context

    def _baselines(self) -> dict[str, Any]:
        rows = baselines_holding(self.product)
        page = page_of(rows, self.request, size=BASELINES_SHOWN)
        return {"holding": page}

    def _substitutes(self) -> dict[str, Any]:
        shown, total = substitute_uses_shown(self.product)
        return {"as_substitute": shown, "as_substitute_total": total}

    def _table(self) -> dict[str, Any]:
        return {
            "levels": [(level, list(lines)) for level, lines in groupby(self.used.lines, key=lambda line: line.level)]
        }

    def _tree(self) -> dict[str, Any]:
        return {"rows": self.parents(), "depth": 1}

    def _graph(self) -> dict[str, Any]:
        graph = where_used_graph(self.product.pk, self.used)
        nodes = [
            {**asdict(node), "url": f"{reverse('products:product-where-used', args=[node.product_id])}?view=graph"}
            for node in graph.nodes
        ]
        nodes[0]["name"] = self.product.product_name
        return {
            "graph": {"nodes": nodes, "edges": graph.edges},
            "shown_nodes": len(nodes) - 1,
            "left_out": graph.left_out,
        }


class WhereUsedRowsView(WhereUsedQuestion, View):
    """The direct parents of a product, as rows of the tree."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the rows; asked for by hand, show that product's own page."""
        if not request.headers.get("X-Requested-With") and not is_htmx(request):
            address = reverse("products:product-where-used", args=[self.product.pk])
            return redirect(f"{address}?{self.question(view='tree')}")
        text = request.GET.get("depth", "")
        depth = min(int(text), DEEPEST) if text.isascii() and text.isdigit() and len(text) < 4 else 1
        product: Product = self.product
        context = {"product": product, "rows": self.parents(), "depth": max(depth, 1), "question": self.question()}
        return render(request, "products/_where_used_rows.html", context)
