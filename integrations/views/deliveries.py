"""Deliveries: list, file, one with its attempts, and what an operator does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from integrations import permissions
from integrations.choices import DeliveryState
from integrations.forms import DeliveryFilterForm, ReasonForm
from integrations.models import Delivery
from integrations.selectors import (
    DeliveryFilter,
    delivery_changes,
    delivery_decisions,
    delivery_get,
    delivery_list,
    waiting_behind,
)
from integrations.services import deliveries_replay, delivery_assign, delivery_discard, delivery_replay
from integrations.services.operating import AGAIN
from plm_project.core.exceptions import ValidationFailed
from plm_project.ops.logging import masked
from plm_project.tenancy.scope import require_tenant_id, tenant_scope
from plm_project.web.csv_download import csv_download
from plm_project.web.views import PageFormView, PageMixin, PageView

PAGE_SIZE = 50
EXPORT_PORTION = 1_000
CHANGES_SHOWN = 200
PAYLOAD_SHOWN = 50_000  # characters


class DeliveryListView(PageView):
    """All deliveries; those for review are sent again together."""

    permission = permissions.INTEGRATIONS_READ
    template_name = "integrations/deliveries.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter and a page."""
        form = DeliveryFilterForm(self.request.GET)
        page = Paginator(delivery_list(form.wanted()), PAGE_SIZE).get_page(self.request.GET.get("page"))
        page.object_list = list(page.object_list)
        again = [row for row in page.object_list if row.state == DeliveryState.REVIEW]
        return super().get_context_data(
            form=form,
            page=page,
            may_operate=self.actor.may(permissions.INTEGRATIONS_OPERATE) and bool(again),
            **kwargs,
        )


class DeliveriesAgainView(PageMixin, View):
    """Send the ticked ones again."""

    permission = permissions.INTEGRATIONS_OPERATE
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, and say how many."""
        try:
            ids = [uuid.UUID(text) for text in request.POST.getlist("delivery")]
        except ValueError as error:
            raise ValidationFailed(_("Tick the deliveries to send again.")) from error
        if not ids:
            raise ValidationFailed(_("Tick the deliveries to send again."))
        count = deliveries_replay(actor=self.actor, ids=ids)
        said = ngettext("One is sent again.", "%(count)d are sent again.", count) % {"count": count}
        messages.success(request, said)
        return redirect(self.get_error_url())

    def get_error_url(self) -> str:
        """Back to the list as it was narrowed."""
        found = super().get_error_url()
        return reverse("integrations:deliveries") if found == self.request.path else found


class DeliveryExportView(PageMixin, View):
    """The list as CSV, all rows that the filter leaves."""

    permission = permissions.INTEGRATIONS_READ

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Write it while it is sent."""
        heading = [
            _("Delivery"), _("Neighbour"), _("Contract"), _("Event"), _("About"), _("State"), _("Attempts"),
            _("Made"), _("Delivered"), _("Reason"),
        ]  # fmt: skip
        wanted = DeliveryFilterForm(request.GET).wanted()
        return csv_download("deliveries.csv", heading, _lines(require_tenant_id(), wanted))


def _lines(tenant_id: Any, wanted: DeliveryFilter) -> Iterator[list[Any]]:
    last: Any = None
    while True:
        with tenant_scope(tenant_id):
            rows = delivery_list(wanted)
            portion = list((rows.filter(pk__lt=last) if last else rows)[:EXPORT_PORTION])
        if not portion:
            return
        for row in portion:
            yield [
                row.pk, row.target.neighbour_key, row.contract_key, row.event_type, row.entity_label or row.entity_id,
                row.state, row.attempt_count, row.created_at.isoformat(),
                row.delivered_at.isoformat() if row.delivered_at else "", row.reason,
            ]  # fmt: skip
        last = portion[-1].pk


class _OneDelivery:
    kwargs: dict[str, Any]

    @cached_property
    def delivery(self) -> Delivery:
        """The delivery; another tenant's is not found."""
        return delivery_get(self.kwargs["pk"])

    def back(self) -> str:
        """Return the address of its page."""
        return reverse("integrations:delivery", args=[self.kwargs["pk"]])


class DeliveryView(_OneDelivery, PageView):
    """One delivery: what was sent, what differs from before, every attempt."""

    permission = permissions.INTEGRATIONS_READ
    template_name = "integrations/delivery.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add it, readable."""
        found = self.delivery
        changes = delivery_changes(found)
        operates = self.actor.may(permissions.INTEGRATIONS_OPERATE)
        return super().get_context_data(
            delivery=found,
            payload=_readable(found.payload),
            answer=_readable(found.answer),
            changes=changes[:CHANGES_SHOWN] if changes is not None else None,
            more_changes=max(0, len(changes or ()) - CHANGES_SHOWN),
            behind=waiting_behind(found),
            decisions=delivery_decisions(found),
            may_operate=operates,
            may_send=operates and found.state in AGAIN,
            may_discard=operates and found.state in (DeliveryState.WAITING, DeliveryState.REVIEW),
            is_mine=found.assignee_id is not None and found.assignee_id == self.actor.user_id,
            **kwargs,
        )


def _readable(document: Any) -> str:
    """Return a document for people: indented, secrets masked, cut where it gets too long to read."""
    if document is None:
        return ""
    text = json.dumps(masked(document), indent=2, ensure_ascii=False)
    return text if len(text) <= PAYLOAD_SHOWN else f"{text[:PAYLOAD_SHOWN]} …"


class DeliveryAgainView(_OneDelivery, PageMixin, View):
    """Send one again: as it was, or made anew."""

    permission = permissions.INTEGRATIONS_OPERATE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it."""
        delivery_replay(actor=self.actor, delivery_id=pk, fresh=request.POST.get("fresh") == "1")
        messages.success(request, _("It is sent again."))
        return redirect(self.back())

    def get_error_url(self) -> str:
        """Back to the delivery."""
        return self.back()


class DeliveryAssignView(_OneDelivery, PageMixin, View):
    """Take one on, or give it back."""

    permission = permissions.INTEGRATIONS_OPERATE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it."""
        mine = request.POST.get("give_back") != "1"
        delivery_assign(actor=self.actor, delivery_id=pk, user_id=self.actor.user_id if mine else None)
        messages.success(request, _("It is yours.") if mine else _("You gave it back."))
        return redirect(self.back())

    def get_error_url(self) -> str:
        """Back to the delivery."""
        return self.back()


class DeliveryDiscardView(_OneDelivery, PageFormView):
    """Decide that one need not arrive."""

    permission = write_permission = permissions.INTEGRATIONS_OPERATE
    template_name = "integrations/discard.html"
    form_class = ReasonForm
    success_message = gettext_lazy("It is discarded.")

    def perform(self, form: Any) -> Any:
        """Discard it."""
        return delivery_discard(actor=self.actor, delivery_id=self.kwargs["pk"], reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        """Back to the delivery."""
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add it, and what waits behind it."""
        return super().get_context_data(delivery=self.delivery, behind=waiting_behind(self.delivery), **kwargs)
