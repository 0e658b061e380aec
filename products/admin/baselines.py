"""Baselines for PLM managers: to look at. What one froze stands on its own page; it is withdrawn by the service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.tenancy.admin import HistoryPart, PlmAdmin, Step, StepsMixin, moment
from products import permissions
from products.models import Baseline
from products.services.baselines import baseline_withdraw

WITHDRAW = "withdraw"


@admin.register(Baseline)
class BaselineAdmin(StepsMixin, PlmAdmin):
    """Read only, but for the withdrawal."""

    needs: ClassVar = {"view": permissions.PRODUCTS_READ}
    list_display = ("name", "product", "revision_label", "as_of", "line_count", "withdrawn")
    search_fields = ("name", "product__product_number")
    search_help_text = _("Name or product number")
    list_select_related = ("product",)
    fields = (
        "name", "product", "note", "revision_label", "mode", "as_of", "serial", "end_item", "choices", "with_optional",
        "product_count", "line_count", "depth", "checksum", "withdrawn", "audit_created",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """With products and people."""
        return super().get_queryset(request).select_related("product", "end_item", "created_by", "withdrawn_by")

    @admin.display(description=_("withdrawn"))
    def withdrawn(self, obj: Baseline) -> str:
        """When, by whom and why."""
        if not obj.is_withdrawn:
            return "–"
        return f"{moment(obj.withdrawn_at)} · {obj.withdrawn_by or '–'} · {obj.withdrawn_reason}"

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Where its structure is."""
        return [(_now("Baseline page"), obj.get_absolute_url())]

    def history_parts(self, obj: Baseline) -> list[HistoryPart]:
        """Its own."""
        return [HistoryPart(_now("Baseline"), Baseline.history.filter(id=obj.pk))]

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """Withdrawing."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        why: tuple[str, ...] = ()
        if obj.is_withdrawn:
            why = (_now("It is withdrawn already."),)
        elif not actor.may(permissions.BASELINES_WITHDRAW):
            why = (_now("You need the permission %s for this.") % permissions.BASELINES_WITHDRAW,)
        return [Step(WITHDRAW, _now("Withdraw"), why, needs_reason=True, is_grave=True)]

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        baseline_withdraw(
            actor=actor, baseline_id=obj.pk, reason=data["reason"], expected_version=data["expected_version"]
        )
