"""The bill of materials: a tree that opens level by level, the indented list, totals and requirements, with their files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.web.csv_download import csv_download, file_download
from plm_project.web.views import is_htmx
from products import permissions
from products.choices import FROZEN_STATES, RevisionState
from products.exceptions import StructureCycle
from products.exporting import FORMATS, bom_export
from products.forms import StructureForm
from products.forms.requirements import OrderForm
from products.models import ProductRevision
from products.page_parts import baseline_address
from products.selectors.explanations import line_why_not, lines_left_out, passed_over
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.graph import Structure, revision_resolve, structure_load
from products.selectors.levels import Level, level_line, level_load
from products.selectors.products import revision_list
from products.selectors.questions import QUESTION_FIELDS
from products.selectors.records import line_get, revision_get
from products.selectors.requirements import requirement_list
from products.selectors.resolution import Resolution
from products.selectors.substitutes import substitutes_of_line
from products.views.base import ProductPage, actor_of, page_of

VIEWS = ("tree", "indented", "flat", "requirements")
ROWS_A_PAGE = 200
DEEPEST = 64


class BomQuestion(ProductPage):
    """What every BOM page reads from the address: revision, date, mode, and of how many units."""

    tab = "bom"

    @cached_property
    def revisions(self) -> list[ProductRevision]:
        """The product's revisions, newest first."""
        return list(revision_list(self.product))

    @cached_property
    def form(self) -> StructureForm:
        """The question as asked."""
        return StructureForm(self.request.GET, revisions=self.revisions, product=self.product)

    @cached_property
    def resolution(self) -> Resolution:
        """Date, mode, unit and options."""
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

    @cached_property
    def order(self) -> OrderForm:
        """How many units are asked about; one where the address does not say."""
        return OrderForm({"units": self.request.GET.get("units") or "1"})

    def question(self, **extra: Any) -> str:
        """Return the question as an address's query."""
        asked = {name: self.request.GET.get(name, "") for name in ("revision", *QUESTION_FIELDS)}
        return urlencode({name: value for name, value in {**asked, **extra}.items() if value})


class ProductBomView(BomQuestion, TemplateView):
    """The BOM tab."""

    template_name = "products/bom.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it; a baseline stands on its own page."""
        if request.GET.get("baseline"):
            return redirect(baseline_address(request.GET["baseline"], request.GET.get("view", "")))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the view asked for: tree (default), indented, flat, requirements."""
        shown = self.request.GET.get("view", "")
        shown = shown if shown in VIEWS else "tree"
        try:
            self.resolution  # noqa: B018 - what cannot be asked is told on the page
        except ValidationFailed as fault:
            return super().get_context_data(
                form=self.form, question=self.question(), shown=shown, fault=fault, **kwargs
            )
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
            "may_take_baseline": actor.may(permissions.BASELINES_CREATE),
            "has_actions": can_edit,
            "in_work": in_work if in_work != revision else None,
            "is_frozen": bool(revision and revision.state in FROZEN_STATES),
            "in_review": bool(revision and revision.state == RevisionState.IN_REVIEW),
        }

    def _tree(self) -> dict[str, Any]:
        if self.revision is None:
            return {"level": Level((), 0, 0, 0)}
        offset = _number(self.request.GET.get("offset"), most=10_000_000)
        level = level_load(self.revision, self.resolution, offset=offset)
        return {
            "level": level,
            "depth": 1,
            "left_out": lines_left_out(self.revision, self.resolution) if level.left_out else [],
        }

    def _list(self, shown: str) -> dict[str, Any]:
        structure = structure_load(
            self.product, self.resolution, revision=self.asked_revision, sums_only=shown == "flat"
        )
        rows, extra = self._rows(shown, structure)
        return {
            "page": page_of(rows, self.request, size=ROWS_A_PAGE),
            "extent": Explosion(structure).extent(),
            "query": self.question(view=shown, units=self.request.GET.get("units", "")),
            **extra,
        }

    def _rows(self, shown: str, structure: Structure) -> tuple[Sequence[Any], dict[str, Any]]:
        if shown == "indented":
            return Explosion(structure), {}
        if shown == "flat":
            return explosion_flat(structure), {}
        units = self.order.quantity()
        return requirement_list(structure, units), {"order": self.order, "units": units}


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


class BomWhyView(BomQuestion, TemplateView):
    """Why one line, and the revision of its part, stand in the structure, and what they were chosen over."""

    template_name = "products/bom_why.html"

    def get_template_names(self) -> list[str]:
        """Answer a dialog with the inside alone."""
        return ["products/_bom_why.html" if is_htmx(self.request) else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the line, the reasons and the candidates."""
        line = line_get(_uuid(self.request.GET.get("line")))
        return super().get_context_data(
            line=line,
            taken=level_line(line, self.resolution),
            why_not=line_why_not(line, self.resolution),
            over=passed_over([line.pk], self.resolution)[line.pk],
            substitutes=list(substitutes_of_line(line)),
            question=self.question(),
            **kwargs,
        )


def _number(text: str | None, *, most: int) -> int:
    """Read a count from the address; what is none counts as 0."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0


def _uuid(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        raise NotFound(_("There is no such revision.")) from None


class BomExportView(BomQuestion, View):
    """The BOM as a file (``format``: csv, xlsx, cyclonedx): ``view=flat`` the totals, else the indented list."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        """Read the structure now, write the rows while they are sent."""
        flat = request.GET.get("view") == "flat"
        structure = structure_load(self.product, self.resolution, revision=self.asked_revision, sums_only=flat)
        export = bom_export(structure, flat=flat)
        kind = FORMATS.get(request.GET.get("format", "csv"))
        if kind is None:
            raise NotFound(_("There is no such kind of file."))
        return file_download(f"{export.name}{kind.ending}", kind.content_type, kind.write(export))


class RequirementsExportView(BomQuestion, View):
    """What an order takes, as CSV."""

    COLUMNS = ("product_number", "product_name", "unit_of_measure", "needed", "designed", "beyond_design", "is_leaf")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        """Work it out now, write while it is sent."""
        units = self.order.quantity()
        rows = requirement_list(structure_load(self.product, self.resolution, revision=self.asked_revision), units)
        name = f"{self.product.product_number}-requirements-{plain(units)}.csv"
        return csv_download(name, self.COLUMNS, ([getattr(row, column) for column in self.COLUMNS] for row in rows))
