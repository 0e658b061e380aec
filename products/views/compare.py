"""Two structures side by side: as a tree in two columns, as a table, as a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.web.csv_download import csv_download
from plm_project.web.views import is_htmx
from products.compare_words import export_rows, rows_of
from products.exceptions import StructureCycle
from products.forms.compare import BASELINE, BY_QUESTION, EXTRAS, Known, SidesForm
from products.models import Product
from products.selectors.baseline_structure import place_of
from products.selectors.baselines import baseline_list
from products.selectors.compare import Sides, compare_sides
from products.selectors.compare_question import Side, side_words, sides_asked, sides_read
from products.selectors.compare_tree import SideBySide
from products.selectors.configurations import configuration_rows
from products.selectors.products import product_by_number, revision_list
from products.views.base import ProductPage, page_of
from products.views.bom import DEEPEST

KINDS = ("added", "removed", "changed")
ROWS_A_PAGE = 200
MOST_BASELINES = 200
VIEWS = ("table", "side")
EXPORTED = ("difference", "in", "find_number", "product_number", "field", "from", "to")


class CompareQuestion(ProductPage):
    """What the pages of a comparison read from the address: two sides, the depth, what is shown of it."""

    tab = "revisions"

    @cached_property
    def other_product(self) -> Product:
        """The product of the second side."""
        number = self.request.GET.get("to_product", "").strip()
        return product_by_number(number, field="to_product") if number else self.product

    @cached_property
    def asked(self) -> dict[str, str]:
        """What the address asks for; by default the last two revisions, or the second's predecessor."""
        given = self.request.GET
        asked = {name: given.get(name, "") for side in ("from", "to") for name in _names(side)}
        for side in ("from", "to"):
            if key := asked.pop(f"{side}_baseline"):
                asked[side] = f"{BASELINE}{key}"
        plain = not any(value for name, value in asked.items() if name not in ("from", "to"))
        marked = any(not text.isalnum() for text in (asked["from"], asked["to"]) if text)
        if plain and not marked and not (asked["from"] and asked["to"]):
            asked["from"], asked["to"] = self._neighbours(asked["from"], asked["to"])
        asked["levels"] = "all" if given.get("levels") == "all" else "1"
        return asked

    def _neighbours(self, one: str, other: str) -> tuple[str, str]:
        revisions = list(revision_list(self.product))
        by_label = {entry.label: entry for entry in revisions}
        if unknown := [label for label in (one, other) if label and label not in by_label]:
            raise NotFound(_("There is no revision %(label)s.") % {"label": unknown[0]})
        if not revisions:
            return one, other
        last = by_label[other] if other else revisions[0]
        before = [entry for entry in revisions if entry.sequence < last.sequence]
        return one or (before[0] if before else last).label, last.label

    @cached_property
    def form(self) -> SidesForm:
        """The question as a form."""
        left = _known(self.product)
        right = left if self.other_product == self.product else _known(self.other_product)
        shown = {name: value or (BY_QUESTION if name in ("from", "to") else "") for name, value in self.asked.items()}
        return SidesForm(shown, left=left, right=right)

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Both sides as asked. Raises NotFound for what is not there."""
        form = self.form
        form.is_valid()
        query: dict[str, Any] = {}
        for side in ("from", "to"):
            query |= {name: form.cleaned_data.get(name) for name in _names(side) if name in form.cleaned_data}
            chosen = self.asked[side]
            query[side] = None
            if chosen.startswith(BASELINE):
                query = {name: value for name, value in query.items() if not name.startswith(f"{side}_")}
                query[f"{side}_baseline"] = chosen.removeprefix(BASELINE)
            elif chosen and chosen != BY_QUESTION:
                query[side] = chosen
        if self.other_product != self.product:
            query["to_product"] = self.other_product.product_number
        return sides_asked(self.product, query)

    @cached_property
    def read(self) -> Sides:
        """Both structures."""
        return sides_read(*self.sides)

    def question(self, **extra: Any) -> str:
        """Return the question as an address's query."""
        return urlencode({name: value for name, value in {**self.asked, **extra}.items() if value})


def _names(side: str) -> list[str]:
    return [side, f"{side}_baseline", f"{side}_product", *(f"{side}_{name}" for name in EXTRAS)]


