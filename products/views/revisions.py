"""Revisions from the product page: start the next one, take a step with one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.exceptions import NotFound
from plm_project.tenancy.states import TransitionOption, transition_options
from products import permissions
from products.choices import RevisionState
from products.forms import PlmForm, RevisionCreateForm, RevisionEditForm, RevisionStepForm
from products.forms.revisions import revision_values
from products.models import Product, ProductRevision
from products.selectors.records import revision_get
from products.services import (
    revision_create,
    revision_obsolete,
    revision_release,
    revision_return,
    revision_submit,
    revision_update,
)
from products.views.base import EditPage, ProductPage, ServicePage, actor_of, merge_stale


class RevisionCreateView(ProductPage, ServicePage):
    """The next revision."""

    permission = permissions.REVISIONS_CREATE
    template_name = "products/revision_create.html"
    tab = "revisions"
    form_class = RevisionCreateForm
    result: ProductRevision

    def perform(self, form: PlmForm) -> ProductRevision:
        """Start it."""
        revision = revision_create(
            actor=self.actor, product_id=self.product.pk, description=form.cleaned_data["description"]
        )
        messages.success(self.request, _("Revision %(label)s is in work.") % {"label": revision.label})
        return revision

    def get_success_url(self) -> str:
        """Show its BOM."""
        return bom_url(self.result)


class RevisionEditView(ProductPage, EditPage):
    """Text, planned beginning and units of a revision that is not released."""

    permission = permissions.REVISIONS_CREATE
    template_name = "products/revision_edit.html"
    tab = "revisions"
    form_class = RevisionEditForm

    @cached_property
    def revision(self) -> ProductRevision:
        """The revision in the address."""
        return revision_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return self.revision.product

    def get_initial(self) -> dict[str, Any]:
        """Show the revision as it stands."""
        return {**revision_values(self.revision), "expected_version": self.revision.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the revision."""
        return super().get_context_data(revision=self.revision, **kwargs)

    def save(self, form: PlmForm) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        revision_update(actor=self.actor, revision_id=self.revision.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Revision %(label)s is saved.") % {"label": self.revision.label})

    def stale(self, form: PlmForm) -> dict[str, Any]:
        """Return what the page shows after a colleague's edit."""
        revision = revision_get(self.revision.pk)
        rows = revision.history.order_by("-history_date", "-history_id")
        seen = rows.filter(version=form.cleaned_data["expected_version"]).first()
        was = revision_values(seen) if seen else None
        merged, differences = merge_stale(form, was, revision_values(revision), revision.version)
        return {"form": merged, "differences": differences, "last": rows.first()}

    def get_success_url(self) -> str:
        """Back to the revisions."""
        return reverse("products:product-revisions", args=[self.product.pk])


class RevisionStepView(ProductPage, ServicePage):
    """One step of a revision, after a question. Which permission it takes, the machine says."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/revision_step.html"
    tab = "revisions"
    form_class = RevisionStepForm
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

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask for what the step needs."""
        return {**super().get_form_kwargs(), "to": self._option().to}

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at; propose the planned beginning."""
        return {"expected_version": self.revision.version, "effective_from": self.revision.effective_from}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step in words."""
        option = self._option()
        words = self.words[RevisionState(option.to)]
        return super().get_context_data(revision=self.revision, option=option, words=words, **kwargs)

    def perform(self, form: PlmForm) -> None:
        """Take the step."""
        given, to = form.cleaned_data, self._option().to
        common: dict[str, Any] = {
            "actor": self.actor,
            "revision_id": self.revision.pk,
            "expected_version": given["expected_version"],
        }
        if to == RevisionState.IN_REVIEW:
            revision_submit(**common)
        elif to == RevisionState.IN_WORK:
            revision_return(**common, reason=given["reason"])
        elif to == RevisionState.RELEASED:
            revision_release(**common, reason=given["reason"], effective_from=given["effective_from"])
        else:
            revision_obsolete(**common, reason=given["reason"])
        said = {"label": self.revision.label, "state": RevisionState(to).label}
        messages.success(self.request, _("Revision %(label)s: %(state)s.") % said)

    def get_success_url(self) -> str:
        """Back to the revisions."""
        return reverse("products:product-revisions", args=[self.revision.product_id])

    def _option(self) -> TransitionOption:
        options = transition_options(self.revision, "state", actor_of(self.request))
        for option in options:
            if option.to == self.kwargs["to"] and option.to in self.words:
                return option
        raise NotFound(_("There is no such step."))


def bom_url(revision: ProductRevision) -> str:
    """Return the address of a revision's BOM."""
    return f"{reverse('products:product-bom', args=[revision.product_id])}?revision={revision.label}"
