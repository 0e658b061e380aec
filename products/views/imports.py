"""The import of a bill of materials in three steps: file, preview with its mapping, confirmation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from plm_project.core.exceptions import NotFound
from plm_project.web.views import PageMixin
from products import permissions
from products.forms import MappingForm, PlmForm, UploadForm
from products.importing import AUTO, Corrections, ParsedRow, SkippedRow
from products.importing.columns import FIELDS, SYNONYMS
from products.importing.corrections import LONGEST, MOST_CELLS
from products.importing.preview import FileColumns, corrections_of, file_columns
from products.models import Product
from products.selectors.products import product_ids
from products.services.bom_import import BomFault, BomImport, bom_import
from products.services.bom_import_job import bom_import_again, bom_import_start, is_long
from products.services.import_files import (
    WaitingFile,
    import_file_drop,
    import_file_keep,
    import_file_read,
    waiting_file,
)
from products.views.base import INVALID, ServicePage, actor_of

ROWS_SHOWN = 200
FAULTS_SHOWN = 200  # each with its cell to correct; a form has a limit of fields
SKIPPED_SHOWN = 500
_CELL = re.compile(r"cell_([0-9]{1,7})_([a-z_]{1,30})")


class ImportUploadView(ServicePage):
    """Choose the file and the product."""

    permission = permissions.PRODUCTS_IMPORT
    template_name = "products/import_upload.html"

    form_class = UploadForm
    result: str

    def get_initial(self) -> dict[str, Any]:
        """Take the product's number that a link may bring along."""
        return {"parent_number": self.request.GET.get("parent", "")[:50]}

    def perform(self, form: PlmForm) -> str:
        """Keep the file."""
        given = form.cleaned_data
        return import_file_keep(
            actor=self.actor,
            upload=given["file"],
            filename=given["file"].name,
            parent_number=given["parent_number"],
            parent_name=given["parent_name"],
        )

    def get_success_url(self) -> str:
        """Show what is in it."""
        return reverse("products:import-preview", args=[self.result])


@dataclass(frozen=True)
class PreviewRow:
    """A row of the file as it would be imported."""

    row: ParsedRow
    is_known: bool


@dataclass(frozen=True)
class FaultyCell:
    """A fault, and the cell to put right: ``name`` of its input ("" when no single cell is to blame), what it holds."""

    fault: BomFault
    name: str
    text: str


