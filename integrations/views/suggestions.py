"""Suggestions: all of them, and the tab of a product, where one is asked for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import View

from integrations import permissions
from integrations.choices import Question, SuggestionState
from integrations.forms import SuggestionFilterForm
from integrations.models import Target
from integrations.selectors import SuggestionFilter, suggestion_list
from integrations.services import suggestion_ask, suggestion_judge
from plm_project.web.safe_next import is_safe
from plm_project.web.views import PageMixin, PageView
from products.models import Product
from products.selectors.records import product_get

PAGE_SIZE = 20


class SuggestionListView(PageView):
    """Everything that was asked."""

    permission = permissions.SUGGESTIONS_READ
    template_name = "integrations/suggestions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter and a page."""
        form = SuggestionFilterForm(self.request.GET)
        page = Paginator(suggestion_list(form.wanted()), PAGE_SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            form=form, page=page, may_ask=self.actor.may(permissions.SUGGESTIONS_ASK), **kwargs
        )


class ProductSuggestionsView(PageView):
    """The tab of the product page."""

    permission = permissions.SUGGESTIONS_READ
    template_name = "integrations/product_suggestions.html"

    @cached_property
    def product(self) -> Product:
        """The product; another tenant's is not found."""
        return product_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was asked about it, and what may be."""
        rows = suggestion_list(SuggestionFilter(product=self.product.pk))
        open_now = set(rows.filter(state=SuggestionState.ASKED).values_list("question", flat=True))
        return super().get_context_data(
            product=self.product,
            tab="suggestions",
            page=Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("page")),
            questions=[(value, label) for value, label in Question.choices if value not in open_now],
            is_configured=Target.objects.filter(neighbour_key="ai_orchestration", is_enabled=True).exists(),
            may_ask=self.actor.may(permissions.SUGGESTIONS_ASK),
            **kwargs,
        )


class SuggestionAskView(PageMixin, View):
    """Ask."""

    permission = permissions.SUGGESTIONS_ASK
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Ask, and say that the answer comes by itself."""
        suggestion_ask(actor=self.actor, product_id=pk, question=request.POST.get("question", ""))
        messages.success(request, _("It is asked. The answer comes here by itself."))
        return redirect(self.get_error_url())

    def get_error_url(self) -> str:
        """Back to the product's tab."""
        return reverse("integrations:product-suggestions", args=[self.kwargs["pk"]])


class SuggestionJudgeView(PageMixin, View):
    """Accept or dismiss."""

    permission = permissions.SUGGESTIONS_ASK
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, and go back to where it was shown."""
        judged = suggestion_judge(
            actor=self.actor, suggestion_id=pk, to=request.POST.get("to", ""), reason=request.POST.get("reason", "")
        )
        accepted = judged.state == SuggestionState.ACCEPTED
        messages.success(request, _("It is accepted.") if accepted else _("It is dismissed."))
        return redirect(self.get_error_url())

    def get_error_url(self) -> str:
        """Back to the page it came from, else the list."""
        came_from = self.request.headers.get("Referer", "")
        return came_from if is_safe(self.request, came_from) else reverse("integrations:suggestions")
