"""Who has what to do with existing parts, over all changes: a page and a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.generic import View

from changes import permissions
from changes.disposition_forms import DispositionFilterForm
from changes.models import Disposition
from changes.selectors import disposition_list
from changes.views.list import page_of
from plm_project.core.decimals import plain
from plm_project.tenancy.scope import require_tenant_id, tenant_scope
from plm_project.web.csv_download import csv_download
from plm_project.web.views import PageMixin, PageView

EXPORT_PORTION = 500


class DispositionListView(PageView):
    """Dispositions, the first due first; narrowed by the address."""

    permission = permissions.CHANGES_READ
    template_name = "changes/dispositions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of rows."""
        form = DispositionFilterForm(self.request.GET)
        rows = disposition_list(**form.wanted(self.actor.user_id))
        query = self.request.GET.copy()
        query.pop("page", None)
        return super().get_context_data(form=form, page=page_of(rows, self.request), query=query.urlencode(), **kwargs)


class DispositionExportView(PageMixin, View):
    """The same rows as a CSV file, all pages of them."""

    permission = permissions.CHANGES_READ
    http_method_names = ("get",)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Write the file while it is sent."""
        wanted = DispositionFilterForm(request.GET).wanted(self.actor.user_id)
        heading = [
            _("Change"), _("Status of the change"), _("Affected product"), _("Part"), _("Place"), _("What happens"),
            _("Quantity"), _("Unit"), _("Cost"), _("Owner"), _("Due"), _("Overdue"), _("Completed"), _("Quantity done"),
            _("What it cost"), _("Note"), _("What was done"),
        ]  # fmt: skip
        return csv_download("dispositions.csv", heading, _lines(require_tenant_id(), wanted))


def _lines(tenant_id: Any, wanted: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield the rows in portions: the keys are read at once, so that edits meanwhile neither repeat nor skip a row."""
    with tenant_scope(tenant_id):
        keys = list(disposition_list(**wanted).values_list("pk", flat=True))
    for start in range(0, len(keys), EXPORT_PORTION):
        portion = keys[start : start + EXPORT_PORTION]
        with tenant_scope(tenant_id):
            found = {row.pk: row for row in disposition_list().filter(pk__in=portion)}
        yield from (_line(found[key]) for key in portion if key in found)


def _line(row: Disposition) -> list[Any]:
    return [
        row.change.change_number,
        row.change.get_status_display(),
        row.affected.product.product_number,
        row.product.product_number,
        row.get_place_display(),
        row.get_action_display(),
        _plain(row.quantity),
        row.product.unit_of_measure,
        _plain(row.cost),
        row.owner.get_full_name() if row.owner else "",
        row.due_on.isoformat() if row.due_on else "",
        _("yes") if row.is_overdue else "",
        row.completed_at.isoformat() if row.completed_at else "",
        _plain(row.quantity_done),
        _plain(row.cost_done),
        row.note,
        row.completion_note,
    ]


def _plain(value: Any) -> str:
    return "" if value is None else plain(value)
