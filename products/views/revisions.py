"""Revisions from the product page: start the next one, take a step with one."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from plm_project.core.exceptions import NotFound, PermissionDenied, PlmError
from plm_project.tenancy.states import TransitionOption, transition_options
from products import permissions
from products.choices import RevisionState
from products.forms import RevisionCreateForm, RevisionStepForm
from products.models import Product, ProductRevision
from products.selectors.records import revision_get
from products.services import (
    revision_create,
    revision_obsolete,
    revision_release,
    revision_return,
    revision_submit,
)
from products.views.base import ProductPage, actor_of
from products.views.editing import INVALID


class RevisionCreateView(ProductPage, TemplateView):
    """The next revision."""

    permission = permissions.REVISIONS_CREATE
    template_name = "products/revision_create.html"
    tab = "revisions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form."""
        return super().get_context_data(**{"form": RevisionCreateForm(), **kwargs})

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Start it and show its BOM."""
        form = RevisionCreateForm(request.POST)
        if form.is_valid():
            try:
                revision = revision_create(
                    actor=actor_of(request),
                    product_id=self.product.pk,
                    description=form.cleaned_data["description"],
                )
            except PermissionDenied:
                raise
            except PlmError as error:
                form.refuse(error)
            else:
                messages.success(request, _("Revision %(label)s is in work.") % {"label": revision.label})
                return redirect(bom_url(revision))
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


class RevisionStepView(ProductPage, TemplateView):
    """One step of a revision, after a question. Which permission it takes, the machine says."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/revision_step.html"
    tab = "revisions"
    words: ClassVar[dict[str, Any]] = {
        RevisionState.IN_REVIEW: gettext_lazy("Submit for review"),
        RevisionState.IN_WORK: gettext_lazy("Return for rework"),
        RevisionState.RELEASED: gettext_lazy("Release"),
        RevisionState.OBSOLETE: gettext_lazy("Make obsolete"),
    }

    @cached_property
    def revision(self) -> ProductRevision:
        """The revision in the address."""
        return revision_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return self.revision.product

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step with what it needs."""
        option = self._option()
        if "form" not in kwargs:
            kwargs["form"] = RevisionStepForm(
                to=option.to,
                initial={"expected_version": self.revision.version, "effective_from": self.revision.effective_from},
            )
        return super().get_context_data(
            revision=self.revision, option=option, words=self.words[RevisionState(option.to)], **kwargs
        )

    def post(self, request: HttpRequest, pk: uuid.UUID, to: str) -> HttpResponse:
        """Take the step."""
        self._option()
        form = RevisionStepForm(request.POST, to=to)
        if form.is_valid():
            try:
                revision = self._step(form, to)
            except PermissionDenied:
                raise
            except PlmError as error:
                form.refuse(error)
            else:
                messages.success(
                    request,
                    _("Revision %(label)s: %(state)s.")
                    % {"label": revision.label, "state": RevisionState(revision.state).label},
                )
                return redirect("products:product-revisions", pk=revision.product_id)
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)

    def _step(self, form: RevisionStepForm, to: str) -> ProductRevision:
        given = form.cleaned_data
        common: dict[str, Any] = {
            "actor": actor_of(self.request),
            "revision_id": self.revision.pk,
            "expected_version": given["expected_version"],
        }
        if to == RevisionState.IN_REVIEW:
            return revision_submit(**common)
        if to == RevisionState.IN_WORK:
            return revision_return(**common, reason=given["reason"])
        if to == RevisionState.RELEASED:
            return revision_release(**common, reason=given["reason"], effective_from=given["effective_from"])
        return revision_obsolete(**common, reason=given["reason"])

    def _option(self) -> TransitionOption:
        options = transition_options(self.revision, "state", actor_of(self.request))
        for option in options:
            if option.to == self.kwargs["to"] and option.to in self.words:
                return option
        raise NotFound(_("There is no such step."))


def bom_url(revision: ProductRevision) -> str:
    """Return the address of a revision's BOM."""
    return f"{reverse('products:product-bom', args=[revision.product_id])}?revision={revision.label}"
