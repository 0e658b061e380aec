"""Questions about a product's structure and past: explosion, where-used, roll-up, cycle check, history. All read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from products import permissions
from products.api import examples
from products.api.filters import (
    CompareQuery,
    CycleQuery,
    ExplosionQuery,
    ExplosionStartQuery,
    HistoryQuery,
    PageQuery,
    RollupQuery,
    WhereUsedEdgesQuery,
)
from products.api.structure_serializers import (
    CycleCheckSerializer,
    ExplainedLineSerializer,
    FlatLineSerializer,
    IndentedLineSerializer,
    PaginatedComparisonSerializer,
    PaginatedExplosionSerializer,
    PaginatedWhereUsedSerializer,
    PassedOverSerializer,
    ProductHistoryEntrySerializer,
    RollupSerializer,
    WhereUsedEdgeSerializer,
    WhereUsedLineSerializer,
)
from products.selectors.answers import explosion_head
from products.selectors.compare import compare_sides
from products.selectors.compare_question import sides_asked, sides_read
from products.selectors.cycles import cycle_path
from products.selectors.explanations import passed_over
from products.selectors.explosion import Explosion, IndentedLine, explosion_flat
from products.selectors.explosion_page import explosion_first
from products.selectors.graph import revision_named
from products.selectors.history import ProductHistory
from products.selectors.products import product_by_number
from products.selectors.questions import resolution_asked
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.structures import structure_asked
from products.selectors.where_used import where_used


class StructureActions:
    """Mixin of ProductViewSet."""

    structure_permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("explosion", "explosion_start", "where_used", "rollup", "compare", "check_cycle", "history"),
        permissions.PRODUCTS_READ,
    )

    @extend_schema(
        parameters=[ExplosionQuery, PageQuery],
        responses=PaginatedExplosionSerializer,
        examples=examples.EXPLOSION,
    )
    @action(detail=True)
    def explosion(self: Any, request: Request, pk: Any) -> Answer:
        """Explode the bill of materials: everything below, indented, or with ``flat`` as totals per product.

        ``rows``, ``distinct_products`` and ``depth`` describe the whole; ``lines`` is the page asked for. CONFLICT
        when the stored structure contains a cycle.
        """
        query = read_query(ExplosionQuery, request.query_params)
        structure = structure_asked(self.get_object(), query, sums_only=query["flat"])
        explosion = Explosion(structure, depth=query.get("depth"))
        rows = explosion_flat(structure) if query["flat"] else explosion
        serializer = FlatLineSerializer if query["flat"] else IndentedLineSerializer
        head = explosion_head(explosion)
        if query["explain"] and not query["flat"]:
            return _page_inside(self, head, rows, ExplainedLineSerializer, structure.resolution)
        return _page_inside(self, head, rows, serializer)

    @extend_schema(
        operation_id="products_explosion_start",
        parameters=[ExplosionStartQuery],
        responses=IndentedLineSerializer(many=True),
        filters=False,
    )
    @action(detail=True, url_path="explosion-start", pagination_class=None)
    def explosion_start(self: Any, request: Request, pk: Any) -> Answer:
        """Show the first rows of the indented explosion at once, without counting what follows.

        They equal the first rows of ``explosion``. For a screen that opens while the whole is still being counted.
        """
        query = read_query(ExplosionStartQuery, request.query_params)
        product = self.get_object()
        if query.get("baseline"):
            frozen = Explosion(structure_asked(product, query))[: query["rows"]]
            return Answer(self.written(frozen, many=True, serializer_class=IndentedLineSerializer))
        label = query.get("revision", "")
        revision = revision_named(product, label) if label else None
        resolution = resolution_asked(query, product)
        lines = explosion_first(product, resolution, rows=query["rows"], revision=revision)
        if query["explain"]:
            return Answer(_explained(self, lines, resolution))
        return Answer(self.written(lines, many=True, serializer_class=IndentedLineSerializer))

    @extend_schema(parameters=[WhereUsedEdgesQuery, PageQuery], responses=PaginatedWhereUsedSerializer)
    @action(detail=True, url_path="where-used")
    def where_used(self: Any, request: Request, pk: Any) -> Answer:
        """Tell where the product is used, directly and through others, nearest first."""
        query = read_query(WhereUsedEdgesQuery, request.query_params)
        used = where_used(self.get_object(), resolution_asked(query, upwards=True), depth=query.get("depth"))
        head: dict[str, Any] = {
            "product": used.product_number,
            "direct": used.direct,
            "ancestors": used.ancestors,
            "roots": used.roots,
        }
        if query["edges"]:
            head["edges"] = self.written(used.edges, many=True, serializer_class=WhereUsedEdgeSerializer)
        return _page_inside(self, head, used.lines, WhereUsedLineSerializer)

    @extend_schema(parameters=[RollupQuery], responses=RollupSerializer)
    @action(detail=True)
    def rollup(self: Any, request: Request, pk: Any) -> Answer:
        """Roll up cost and mass: the product's own plus, over its lines, quantity × the child's. Exact."""
        structure = structure_asked(self.get_object(), read_query(RollupQuery, request.query_params), sums_only=True)
        return Answer(self.written(product_rollup(structure), serializer_class=RollupSerializer))

    @extend_schema(parameters=[CompareQuery, PageQuery], responses=PaginatedComparisonSerializer)
    @action(detail=True)
    def compare(self: Any, request: Request, pk: Any) -> Answer:
        """Compare two revisions, baselines or questions: lines added, removed and changed.

        The three lists are paged as one, in this order. Two bare revisions are compared as stored; a side of which
        nothing is said is what the other side's question finds today.
        """
        query = read_query(CompareQuery, request.query_params)
        sides = sides_read(*sides_asked(self.get_object(), query))
        found = compare_sides(sides, levels=query["levels"]).as_answer()
        differences = [(kind, row) for kind, rows in found.items() for row in rows]
        page = self.paginator.paginate_queryset(differences, request, view=self)
        shown = {kind: [row for of, row in page if of == kind] for kind in found}
        return Answer(shown, pagination=self.paginator.block())

    @extend_schema(
        operation_id="products_check_cycle",
        parameters=[CycleQuery],
        responses=CycleCheckSerializer,
        filters=False,
    )
    @action(detail=False, url_path="check-cycle", pagination_class=None)
    def check_cycle(self: Any, request: Request) -> Answer:
        """Tell whether a line from ``parent`` to ``child`` would close a cycle, at any effectivity."""
        query = read_query(CycleQuery, request.query_params)
        parent = product_by_number(query["parent"], field="parent")
        child = product_by_number(query["child"], field="child")
        path = cycle_path(parent.pk, child.pk)
        found = {"creates_cycle": bool(path), "path": path}
        return Answer(self.written(found, serializer_class=CycleCheckSerializer))

    @extend_schema(parameters=[HistoryQuery], responses=ProductHistoryEntrySerializer(many=True))
    @action(detail=True)
    def history(self: Any, request: Request, pk: Any) -> Answer:
        """List who changed what, when and why, from what to what: product, revisions and lines, newest first."""
        query = read_query(HistoryQuery, request.query_params)
        answer: Answer = self.answer_page(
            ProductHistory(self.get_object(), **query), serializer_class=ProductHistoryEntrySerializer
        )
        return answer


def _page_inside(
    view: Any, head: dict[str, Any], rows: Any, serializer_class: Any, explain: Resolution | None = None
) -> Answer:
    """Answer an object whose ``lines`` are one page of ``rows``, explained where a resolution is given."""
    page = view.paginator.paginate_queryset(rows, view.request, view=view)
    if explain is not None:
        lines = _explained(view, page, explain)
    else:
        lines = view.written(page, many=True, serializer_class=serializer_class)
    return Answer({**head, "lines": lines}, pagination=view.paginator.block())


def _explained(view: Any, lines: Sequence[IndentedLine], resolution: Resolution) -> Any:
    """Return lines written out, each with what it was chosen over. A line that stands in several places says it in each."""
    over = passed_over({line.line_id for line in lines}, resolution)
    written = view.written(lines, many=True, serializer_class=IndentedLineSerializer)
    for line, row in zip(lines, written, strict=True):
        row["passed_over"] = PassedOverSerializer(over[line.line_id]).data
    return written
