"""Change requests, to look at and to answer. What was asked stays in the words of who asked."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.choices import RequestStatus
from changes.models import ChangeRequest, RequestProduct
from changes.services import request_accept, request_decline, request_reopen, request_unlink, request_withdraw
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import (
    HistoryPart,
    PlmAdmin,
    ReadOnlyInline,
    Step,
    StepsMixin,
    badge,
    moment,
    on_page,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options

STEPS = {
    RequestStatus.ACCEPTED: _("Accept as a new change"),
    RequestStatus.DECLINED: _("Decline"),
    RequestStatus.WITHDRAWN: _("Withdraw"),
    RequestStatus.OPEN: _("Open again"),
}
SERVICES: dict[str, Any] = {
    RequestStatus.ACCEPTED: request_accept,
    RequestStatus.DECLINED: request_decline,
    RequestStatus.WITHDRAWN: request_withdraw,
}


class RequestProductInline(ReadOnlyInline):
    """What it is about."""

    model = RequestProduct
    fk_name = "request"
    needs: ClassVar = {"view": permissions.REQUESTS_READ}
    fields = ("number", "name")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the products."""
        return super().get_queryset(request).select_related("product")

    @admin.display(description=_("product"))
    def number(self, obj: RequestProduct) -> str:
        """Its number."""
        return str(obj.product.product_number)

    @admin.display(description=_("name"))
    def name(self, obj: RequestProduct) -> str:
        """Its name."""
        return str(obj.product.product_name)


@admin.register(ChangeRequest)
class ChangeRequestAdmin(StepsMixin, PlmAdmin):
    """Change requests."""

    needs: ClassVar = {"view": permissions.REQUESTS_READ}
    list_display = ("request_number", "title", "status_badge", "change_type", "priority_badge", "requester", "change")
    list_filter = ("status", "change_type", "priority", "urgency")
    search_fields = ("request_number", "title")
    search_help_text = _("Number or title")
    date_hierarchy = "created_at"
    list_select_related = ("created_by", "order")
    inlines = (RequestProductInline,)
    fieldsets = (
        (_("State"), {"fields": [("request_number", "status_badge", "change"), "answer", "answered"]}),
        (
            _("Change request"),
            {"fields": ["title", ("change_type", "priority", "urgency"), "description", "proposal"]},
        ),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )
    readonly_fields = ("status_badge", "change", "answered", "audit_created", "audit_changed")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With its people and its change."""
        return super().get_queryset(request).select_related("created_by", "updated_by", "answered_by", "order")

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, obj: ChangeRequest) -> str:
        """The status."""
        return badge(obj.status, obj.get_status_display())

    @admin.display(description=_("priority"), ordering="priority")
    def priority_badge(self, obj: ChangeRequest) -> str:
        """The priority."""
        return badge(obj.priority, obj.get_priority_display())

    @admin.display(description=_("asked by"), ordering="created_by__email")
    def requester(self, obj: ChangeRequest) -> str:
        """Who asks."""
        return str(obj.created_by or "–")

    @admin.display(description=_("change"))
    def change(self, obj: ChangeRequest) -> str:
        """The change that answers it."""
        if obj.order is None:
            return "–"
        return format_html('<a href="{}">{}</a>', obj.order.get_absolute_url(), obj.order.change_number)

    @admin.display(description=_("answered"))
    def answered(self, obj: ChangeRequest) -> str:
        """When and by whom."""
        return f"{moment(obj.answered_at)} · {obj.answered_by or '–'}" if obj.answered_at else "–"

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """The request's own page, where an open change can be named that answers it."""
        return [(_now("Request page"), on_page("changes:request-detail", obj.pk))]

    def history_parts(self, obj: ChangeRequest) -> list[HistoryPart]:
        """Its own history, and that of its products."""
        return [
            HistoryPart(_now("Change request"), ChangeRequest.history.filter(id=obj.pk)),
            HistoryPart(_now("Product"), RequestProduct.history.filter(request_id=obj.pk)),
        ]

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The steps of the machine; accepting opens a new change here."""
        options = transition_options(obj, "status", request.actor)  # type: ignore[attr-defined]
        labels = {str(status): label for status, label in STEPS.items()}
        return steps_from_options(options, labels, grave=(RequestStatus.DECLINED,))

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service of the step."""
        opening = request_unlink if obj.status == RequestStatus.ACCEPTED else request_reopen
        service = SERVICES.get(name, opening)
        service(actor=actor, request_id=obj.pk, reason=data["reason"], expected_version=data["expected_version"])