class WaitingImport(PageMixin):
    """A step that reads the kept file again, with the mapping in the address (or the form)."""

    permission = permissions.PRODUCTS_IMPORT
    kwargs: dict[str, Any]
    request: HttpRequest

    @cached_property
    def kept(self) -> tuple[WaitingFile, bytes]:
        """The file."""
        return import_file_read(actor=actor_of(self.request), token=self.kwargs["token"])

    @property
    def given(self) -> Any:
        """The mapping as it was sent."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def columns(self) -> FileColumns:
        """What the file has."""
        return file_columns(self.kept[1], sheet=self.given.get("sheet") or None)

    def mapping(self) -> dict[str, str] | None:
        """Return the corrections; None while nothing was corrected."""
        chosen = {field: self.given[f"map_{field}"] for field in FIELDS if f"map_{field}" in self.given}
        return corrections_of(chosen, has_headings=self.columns.has_headings) if chosen else None

    @cached_property
    def corrections(self) -> Corrections:
        """The cells that were put right in the page, and the rows to leave out."""
        cells = {
            (int(match[1]), match[2]): str(value)[:LONGEST]
            for name, value in self.given.items()
            if (match := _CELL.fullmatch(name)) and match[2] in SYNONYMS
        }
        rows = [
            int(row) for row in self.given.getlist("leave_out") if row.isascii() and row.isdigit() and len(row) < 8
        ]
        return Corrections(dict(list(cells.items())[:MOST_CELLS]), frozenset(rows))

    def wanted(self) -> dict[str, Any]:
        """Return what to import, and how to read it: the arguments that ``bom_import`` and its job share."""
        waiting, content = self.kept
        return {
            "actor": actor_of(self.request),
            "content": content,
            "filename": waiting.filename,
            "parent_number": waiting.parent_number,
            "parent_name": waiting.parent_name,
            "dialect": self.given.get("dialect") or AUTO,
            "mapping": self.mapping(),
            "sheet": self.given.get("sheet") or None,
            "corrections": self.corrections,
        }

    def run(self, *, dry_run: bool) -> BomImport:
        """Import, or say what an import would do."""
        return bom_import(**self.wanted(), dry_run=dry_run)

    def _sent(self) -> Iterator[tuple[str, str]]:
        """All that decides what is read: columns, layout, sheet, corrections."""
        for name in self.given:
            if _is_mapping_field(name) or _is_correction(name):
                for value in self.given.getlist(name):
                    yield name, value

    def preview(self, result: BomImport) -> dict[str, Any]:
        """Return what the page shows of a dry run."""
        parsed = result.parsed
        detected = dict(parsed.mapping)
        asked = self.given if self.mapping() is not None else None
        choices = [(column.value, _column_words(column)) for column in self.columns.columns]
        known = product_ids([row.number for row in parsed.rows[:ROWS_SHOWN]] + [result.parent])
        wanted = self.given.get("skip_reason", "")
        skipped = [row for row in parsed.skipped if wanted in ("", row.reason)]
        cells = [_faulty_cell(fault, result) for fault in result.faults[:FAULTS_SHOWN]]
        shown = {cell.name for cell in cells}
        return {
            "waiting": self.kept[0],
            "token": self.kwargs["token"],
            "result": result,
            "parsed": parsed,
            "parent_known": known.get(result.parent),
            "form": MappingForm(asked, columns=choices, sheets=self.columns.sheets, detected=detected),
            "rows": [PreviewRow(row, row.number in known) for row in parsed.rows[:ROWS_SHOWN]],
            "rows_left": max(len(parsed.rows) - ROWS_SHOWN, 0),
            "cells": cells,
            "faults_left": max(len(result.faults) - FAULTS_SHOWN, 0),
            "faulty_rows": {fault.row for fault in result.faults},
            "skip_reasons": _reasons(parsed.skipped),
            "skip_reason": wanted,
            "skipped": skipped[:SKIPPED_SHOWN],
            "skipped_left": max(len(skipped) - SKIPPED_SHOWN, 0),
            "warnings": result.warnings[:FAULTS_SHOWN],
            "sent": [pair for pair in self._sent() if _is_mapping_field(pair[0])],
            "kept_corrections": [pair for pair in self._sent() if _is_correction(pair[0]) and pair[0] not in shown],
            "all_sent": list(self._sent()),
            "corrected": len(self.corrections.cells) + len(self.corrections.left_out),
            "nothing_new": not result.faults and not (result.lines_created or result.products_created),
        }


class ImportPreviewView(WaitingImport, TemplateView):
    """What the file says and what importing it would do. Nothing is written."""

    template_name = "products/import_preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Run dry."""
        return super().get_context_data(**{**kwargs, **self.preview(self.run(dry_run=True))})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try again with the cells that were put right: more than an address can hold."""
        return self.get(request, *args, **kwargs)


class ImportConfirmView(WaitingImport, TemplateView):
    """Import. A second click finds the file gone and does nothing."""

    template_name = "products/import_preview.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Write all or nothing; with faults show them as the preview does. A large file is a job's work: to its page."""
        actor = actor_of(request)
        waiting = waiting_file(actor, token)
        try:
            self.kept  # noqa: B018 - reads the file
        except NotFound as gone:
            messages.info(request, gone.message)
            return _to_product(waiting.parent_number)
        if is_long(self.kept[1]):
            job = bom_import_start(**self.wanted())
            transaction.on_commit(lambda: import_file_drop(actor=actor, token=token))
            return redirect(job.get_absolute_url())
        result = self.run(dry_run=False)
        if result.faults:
            return self.render_to_response(self.get_context_data(**self.preview(result)), status=INVALID)
        transaction.on_commit(lambda: import_file_drop(actor=actor, token=token))
        lines = ngettext("%(count)d line", "%(count)d lines", result.lines_created) % {"count": result.lines_created}
        made = result.products_created
        products = ngettext("%(count)d new product", "%(count)d new products", made) % {"count": made}
        messages.success(request, _("Imported: %(lines)s, %(products)s.") % {"lines": lines, "products": products})
        return _to_product(waiting.parent_number)


class ImportCancelView(PageMixin, View):
    """Throw the kept file away."""

    permission = permissions.PRODUCTS_IMPORT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Remove it."""
        import_file_drop(actor=actor_of(request), token=token)
        messages.info(request, _("Nothing was imported."))
        return redirect("products:import")


class ImportAgainView(PageMixin, View):
    """Back from a job to the preview of its file, with what the form says of mapping and corrections."""

    permission = permissions.PRODUCTS_IMPORT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Keep the file once more; the browser sends the same form on to its preview (307)."""
        token = bom_import_again(actor=actor_of(request), job_id=pk)
        return HttpResponse(status=307, headers={"Location": reverse("products:import-preview", args=[token])})


def _to_product(number: str) -> HttpResponse:
    product = Product.objects.filter(product_number=number).first()
    return redirect("products:product-bom", pk=product.pk) if product else redirect("products:import")


def _faulty_cell(fault: BomFault, result: BomImport) -> FaultyCell:
    if not fault.row or fault.field not in SYNONYMS:
        return FaultyCell(fault, "", "")
    return FaultyCell(fault, f"cell_{fault.row}_{fault.field}", result.parsed.cell_text(fault.row, fault.field))


def _reasons(skipped: tuple[SkippedRow, ...]) -> list[tuple[str, str, int]]:
    """Return (reason, in words, rows), the most frequent first."""
    labels = {row.reason: row.label for row in skipped}
    return [(reason, labels[reason], count) for reason, count in Counter(row.reason for row in skipped).most_common()]


def _is_correction(name: str) -> bool:
    return name == "leave_out" or _CELL.fullmatch(name) is not None


def _is_mapping_field(name: str) -> bool:
    return name in ("dialect", "sheet") or name.startswith("map_")


def _column_words(column: Any) -> str:
    """Name a column with its first content: headings alone do not always tell."""
    name = f"{column.letter} · {column.heading}" if column.heading else column.letter
    return f"{name} ({column.sample})" if column.sample else name
