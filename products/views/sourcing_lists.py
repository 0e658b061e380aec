"""Manufacturers, suppliers, exchange rates, the single-source report, and the file of all sources."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from plm_project.core import clock
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.scope import tenant_scope
from plm_project.web.csv_download import csv_download
from plm_project.web.views import PageMixin
from products import permissions
from products.forms.sourcing import PartnerFilterForm, PartnerForm, RateForm, RemoveForm, ReportForm
from products.models import Manufacturer, Product, Supplier
from products.selectors.products import CHUNK, product_by_number
from products.selectors.resolution import Resolution
from products.selectors.single_source import SingleSources
from products.selectors.sources_export import most_prices, source_rows, sourced_ids
from products.selectors.sourcing import exchange_rate_list, manufacturer_list, rates_on, supplier_list
from products.services.partners import (
    manufacturer_create,
    manufacturer_delete,
    manufacturer_update,
    supplier_create,
    supplier_delete,
    supplier_update,
)
from products.services.supplier_offers import exchange_rate_create
from products.sourcing.source_file import heading
from products.views.base import ServicePage, actor_of, page_of

KINDS: dict[str, dict[str, Any]] = {
    "manufacturers": {
        "model": Manufacturer,
        "rows": manufacturer_list,
        "services": (manufacturer_create, manufacturer_update, manufacturer_delete),
        "key": "manufacturer_id",
        "title": gettext_lazy("Manufacturers"),
        "new": gettext_lazy("New manufacturer"),
        "counted": gettext_lazy("Parts"),
        "count": "part_count",
    },
    "suppliers": {
        "model": Supplier,
        "rows": supplier_list,
        "services": (supplier_create, supplier_update, supplier_delete),
        "key": "supplier_id",
        "title": gettext_lazy("Suppliers"),
        "new": gettext_lazy("New supplier"),
        "counted": gettext_lazy("Offers"),
        "count": "offer_count",
    },
}
SHOWN_VALUES = ("name", "code", "website", "contact", "is_active")


class RoomMixin(PageMixin):
    """A page of the sourcing room: ``place`` is the tab it stands on."""

    permission = permissions.SOURCING_READ
    place = ""
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tabs, and what the signed-in person may do."""
        actor = actor_of(self.request)
        shared = {
            "place": self.place,
            "may_update": actor.may(permissions.SOURCING_UPDATE),
            "may_set_rates": actor.may(permissions.SOURCING_RATES),
        }
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context


class PartnerListView(RoomMixin, TemplateView):
    """All manufacturers, or all suppliers."""

    template_name = "products/sourcing/partners.html"
    kind: ClassVar[str] = "manufacturers"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filtered page."""
        self.place = self.kind
        known = KINDS[self.kind]
        form = PartnerFilterForm(self.request.GET)
        active = form.active()
        rows = known["rows"](form.cleaned_data.get("q", ""), active=active)
        page = page_of(rows, self.request)
        for row in page:
            row.counted = getattr(row, known["count"])
        words = {name: known[name] for name in ("title", "new", "counted")}
        narrowed = any(self.request.GET.get(name) for name in ("q", "state"))
        return super().get_context_data(form=form, page=page, kind=self.kind, narrowed=narrowed, **words, **kwargs)


class PartnerPage(RoomMixin, ServicePage):
    """A form about one company."""

    permission = permissions.SOURCING_UPDATE
    template_name = "products/sourcing/partner_form.html"
    kind: ClassVar[str] = "manufacturers"
    form_class: Any = PartnerForm

    @cached_property
    def record(self) -> Any:
        """The company in the address; another tenant's is not found."""
        found = KINDS[self.kind]["model"].objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound(_("There is no such record."))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where to go back to."""
        self.place = self.kind
        return super().get_context_data(kind=self.kind, list_url=self.get_success_url(), **kwargs)

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse(f"products:{self.kind}")


class PartnerCreateView(PartnerPage):
    """A new company."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        return super().get_context_data(panel_title=KINDS[self.kind]["new"], submit_label=_("Create"), **kwargs)

    def perform(self, form: PartnerForm) -> Any:
        """Create it."""
        data = dict(form.cleaned_data)
        data.pop("expected_version")
        made = KINDS[self.kind]["services"][0](actor=self.actor, data=data)
        messages.success(self.request, _("%(name)s is created.") % {"name": made.name})
        return made


