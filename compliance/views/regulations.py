"""Regulations: list, one, new, edit, delete."""

from __future__ import annotations

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from compliance import permissions
from compliance.forms import EvidenceRemoveForm, RegulationForm
from compliance.models import Regulation
from compliance.selectors import regulation_get, regulation_list, status_counts
from compliance.selectors.matrix import MatrixFilter
from compliance.services import regulation_create, regulation_delete, regulation_update
from compliance.views.base import page_of
from plm_project.core import clock
from plm_project.web.views import PageFormView, PageView

FIELDS = (
    "code",
    "title",
    "edition",
    "description",
    "link",
    "effective_from",
    "effective_to",
    "product_types",
    "is_binding",
)


class RegulationListView(PageView):
    """All regulations, past and coming ones too."""

    permission = permissions.COMPLIANCE_READ
    template_name = "compliance/regulations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of them."""
        q = self.words_asked()
        page = page_of(regulation_list(q=q), self.request)
        today = clock.today()
        return super().get_context_data(
            page=page,
            q=q,
            rows=[(row, row.holds_on(today)) for row in page.object_list],
            may_manage=self.actor.may(permissions.REGULATIONS_MANAGE),
            **kwargs,
        )


class _OneRegulation:
    kwargs: dict[str, Any]

    @cached_property
    def regulation(self) -> Regulation:
        """The regulation; another tenant's is not found."""
        return regulation_get(self.kwargs["pk"])


class RegulationDetailView(_OneRegulation, PageView):
    """One regulation: scope, counts, history."""

    permission = permissions.COMPLIANCE_READ
    template_name = "compliance/regulation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is known under it."""
        found = self.regulation
        counts = dict(status_counts(MatrixFilter(), [found])[0][1])
        return super().get_context_data(
            regulation=found,
            in_force=found.holds_on(clock.today()),
            counts=sorted(counts.items()),
            history=list(found.history.order_by("-history_date", "-history_id")[:50]),
            may_manage=self.actor.may(permissions.REGULATIONS_MANAGE),
            **kwargs,
        )


class RegulationCreateView(PageFormView):
    """A new regulation."""

    permission = write_permission = permissions.REGULATIONS_MANAGE
    form_class = RegulationForm
    template_name = "compliance/regulation_form.html"
    success_message = _("The regulation was entered, and tracking has started.")

    def perform(self, form: Any) -> Regulation:
        """Enter it."""
        data = dict(form.cleaned_data)
        data.pop("expected_version")
        return regulation_create(actor=self.actor, data=data)

    def get_success_url(self) -> str:
        """Show it."""
        return str(self.result.get_absolute_url())


class RegulationEditView(_OneRegulation, PageFormView):
    """Edit a regulation."""

    permission = write_permission = permissions.REGULATIONS_MANAGE
    form_class = RegulationForm
    template_name = "compliance/regulation_form.html"
    success_message = _("The regulation was changed.")

    def get_initial(self) -> dict[str, Any]:
        """What it says now."""
        found = self.regulation
        return {
            **{name: getattr(found, name) for name in FIELDS},
            "markets": ", ".join(found.markets),
            "expected_version": found.version,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the regulation."""
        return super().get_context_data(regulation=self.regulation, **kwargs)

    def perform(self, form: Any) -> Regulation:
        """Change it."""
        changes = dict(form.cleaned_data)
        version = changes.pop("expected_version")
        return regulation_update(
            actor=self.actor, regulation_id=self.regulation.pk, changes=changes, expected_version=version
        )

    def get_success_url(self) -> str:
        """Show it."""
        return reverse("compliance:regulation-detail", args=[self.kwargs["pk"]])


class RegulationDeleteView(_OneRegulation, PageFormView):
    """Delete a regulation under which nothing was assessed."""

    permission = write_permission = permissions.REGULATIONS_MANAGE
    form_class = EvidenceRemoveForm
    template_name = "compliance/regulation_delete.html"
    success_message = _("The regulation was deleted.")
    success_url = reverse_lazy("compliance:regulation-list")

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.regulation.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the regulation."""
        return super().get_context_data(regulation=self.regulation, **kwargs)

    def perform(self, form: Any) -> Regulation:
        """Delete it."""
        return regulation_delete(
            actor=self.actor,
            regulation_id=self.regulation.pk,
            reason=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["expected_version"],
        )
