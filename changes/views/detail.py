"""The change page: one readable story from the reason to the new revisions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from changes import permissions
from changes.affected_forms import AffectedForm
from changes.choices import OPEN_STATUSES, RELEASED_STATUSES
from changes.forms import DocumentForm
from changes.gates import GateResult, PlannedRelease
from changes.lifecycle import is_author_or_manager
from changes.models import AffectedProduct, ChangeDocument
from changes.selectors import change_difference, change_document_list, change_impact, release_package_of
from changes.services import affected_add, affected_remove, children_missing
from changes.services.children import CHILDREN_GATE
from changes.services.gating import change_release, gates_ask
from changes.views.additions import not_covered, panels_of, with_marks
from changes.views.base import INVALID, AffectedOfChange, ChangePage, change_url
from changes.views.deciders import approvers_preview, rounds_of
from changes.views.dispositions import existing_parts
from changes.views.steps import steps_of, vote_in
from changes.views.story import (
    affected_anchor,
    picture,
    show_all_by_default,
    story_of,
    troubles_of,
)
from plm_project.core.exceptions import PermissionDenied, PlmError
from plm_project.web.forms import apply_error_to_form
from products.exceptions import StructureCycle
from products.models import Product
from products.permissions import DOCUMENTS_READ
from products.selectors.products import product_by_number

PARENTS_SHOWN = 12


class ChangeStory(ChangePage, TemplateView):
    """What the change page shows; the pages that answer a refused edit show it too."""

    template_name = "changes/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the chapters."""
        change = self.change
        troubles = troubles_of(change)
        blocked = _("Something is still missing, see below.") if troubles else ""
        buttons, stopped = steps_of(change, self.actor, blocked=blocked)
        story = story_of(change, everything="all" in self.request.GET.getlist("history"))
        vote = vote_in(change, self.actor)
        release = change_release(change) if change.status in OPEN_STATUSES else None
        gates = gates_ask(release) if release is not None else []
        return super().get_context_data(
            **{
                "buttons": buttons,
                "stopped": stopped,
                "vote": vote
                if vote is not None and vote.decision == "pending" and vote.is_asked and change.status == "submitted"
                else None,
                "troubles": troubles,
                "pictures": self._pictures(troubles),
                "lines": self._lines(),
                "preview": approvers_preview(change) if change.is_draft else None,
                "rounds": rounds_of(change),
                "told": story.told,
                "earlier": story.earlier,
                "asked": story.asked,
                "affected_form": AffectedForm(initial={"expected_version": change.version}),
                "may_delete": not change.round,
                "documents": self._documents(),
                "document_form": DocumentForm(initial={"expected_version": change.version}),
                "parts": existing_parts(change, self.actor),
                "gates": gates,
                "missing": self._missing(release, gates),
                "panels": panels_of(change, self.actor, self.request.GET.dict()),
                "is_released": change.status in RELEASED_STATUSES,
                "package": release_package_of(change) if change.status in RELEASED_STATUSES else None,
                "may_package": self.actor.may(DOCUMENTS_READ),
                "may_follow": change.status in OPEN_STATUSES
                and self.actor.may(permissions.CHANGES_UPDATE)
                and not is_author_or_manager(change, self.actor),
                "may_read_requests": self.actor.may(permissions.REQUESTS_READ),
                "not_covered": not_covered(change),
                "may_foresee": change.status in OPEN_STATUSES and bool(change.affected.all()),
                **self._impact(),
                **kwargs,
            }
        )

    def _missing(self, release: PlannedRelease | None, gates: Sequence[GateResult]) -> list[Product]:
        """Return the parts that could be added to a draft, where the gate holds it for them."""
        held = any(result.gate is CHILDREN_GATE and not result.passed for result in gates)
        return children_missing(release) if held and release is not None and self.change.is_draft else []

    def _pictures(self, troubles: list[Any]) -> list[Any]:
        wanted = self._lines()
        found = []
        for entry in change_difference(self.change):
            everything = wanted == "all" or (not wanted and show_all_by_default(self.change, len(entry.rows)))
            found.append(picture(entry, folded=not everything, problems=troubles))
        return with_marks(self.change, self.actor, found)

    def _lines(self) -> str:
        wanted = self.request.GET.get("lines", "")
        return wanted if wanted in ("all", "changed") else ""

    def _documents(self) -> list[ChangeDocument]:
        return list(change_document_list(self.change)) if self.actor.may(DOCUMENTS_READ) else []

    def _impact(self) -> dict[str, Any]:
        """Return where the products are used; a cycle in the stored structure is shown instead of an error page."""
        try:
            found = change_impact(self.change)
        except StructureCycle as cycle:
            return {"impact": [], "impact_fault": str(cycle)}
        rows = []
        for entry in found:
            direct = [line for line in entry.used.lines if line.level == 1]
            rows.append(
                {"entry": entry, "direct": direct[:PARENTS_SHOWN], "more": max(len(direct) - PARENTS_SHOWN, 0)}
            )
        return {"impact": rows, "impact_fault": ""}


class ChangeDetailView(ChangeStory):
    """The change page itself."""


class AffectedAddView(ChangeStory):
    """One more product. A refusal comes back on the change page, with what was typed."""

    permission = permissions.CHANGES_READ
    write_permission = permissions.CHANGES_UPDATE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form stands on the change page."""
        return HttpResponseRedirect(change_url(self.change, "add-product"))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Add it and show it."""
        form = AffectedForm(request.POST)
        if form.is_valid():
            try:
                affected = self._add(form)
            except PermissionDenied:
                raise
            except PlmError as error:
                apply_error_to_form(form, error, renamed={"product_id": "product", "base_revision_id": "product"})
            else:
                messages.success(request, _("%(number)s is added.") % {"number": affected.product.product_number})
                return HttpResponseRedirect(change_url(self.change, affected_anchor(affected.pk)))
        return self.render_to_response(self.get_context_data(affected_form=form), status=INVALID)

    def _add(self, form: AffectedForm) -> AffectedProduct:
        product = product_by_number(form.cleaned_data["product"].strip(), field="product")
        return affected_add(
            actor=self.actor,
            change_id=self.change.pk,
            product_id=product.pk,
            values=form.values(),
            expected_version=form.cleaned_data["expected_version"],
        )


class AffectedRemoveView(AffectedOfChange, TemplateView):
    """Take a product and its redlines off a draft, after a question."""

    permission = permissions.CHANGES_UPDATE
    template_name = "changes/affected_remove.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the product and how many redlines go with it."""
        return super().get_context_data(**{**kwargs, "affected": self.affected})

    def post(self, request: HttpRequest, pk: uuid.UUID, affected: uuid.UUID) -> HttpResponse:
        """Take it off."""
        found = self.affected
        affected_remove(actor=self.actor, affected_id=found.pk)
        messages.success(request, _("%(number)s is taken off.") % {"number": found.product.product_number})
        return HttpResponseRedirect(change_url(self.change, "products"))

    def get_error_url(self) -> str:
        """Back to the change."""
        return change_url(self.change)