class PartnerEditView(PartnerPage):
    """A company as it stands."""

    def get_initial(self) -> dict[str, Any]:
        """Show it."""
        shown = {name: getattr(self.record, name) for name in SHOWN_VALUES}
        return {**shown, "expected_version": self.record.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        return super().get_context_data(
            panel_title=self.record.name, submit_label=_("Save"), record=self.record, **kwargs
        )

    def perform(self, form: PartnerForm) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        known = KINDS[self.kind]
        change = known["services"][1]
        change(actor=self.actor, changes=changes, expected_version=expected, **{known["key"]: self.record.pk})
        messages.success(self.request, _("Saved."))


class PartnerDeleteView(PartnerPage):
    """Take a company out of sight, after a question."""

    form_class = RemoveForm

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.record.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        title = _("Delete %(name)s?") % {"name": self.record.name}
        return super().get_context_data(panel_title=title, submit_label=_("Delete"), danger=True, **kwargs)

    def perform(self, form: RemoveForm) -> None:
        """Delete it."""
        known = KINDS[self.kind]
        known["services"][2](actor=self.actor, **form.cleaned_data, **{known["key"]: self.record.pk})
        messages.success(self.request, _("%(name)s is deleted.") % {"name": self.record.name})


class RatesView(RoomMixin, ServicePage):
    """What other currencies are worth, with a form for the next rate."""

    write_permission = permissions.SOURCING_RATES
    place = "rates"
    template_name = "products/sourcing/rates.html"
    form_class = RateForm

    def get_initial(self) -> dict[str, Any]:
        """Begin today."""
        return {"valid_from": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the page of rates."""
        page = page_of(exchange_rate_list(), self.request)
        own, _rates = rates_on(clock.today())
        return super().get_context_data(page=page, own_currency=own, **kwargs)

    def perform(self, form: RateForm) -> None:
        """Enter it."""
        exchange_rate_create(actor=self.actor, data=form.cleaned_data)
        messages.success(self.request, _("The rate is entered."))

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("products:exchange-rates")


class ReportMixin(RoomMixin):
    """Reads what the report is narrowed by."""

    place = "report"

    def report(self, form: ReportForm) -> SingleSources | None:
        """Return the report; None, with the fault at the field, for a product that is not there."""
        form.is_valid()
        number = form.cleaned_data.get("product", "").strip()
        below: Product | None = None
        if number:
            try:
                below = product_by_number(number)
            except NotFound as error:
                form.add_error("product", error.message)
                return None
        most = 0 if form.cleaned_data.get("only") == "none" else 1
        return SingleSources(Resolution.of(), below=below, most=most)


class SingleSourceView(ReportMixin, TemplateView):
    """Bought parts that hang on one manufacturer, or on none."""

    template_name = "products/sourcing/single_source.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts and a page of the report."""
        form = ReportForm(self.request.GET)
        report = self.report(form)
        found = {"page": page_of(report, self.request), "summary": report.summary()} if report is not None else {}
        return super().get_context_data(form=form, **found, **kwargs)


class SingleSourceExportView(ReportMixin, View):
    """The report as CSV."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Note which products are meant, and send them portion by portion."""
        report = self.report(ReportForm(request.GET))
        if report is None:
            raise NotFound(_("There is no such product."))
        names = ["number", "name", "manufacturers", "manufacturer", "mpn", "suppliers", "end_products", "used_in"]
        tenant_id = actor_of(request).tenant_id
        return csv_download("single-source.csv", names, _report_rows(tenant_id, report, report.ids()))


class SourcesExportView(RoomMixin, View):
    """All sources, offers and prices in the format that ``sources_import`` reads."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Note which products are meant, and send them portion by portion."""
        rows = source_rows(actor_of(request).tenant_id, sourced_ids())
        return csv_download("sources.csv", heading(most_prices()), rows)


def _report_rows(tenant_id: uuid.UUID, report: SingleSources, ids: Sequence[uuid.UUID]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), CHUNK):
        with tenant_scope(tenant_id):
            rows = report.of(ids[start : start + CHUNK])
        for row in rows:
            yield (
                row.product_number,
                row.product_name,
                row.manufacturers,
                row.manufacturer,
                "; ".join(row.mpns),
                row.suppliers,
                row.uses,
                "; ".join(row.used_in),
            )
