"""The bill of materials: a tree that opens level by level, the whole indented list, totals, and both as CSV."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from plm_project.core.exceptions import Conflict, NotFound
from plm_project.web.csv_download import csv_download
from plm_project.web.views import is_htmx
from products import permissions
from products.choices import FROZEN_STATES, RevisionState
from products.exceptions import StructureCycle
from products.forms import StructureForm
from products.models import ProductRevision
from products.selectors.explosion import Explosion, FlatLine, IndentedLine, explosion_flat
from products.selectors.graph import revision_resolve, structure_load
from products.selectors.levels import Level, level_load
from products.selectors.products import revision_list
from products.selectors.records import revision_get
from products.selectors.resolution import Resolution
from products.views.base import ProductPage, actor_of, page_of

VIEWS = ("tree", "indented", "flat")
ROWS_A_PAGE = 200
DEEPEST = 64
MOST_EXPORTED = 500_000  # rows; the indented list repeats what is used in several places, without end


class BomQuestion(ProductPage):
    """What every BOM page reads from the address: revision, date, mode."""

    tab = "bom"

    @cached_property
    def revisions(self) -> list[ProductRevision]:
        """The product's revisions, newest first."""
        return list(revision_list(self.product))

    @cached_property
    def form(self) -> StructureForm:
        """The question as asked."""
        return StructureForm(self.request.GET, revisions=self.revisions)

    @cached_property
    def resolution(self) -> Resolution:
        """Date and mode."""
        return self.form.resolution()

    @cached_property
    def asked_revision(self) -> ProductRevision | None:
        """The revision that the address names."""
        label = self.form.revision_label()
        return next((entry for entry in self.revisions if label and entry.label == label), None)

    @cached_property
    def revision(self) -> ProductRevision | None:
        """The revision shown: the one named, else the one that date and mode take."""
        if self.asked_revision is not None:
            return self.asked_revision
        found = revision_resolve(self.product, self.resolution)
        return next((entry for entry in self.revisions if found and entry.pk == found.pk), None)

    def question(self, **extra: Any) -> str:
        """Return the question as an address's query."""
        asked = {name: self.request.GET.get(name, "") for name in ("revision", "as_of", "mode")}
        return urlencode({name: value for name, value in {**asked, **extra}.items() if value})


class ProductBomView(BomQuestion, TemplateView):
    """The BOM tab."""

    template_name = "products/bom.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the view asked for: tree (default), indented, flat."""
        shown = self.request.GET.get("view", "")
        shown = shown if shown in VIEWS else "tree"
        context = super().get_context_data(
            form=self.form,
            revision=self.revision,
            resolution=self.resolution,
            question=self.question(),
            shown=shown,
            **self._state(),
            **kwargs,
        )
        try:
            context.update(self._tree() if shown == "tree" else self._list(shown))
        except StructureCycle as cycle:
            context["cycle"] = cycle
        return context

    def _state(self) -> dict[str, Any]:
        """Say whether the revision shown may be edited here, and which one may be instead."""
        actor = actor_of(self.request)
        revision = self.revision
        in_work = next((entry for entry in self.revisions if entry.state == RevisionState.IN_WORK), None)
        can_edit = bool(revision and revision.is_editable and actor.may(permissions.BOM_UPDATE))
        return {
            "can_edit": can_edit,
            "has_actions": can_edit,
            "in_work": in_work if in_work != revision else None,
            "is_frozen": bool(revision and revision.state in FROZEN_STATES),
            "in_review": bool(revision and revision.state == RevisionState.IN_REVIEW),
        }

    def _tree(self) -> dict[str, Any]:
        if self.revision is None:
            return {"level": Level((), 0, 0, 0)}
        offset = _number(self.request.GET.get("offset"), most=10_000_000)
        return {
            "level": level_load(self.revision, self.resolution, offset=offset),
            "depth": 1,
        }

    def _list(self, shown: str) -> dict[str, Any]:
        structure = structure_load(
            self.product, self.resolution, revision=self.asked_revision, sums_only=shown == "flat"
        )
        explosion = Explosion(structure)
        rows: Sequence[Any] = explosion if shown == "indented" else explosion_flat(structure)
        return {
            "page": page_of(rows, self.request, size=ROWS_A_PAGE),
            "extent": explosion.extent(),
            "query": self.question(view=shown),
        }


class BomRowsView(BomQuestion, View):
    """A portion of one level, as table rows: what opening an assembly, or "show more", asks for."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the rows of the revision ``of``; asked for by hand, show its product's BOM instead."""
        revision = revision_get(_uuid(request.GET.get("of")))
        if not request.headers.get("X-Requested-With") and not is_htmx(request):
            return redirect("products:product-bom", pk=revision.product_id)
        depth = max(_number(request.GET.get("depth"), most=DEEPEST), 1)
        offset = _number(request.GET.get("offset"), most=10_000_000)
        own = revision.product_id == self.product.pk and depth == 1
        return render(
            request,
            "products/_bom_rows.html",
            {
                "product": self.product,
                "level": level_load(revision, self.resolution, offset=offset),
                "depth": depth,
                "revision": revision,
                "has_actions": bool(request.GET.get("actions")),
                "can_edit": own and revision.is_editable and actor_of(request).may(permissions.BOM_UPDATE),
            },
        )


def _number(text: str | None, *, most: int) -> int:
    """Read a count from the address; what is none counts as 0."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise NotFound(_("There is no such revision.")) from None


@dataclass(frozen=True)
class _Export:
    heading: tuple[str, ...]
    rows: Iterable[Sequence[Any]]


class BomExportView(BomQuestion, View):
    """The BOM as CSV: ``view=flat`` the totals, else the indented list."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        """Read the structure now, write the rows while they are sent."""
        flat = request.GET.get("view") == "flat"
        structure = structure_load(self.product, self.resolution, revision=self.asked_revision, sums_only=flat)
        structure.parents_first()  # a cycle is refused before the first byte is sent
        if flat:
            export = _flat_export(explosion_flat(structure))
        else:
            indented = Explosion(structure)
            if len(indented) > MOST_EXPORTED:
                message = _("The indented list has more than %(limit)d rows. Take the totals.")
                raise Conflict(message % {"limit": MOST_EXPORTED})
            export = _indented_export(indented)
        name = f"{self.product.product_number}-{'totals' if flat else 'bom'}.csv"
        return csv_download(name, export.heading, export.rows)


def _indented_export(lines: Iterable[IndentedLine]) -> _Export:
    heading = (
        "level", "find_number", "product_number", "product_name", "revision", "quantity", "total_quantity",
        "unit_of_measure", "reference_designators", "reason",
    )  # fmt: skip
    return _Export(heading, _indented_rows(lines))


def _indented_rows(lines: Iterable[IndentedLine]) -> Iterator[Sequence[Any]]:
    for line in lines:
        yield (
            line.level,
            line.find_number,
            line.product_number,
            line.product_name,
            line.revision,
            line.quantity,
            line.total_quantity,
            line.unit_of_measure,
            ", ".join(line.reference_designators),
            line.reason,
        )


def _flat_export(lines: Iterable[FlatLine]) -> _Export:
    heading = ("product_number", "product_name", "total_quantity", "unit_of_measure", "is_leaf")
    rows = (
        (line.product_number, line.product_name, line.total_quantity, line.unit_of_measure, str(line.is_leaf).lower())
        for line in lines
    )
    return _Export(heading, rows)
