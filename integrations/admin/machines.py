"""What machines were asked, to look at: suggestions (the product's page judges them) and rounds of learning."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.models import FederatedRound, Suggestion
from integrations.permissions import INTEGRATIONS_READ, SUGGESTIONS_READ
from plm_project.tenancy.admin import PlmAdmin, badge, moment, on_page


@admin.register(Suggestion)
class SuggestionAdmin(PlmAdmin):
    """What was asked about products, and what came back."""

    needs: ClassVar = {"view": SUGGESTIONS_READ}
    list_display = ("product", "question", "state_badge", "confidence", "model_name", "answered")
    list_filter = ("state", "question")
    list_select_related = ("product",)
    search_fields = ("product__product_number", "text")
    search_help_text = _("Product number, or a word of the answer")
    fields = (
        "product", "question", "state_badge", "text", "confidence", "evidence", "model_name", "answered", "reason",
        "audit_created",
    )  # fmt: skip
    readonly_fields = fields

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """The product's tab, where it is judged."""
        return [(str(_("The product's suggestions")), on_page("integrations:product-suggestions", obj.product_id))]

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: Suggestion) -> str:
        """How it stands."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("answered"), ordering="answered_at")
    def answered(self, obj: Suggestion) -> str:
        """When the answer came."""
        return moment(obj.answered_at)


@admin.register(FederatedRound)
class FederatedRoundAdmin(PlmAdmin):
    """Rounds of federated learning: what was fitted here, and what all found together."""

    needs: ClassVar = {"view": INTEGRATIONS_READ}
    list_display = ("round_key", "sample_count", "participants", "parameters", "joint_parameters")
    search_fields = ("round_key",)
    search_help_text = _("Name of the round")
    fields = ("round_key", "sample_count", "participants", "parameters", "joint_parameters", "audit_created")
    readonly_fields = fields
