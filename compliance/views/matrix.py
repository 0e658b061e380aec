"""The matrix, what runs out, and both as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views import View

from compliance import permissions
from compliance.choices import BY_GRAVITY, NOT_APPLICABLE, status_label
from compliance.forms import EvidenceFilterForm, MatrixFilterForm
from compliance.selectors import evidence_ending, status_counts
from compliance.selectors.matrix import MatrixFilter, MatrixPage, matrix_regulations, matrix_rows
from compliance.selectors.matrix import matrix_products as products_of
from compliance.views.base import page_of
from plm_project.core import clock
from plm_project.tenancy.scope import require_tenant_id, tenant_scope
from plm_project.web.csv_download import csv_download
from plm_project.web.states import tone_of
from plm_project.web.views import PageMixin, PageView

PRODUCTS_SHOWN = 50
EVIDENCE_SHOWN = 50
EXPORT_PORTION = 500


class MatrixPageView(PageView):
    """Products × regulations."""

    permission = permissions.COMPLIANCE_READ
    template_name = "compliance/matrix.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter, a page of rows, and how many revisions read as what."""
        form = MatrixFilterForm(self.request.GET)
        wanted = form.wanted()
        rows = MatrixPage(wanted)
        counts = status_counts(wanted, rows.regulations)
        return super().get_context_data(
            form=form,
            regulations=rows.regulations,
            page=page_of(rows, self.request, size=PRODUCTS_SHOWN),
            tiles=_tiles(counts),
            chart=_chart(counts),
            counts=[(regulation, [found.get(status, 0) for status in _SHOWN]) for regulation, found in counts],
            statuses=[(status, status_label(status)) for status in _SHOWN],
            may_manage=self.actor.may(permissions.REGULATIONS_MANAGE),
            **kwargs,
        )


_SHOWN = [str(status) for status in BY_GRAVITY if status != NOT_APPLICABLE]


def _tiles(counts: Any) -> list[dict[str, Any]]:
    total = {status: sum(found.get(status, 0) for _row, found in counts) for status in _SHOWN}
    return [
        {"status": status, "label": status_label(status), "value": number, "tone": tone_of(status) if number else ""}
        for status, number in total.items()
    ]


def _chart(counts: Any) -> dict[str, Any]:
    return {
        "labels": [str(regulation) for regulation, _found in counts],
        "series": [
            {"name": status_label(status), "values": [found.get(status, 0) for _row, found in counts]}
            for status in _SHOWN
        ],
    }


class MatrixExportView(PageMixin, View):
    """The matrix as CSV, all rows that the filter leaves."""

    permission = permissions.COMPLIANCE_READ

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Write it while it is sent."""
        wanted = MatrixFilterForm(request.GET).wanted()
        regulations = matrix_regulations(wanted)
        heading = [_("Number"), _("Name"), _("Revision"), *(str(row) for row in regulations)]
        return csv_download("compliance.csv", heading, _matrix_lines(require_tenant_id(), wanted, regulations))


def _matrix_lines(tenant_id: Any, wanted: MatrixFilter, regulations: Any) -> Iterator[list[Any]]:
    last = ""
    while True:
        with tenant_scope(tenant_id):
            products = products_of(wanted, regulations).filter(product_number__gt=last)
            portion = matrix_rows(list(products.order_by("product_number")[:EXPORT_PORTION]), regulations)
        if not portion:
            return
        for row in portion:
            product = row.product
            yield [
                product.product_number,
                product.product_name,
                product.revision,
                *(cell.status_label for cell in row.cells),
            ]
        last = portion[-1].product.product_number


class EndingEvidenceView(PageView):
    """Evidence that runs out."""

    permission = permissions.COMPLIANCE_READ
    template_name = "compliance/ending.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter and a page of evidence, the soonest first."""
        form = EvidenceFilterForm(self.request.GET)
        wanted = form.wanted()
        today = clock.today()
        page = page_of(evidence_ending(today=today, **wanted), self.request, size=EVIDENCE_SHOWN)
        rows = [(row, (row.valid_until - today).days) for row in page.object_list]
        return super().get_context_data(form=form, wanted=wanted, page=page, rows=rows, **kwargs)


class EndingEvidenceExportView(PageMixin, View):
    """The same as CSV."""

    permission = permissions.COMPLIANCE_READ

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Read it now: the list is short."""
        found = evidence_ending(today=clock.today(), **EvidenceFilterForm(request.GET).wanted())
        rows = [
            [
                row.record.revision.product.product_number,
                row.record.revision.label,
                str(row.record.regulation),
                row.title,
                row.issuer,
                row.valid_until,
            ]
            for row in found
        ]
        heading = [_("Number"), _("Revision"), _("Regulation"), _("Title"), _("Issuer"), _("Valid until")]
        return csv_download("evidence.csv", heading, rows)
