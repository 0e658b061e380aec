"""The structure below a product as a graph of distinct products and lines, in columns.

Every structure question (explosion, flat quantities, roll-up, comparison) is answered on this graph, not on its paths:
26 products can make eight million paths, but only 26 nodes. A product is known by its place in the columns, a line by
its place too; the lines of the product at ``at`` are those from ``first[at]`` up to ``first[at + 1]``.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

from django.db import connection
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import Rule
from products.exceptions import StructureCycle
from products.models import Product, ProductRevision
from products.selectors.graph_columns import COST_PLACES, QUANTITY_PLACES, LineColumns, ProductColumns
from products.selectors.graph_reading import everything_read, forest_read, graph_read
from products.selectors.reasons import LineLimits, Reason, limits_of, line_reason, revision_reason
from products.selectors.resolution import Resolution, Sql, as_parameter, revision_of
from products.selectors.stored import as_date, as_designators, as_uuid, decimal_of
from products.selectors.substitutes import Substitute, substitutes_of_lines

ROOT = 0


@dataclass(slots=True)
class Structure:
    """A resolved structure. The root stands at place 0; ``child`` is the place of each line's child."""

    resolution: Resolution
    products: ProductColumns
    lines: LineColumns
    first: list[int]
    child: list[int]
    asked: uuid.UUID | None = None  # the root's revision when somebody named it
    _quantities: list[Decimal] = field(default_factory=list)
    _factors: list[Decimal] = field(default_factory=list)
    _reasons: dict[tuple[str | None, ...], Reason] = field(default_factory=dict)
    _line_reasons: dict[str, Reason] = field(default_factory=dict)
    _substitutes: dict[uuid.UUID, tuple[Substitute, ...]] | None = None

    def __len__(self) -> int:
        return len(self.products.key)

    def below(self, at: int) -> range:
        """Return the places of the lines of the product at ``at``, in order of find number."""
        return range(self.first[at], self.first[at + 1])

    def built_in(self, at: int) -> Iterable[int]:
        """Return the places of the lines of the product at ``at`` that are more than a reference."""
        kinds = self.lines.kind
        return self.below(at) if "r" not in kinds else (line for line in self.below(at) if kinds[line] != "r")

    def is_leaf(self, at: int) -> bool:
        """Return whether nothing is below the product."""
        return self.first[at] == self.first[at + 1]

    def label(self, at: int) -> str:
        """Return the label of the revision that was taken of the product; empty where none could be."""
        return self.products.label[at] or ""

    def number(self, at: int) -> str:
        """Return the product's number."""
        return self.products.number[at]

    @property
    def quantities(self) -> list[Decimal]:
        """The quantity of each line, exact and in its shortest form."""
        if len(self._quantities) != len(self.child):
            stored = self.lines.quantity
            known = {value: decimal_of(value, QUANTITY_PLACES) for value in set(stored)}
            self._quantities = [known[value] for value in stored]
        return self._quantities

    @property
    def factors(self) -> list[Decimal]:
        """What each line counts in sums: its quantity, and nothing where it stands for reference alone."""
        if len(self._factors) != len(self.child):
            kinds, zero = self.lines.kind, Decimal(0)
            self._factors = (
                [zero if kind == "r" else value for kind, value in zip(kinds, self.quantities, strict=True)]
                if "r" in kinds
                else self.quantities
            )
        return self._factors

    def cost(self, at: int) -> Decimal:
        """Return the product's own cost."""
        return decimal_of(self.products.cost[at], COST_PLACES)

    def mass(self, at: int) -> Decimal:
        """Return the product's own mass."""
        return decimal_of(self.products.mass[at], QUANTITY_PLACES)

    def designators(self, line: int) -> tuple[str, ...]:
        """Return the reference designators of the line."""
        return as_designators(self.lines.designators[line])

    def limits(self, line: int) -> LineLimits:
        """Return what is out of the ordinary about the line."""
        return limits_of(self.lines.limits[line])

    def substitutes(self, line: int) -> tuple[Substitute, ...]:
        """Return what may be taken for the part of the line, by rank. Read for all lines when first asked for."""
        if self._substitutes is None:
            self._substitutes = self._read_substitutes()
        return self._substitutes.get(uuid.UUID(bytes=self.lines.key[line]), ()) if self._substitutes else ()

    def _read_substitutes(self) -> dict[uuid.UUID, tuple[Substitute, ...]]:
        return substitutes_of_lines(self.lines.key)

    def reason(self, at: int) -> Reason:
        """Say why the product's revision was taken."""
        if at == ROOT and self.asked is not None:
            return Reason(Rule.REVISION_ASKED, _("revision asked for"))
        found = self.products
        serials = found.serials[at]
        key = (found.state[at], found.since[at], found.until[at], serials and str(serials))
        if key not in self._reasons:
            self._reasons[key] = revision_reason(key[0], as_date(key[1]), as_date(key[2]), serials, self.resolution)
        return self._reasons[key]

    @property
    def reasons(self) -> list[Reason]:
        """Why the revision of each product was taken, by place."""
        return list(map(self.reason, range(len(self))))

    def line_reason(self, line: int) -> Reason:
        """Say why the line is in the structure. Lines with the same limits share their words."""
        packed = self.lines.limits[line]
        if packed not in self._line_reasons:
            self._line_reasons[packed] = line_reason(self.limits(line), self.resolution)
        return self._line_reasons[packed]

    @property
    def line_reasons(self) -> list[Reason]:
        """Why each line is in the structure, by place. Most have the same limits."""
        packed = self.lines.limits
        said = {
            text: self.line_reason(line) for text, line in dict(zip(packed, range(len(packed)), strict=True)).items()
        }
        return [said[text] for text in packed]

    def parents_first(self) -> list[int]:
        """Return the places in an order in which each product stands before all it contains. O(products + lines).

        Raises StructureCycle with the path when the stored lines make a cycle.
        """
        waiting = [0] * len(self)
        child, first = self.child, self.first
        for at in child:
            waiting[at] += 1
        ready = [at for at, count in enumerate(waiting) if not count]
        order: list[int] = []
        while ready:
            at = ready.pop()
            order.append(at)
            for below in child[first[at] : first[at + 1]]:
                waiting[below] -= 1
                if not waiting[below]:
                    ready.append(below)
        if len(order) != len(self):
            raise StructureCycle(self._cycle({at for at, count in enumerate(waiting) if count}))
        return order

    def _cycle(self, knot: set[int]) -> list[str]:
        """Return one cycle inside ``knot`` by number. Every member has a parent in the knot, so walking up must meet."""
        parent_of = {self.child[line]: at for at in knot for line in self.below(at) if self.child[line] in knot}
        seen: dict[int, int] = {}
        walk: list[int] = []
        at = next(iter(parent_of))
        while at not in seen:
            seen[at] = len(walk)
            walk.append(at)
            at = parent_of[at]
        return [self.number(place) for place in [*walk[seen[at] :], at]][::-1]