def _known(product: Product) -> Known:
    configurations = configuration_rows().filter(product=product)[:MOST_BASELINES]
    return list(revision_list(product)), list(baseline_list(product)[:MOST_BASELINES]), list(configurations)


class RevisionCompareView(CompareQuestion, TemplateView):
    """What the second side has beyond the first, lacks, and has otherwise."""

    template_name = "products/compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both sides, and the view asked for: a table (default) or side by side."""
        shown = self.request.GET.get("view", "")
        shown = shown if shown in VIEWS else "table"
        context = super().get_context_data(form=self.form, shown=shown, deep=self.asked["levels"] == "all", **kwargs)
        context["question"] = self.question()
        if not revision_list(self.product).exists():
            return context
        try:
            read = self.read
            context["one"], context["other"] = (
                side_words(side, graph, root)
                for side, graph, root in (
                    (self.sides[0], read.left, read.left_root),
                    (self.sides[1], read.right, read.right_root),
                )
            )
            context["two_products"] = self.other_product != self.product
            context.update(self._tree(read) if shown == "side" else self._table(read))
        except StructureCycle as cycle:
            context["cycle"] = cycle
        except ValidationFailed as fault:
            context["fault"] = fault
        return context

    def _table(self, read: Sides) -> dict[str, Any]:
        comparison = compare_sides(read, levels=self.asked["levels"])
        rows = rows_of(comparison)
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in KINDS else ""
        page = page_of([row for row in rows if not kind or row.kind == kind], self.request, size=ROWS_A_PAGE)
        counts = {name: sum(row.kind == name for row in rows) for name in KINDS}
        return {"comparison": comparison, "rows": list(page), "page": page, "counts": counts, "kind": kind}

    def _tree(self, read: Sides) -> dict[str, Any]:
        return {**level_of(self, read, read.left_root, read.right_root, depth=1), "comparison": True}


def level_of(view: CompareQuestion, read: Sides, left: int | None, right: int | None, *, depth: int) -> dict[str, Any]:
    """Return one level of the tree as the templates show it."""
    only = view.request.GET.get("only") == "1"
    text = view.request.GET.get("offset", "")
    offset = min(int(text), 10_000_000) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    keys = [
        str(uuid.UUID(bytes=graph.products.key[at])) if at is not None else ""
        for graph, at in ((read.left, left), (read.right, right))
    ]
    at_top = depth == 1
    return {
        "tree": SideBySide(read).level(left, right, offset=offset, all_rows=not only),
        "graphs": read,
        "depth": depth,
        "only": only,
        "deep": view.asked["levels"] == "all",
        "rows_url": f"{reverse('products:compare-rows', args=[view.product.pk])}?{view.question(only='1' if only else '')}",
        "own": {"left": "" if at_top else keys[0], "right": "" if at_top else keys[1]},
    }


class CompareRowsView(CompareQuestion, View):
    """A portion of one level of the tree in two columns, as table rows."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the rows below the products ``left`` and ``right``; asked for by hand, show the page."""
        if not request.headers.get("X-Requested-With") and not is_htmx(request):
            return redirect(f"{reverse('products:revision-compare', args=[pk])}?{self.question(view='side')}")
        text = request.GET.get("depth", "")
        depth = min(int(text), DEEPEST) if text.isascii() and text.isdigit() and len(text) < 4 else 1
        read = self.read
        left, right = (
            (read.left_root, read.right_root)
            if depth <= 1
            else (
                _place(read, request.GET.get("left", ""), is_left=True),
                _place(read, request.GET.get("right", ""), is_left=False),
            )
        )
        context = level_of(self, read, left, right, depth=max(depth, 1))
        return render(request, "products/compare/_rows.html", {"product": self.product, **context})


def _place(read: Sides, text: str, *, is_left: bool) -> int | None:
    if not text:
        return None
    try:
        found = place_of(read.left if is_left else read.right, uuid.UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("The structure has changed meanwhile. Load the page again."))
    return found


class CompareExportView(CompareQuestion, View):
    """The differences as CSV: a row for each value that differs, and for each line of one side alone."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        """Compare now, write while it is sent."""
        comparison = compare_sides(self.read, levels=self.asked["levels"])
        rows: Iterator[Any] = export_rows(comparison)
        return csv_download(f"{self.product.product_number}-differences.csv", EXPORTED, rows)
