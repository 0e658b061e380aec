"""Create, edit and delete a product; move it through the lifecycle."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from plm_project.core.exceptions import NotFound, PermissionDenied, PlmError, PreconditionFailed
from plm_project.tenancy.states import TransitionOption, transition_options
from plm_project.web.views import PageMixin
from products import permissions
from products.choices import LifecyclePhase
from products.forms import PlmForm, ProductCreateForm, ProductDeleteForm, ProductEditForm, TransitionForm
from products.forms.products import product_values
from products.models import Product
from products.selectors.products import product_by_number
from products.selectors.records import product_get
from products.services import product_create, product_delete, product_lifecycle_change, product_update
from products.views.base import ProductPage, actor_of, merge_stale

INVALID = 422
STALE = 409
RETIRING = frozenset({LifecyclePhase.OBSOLETE, LifecyclePhase.DISCONTINUED})


class ProductCreateView(PageMixin, TemplateView):
    """A new product."""

    permission = permissions.PRODUCTS_CREATE
    template_name = "products/create.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add an empty form, with the number that a link may bring along."""
        initial = {"product_number": self.request.GET.get("number", "")[:50]}
        return super().get_context_data(**{"form": ProductCreateForm(initial=initial), **kwargs})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Create it and show it."""
        form = ProductCreateForm(request.POST)
        if form.is_valid():
            try:
                product = product_create(actor=actor_of(request), data=form.product_data())
            except PermissionDenied:
                raise
            except PlmError as error:
                form.refuse(error)
            else:
                messages.success(request, _("%(number)s is created.") % {"number": product.product_number})
                return redirect(product)
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


class ProductEditView(ProductPage, TemplateView):
    """A product's own fields."""

    permission = permissions.PRODUCTS_UPDATE
    template_name = "products/edit.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form as the product stands."""
        if "form" not in kwargs:
            kwargs["form"] = ProductEditForm(initial=product_values(self.product))
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Save; after a colleague's edit show both."""
        form = ProductEditForm(request.POST)
        if form.is_valid():
            try:
                self._save(form)
            except PermissionDenied:
                raise
            except PreconditionFailed:
                return self._stale(form)
            except PlmError as error:
                form.refuse(error)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.product)
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)

    def _save(self, form: ProductEditForm) -> None:
        given = form.cleaned_data
        changes = form.product_changes(self.product)
        changes["replaced_by_id"] = replacement_id(given["replaced_by"])
        product_update(
            actor=actor_of(self.request),
            product_id=self.product.pk,
            changes=changes,
            expected_version=given["expected_version"],
            reason=given["reason"],
        )

    def _stale(self, form: ProductEditForm) -> HttpResponse:
        product = product_get(self.product.pk)
        seen = product.history.filter(version=form.cleaned_data["expected_version"]).first()
        last = product.history.order_by("-history_date", "-history_id").first()
        merged, differences = merge_stale(
            form, product_values(seen) if seen else None, product_values(product), product.version
        )
        context = self.get_context_data(form=merged, differences=differences, last=last)
        return self.render_to_response(context, status=STALE)


def replacement_id(number: str) -> uuid.UUID | None:
    """Return the id of the product that replaces; raise NotFound at the field when there is none."""
    return product_by_number(number.strip(), field="replaced_by").pk if number.strip() else None


class ProductDeleteView(ProductPage, TemplateView):
    """Take a product out of sight, after a question."""

    permission = permissions.PRODUCTS_DELETE
    template_name = "products/delete.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the question."""
        form = ProductDeleteForm(initial={"expected_version": self.product.version})
        return super().get_context_data(**{"form": form, **kwargs})

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Delete it and show the list."""
        form = ProductDeleteForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                product_delete(
                    actor=actor_of(request),
                    product_id=self.product.pk,
                    reason=given["reason"],
                    expected_version=given["expected_version"],
                )
            except PermissionDenied:
                raise
            except PlmError as error:
                form.refuse(error)
            else:
                messages.success(request, _("%(number)s is deleted.") % {"number": self.product.product_number})
                return redirect("products:product-list")
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


class ProductTransitionView(ProductPage, TemplateView):
    """One step of the lifecycle: why, and where wanted the replacement. Which permission it takes, the machine says."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/transition.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step asked for with what it needs; a step that does not exist is not found."""
        option = self._option()
        if "form" not in kwargs:
            kwargs["form"] = self._form(initial={"to": option.to, "expected_version": self.product.version})
        return super().get_context_data(option=option, **kwargs)

    def post(self, request: HttpRequest, pk: uuid.UUID, to: str) -> HttpResponse:
        """Take the step."""
        form = self._form({**request.POST.dict(), "to": to})
        if form.is_valid():
            try:
                self._step(form)
            except PermissionDenied:
                raise
            except PlmError as error:
                form.refuse(error)
            else:
                label = LifecyclePhase(to).label
                messages.success(
                    request,
                    _("%(number)s is now in phase %(phase)s.")
                    % {"number": self.product.product_number, "phase": label},
                )
                return redirect(self.product)
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)

    def _step(self, form: PlmForm) -> None:
        given = form.cleaned_data
        product_lifecycle_change(
            actor=actor_of(self.request),
            product_id=self.product.pk,
            to=given["to"],
            reason=given["reason"],
            replaced_by_id=replacement_id(given.get("replaced_by", "")),
            expected_version=given["expected_version"],
        )

    def _form(self, data: dict[str, Any] | None = None, **kwargs: Any) -> TransitionForm:
        return TransitionForm(data, retiring=self.kwargs["to"] in RETIRING, **kwargs)

    def _option(self) -> TransitionOption:
        # The product as it is stored: a refused step leaves its reason on the instance that the service had.
        product: Product = self.product
        options = transition_options(product, "lifecycle_phase", actor_of(self.request))
        for option in options:
            if option.to == self.kwargs["to"]:
                return option
        raise NotFound(_("There is no such step."))