def structure_load(
    product: Product, resolution: Resolution, *, revision: ProductRevision | None = None, sums_only: bool = False
) -> Structure:
    """Read the structure below ``product``. ``revision`` fixes the root's; all below follow the resolution.

    With ``sums_only`` the lines' keys, words and order are left out: flat totals, roll-ups and counts need none of them.
    Raises StructureCycle from the questions asked of the result, not here.
    """
    root = revision or revision_resolve(product, resolution)
    structure = structure_between(product, [root.pk if root else None], resolution, sums_only=sums_only)
    structure.asked = revision.pk if revision is not None else None
    return structure


def structure_between(
    product: Product, revision_ids: Sequence[uuid.UUID | None], resolution: Resolution, *, sums_only: bool = False
) -> Structure:
    """Read what is below several revisions of ``product`` as one graph; each revision is a root of its own."""
    return structure_of_columns(resolution, *graph_read(product.pk, revision_ids, resolution, sums_only=sums_only))


def structure_of_products(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> Structure:
    """Read several products (up to 30,000) and all below them as one graph. It has no root: the first is any of them."""
    if not product_ids:
        return structure_of_columns(resolution, ProductColumns(*([] for _ in range(13))), LineColumns([], [], [], []))
    return structure_of_columns(resolution, *forest_read(product_ids, resolution))


def structure_of_everything(resolution: Resolution) -> Structure:
    """Read the structure of all products of the tenant, for sums. It has no root: the first product is any."""
    return structure_of_columns(resolution, *everything_read(resolution))


def structure_of_columns(resolution: Resolution, products: ProductColumns, lines: LineColumns) -> Structure:
    """Return the structure that these columns hold. The lines stand in the order of their parents' places."""
    count = len(products.key)
    places = dict(zip(reversed(products.key), range(count - 1, -1, -1), strict=True))  # of two roots the first
    below = Counter(lines.parent)
    first = [0, *accumulate(below[at] for at in range(count))]
    return Structure(resolution, products, lines, first, [places[key] for key in lines.child])


def revision_resolve(product: Product, resolution: Resolution) -> ProductRevision | None:
    """Return the revision that ``resolution`` takes of one product."""
    wanted = revision_of(Sql("%s", (as_parameter(product.pk),)), resolution)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {wanted.text}", wanted.params)
        row = cursor.fetchone()
    return ProductRevision.objects.get(pk=as_uuid(row[0])) if row and row[0] else None


def revision_named(product: Product, label: str) -> ProductRevision:
    """Return a product's revision by its label; raise NotFound when it has none such."""
    revision = ProductRevision.objects.filter(product=product, label=label).first()
    if revision is None:
        raise NotFound(_("%(number)s has no revision %(label)s.") % {"number": product.product_number, "label": label})
    return revision
