"""Create, edit and delete a product; move it through the lifecycle."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.tenancy.states import TransitionOption, transition_options
from products import permissions
from products.choices import LifecyclePhase
from products.forms import PlmForm, ProductCreateForm, ProductDeleteForm, ProductEditForm, TransitionForm
from products.forms.products import RENAMED, product_values
from products.models import Product
from products.selectors.products import product_by_number
from products.selectors.records import product_get
from products.services import product_create, product_delete, product_lifecycle_change, product_update
from products.views.base import EditPage, ProductPage, ServicePage, actor_of, merge_stale

RETIRING = frozenset({LifecyclePhase.OBSOLETE, LifecyclePhase.DISCONTINUED})


class ProductCreateView(ServicePage):
    """A new product."""

    permission = permissions.PRODUCTS_CREATE
    template_name = "products/create.html"
    form_class = ProductCreateForm
    renamed_fields = RENAMED
    result: Product

    def get_initial(self) -> dict[str, Any]:
        """Take the number that a link may bring along."""
        return {"product_number": self.request.GET.get("number", "")[:50]}

    def perform(self, form: ProductCreateForm) -> Product:
        """Create it."""
        product = product_create(actor=self.actor, data=form.product_data())
        messages.success(self.request, _("%(number)s is created.") % {"number": product.product_number})
        return product

    def get_success_url(self) -> str:
        """Show it."""
        return self.result.get_absolute_url()


class ProductEditView(ProductPage, EditPage):
    """A product's own fields."""

    permission = permissions.PRODUCTS_UPDATE
    template_name = "products/edit.html"
    tab = "overview"
    form_class = ProductEditForm
    renamed_fields = RENAMED

    def get_initial(self) -> dict[str, Any]:
        """Show the product as it stands."""
        return product_values(self.product)

    def save(self, form: ProductEditForm) -> None:
        """Change what differs."""
        given = form.cleaned_data
        changes = form.product_changes(self.product)
        changes["replaced_by_id"] = replacement_id(given["replaced_by"])
        product_update(
            actor=self.actor,
            product_id=self.product.pk,
            changes=changes,
            expected_version=given["expected_version"],
            reason=given["reason"],
        )
        messages.success(self.request, _("Saved."))

    def get_success_url(self) -> str:
        """Back to the product."""
        return self.product.get_absolute_url()

    def stale(self, form: ProductEditForm) -> dict[str, Any]:
        """Return what the page shows after a colleague's edit."""
        product = product_get(self.product.pk)
        seen = product.history.filter(version=form.cleaned_data["expected_version"]).first()
        last = product.history.order_by("-history_date", "-history_id").first()
        merged, differences = merge_stale(
            form, product_values(seen) if seen else None, product_values(product), product.version
        )
        return {"form": merged, "differences": differences, "last": last}


def replacement_id(number: str) -> uuid.UUID | None:
    """Return the id of the product that replaces; raise ValidationFailed at the field when there is none."""
    if not number.strip():
        return None
    return named_product(number, "replaced_by").pk


def named_product(number: str, field: str) -> Product:
    """Return the product of a number that somebody typed; one that is not there is a fault of the field."""
    try:
        return product_by_number(number.strip(), field=field)
    except NotFound as error:
        raise ValidationFailed(error.message, details=error.details) from error


class ProductDeleteView(ProductPage, ServicePage):
    """Take a product out of sight, after a question."""

    permission = permissions.PRODUCTS_DELETE
    template_name = "products/delete.html"
    tab = "overview"
    form_class = ProductDeleteForm

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.product.version}

    def perform(self, form: PlmForm) -> None:
        """Delete it."""
        given = form.cleaned_data
        product_delete(
            actor=self.actor,
            product_id=self.product.pk,
            reason=given["reason"],
            expected_version=given["expected_version"],
        )
        messages.success(self.request, _("%(number)s is deleted.") % {"number": self.product.product_number})

    def get_success_url(self) -> str:
        """To the list."""
        return reverse("products:product-list")


class ProductTransitionView(ProductPage, ServicePage):
    """One step of the lifecycle: why, and where wanted the replacement. The machine knows the permission it takes."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/transition.html"
    tab = "overview"
    form_class = TransitionForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask for a replacement where something is retired. The step stands in the address."""
        return {**super().get_form_kwargs(), "retiring": self.kwargs["to"] in RETIRING}

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.product.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step asked for with what it needs; a step that does not exist is not found."""
        return super().get_context_data(option=self._option(), **kwargs)

    def perform(self, form: PlmForm) -> None:
        """Take the step."""
        given, to = form.cleaned_data, self._option().to
        product_lifecycle_change(
            actor=self.actor,
            product_id=self.product.pk,
            to=to,
            reason=given["reason"],
            replaced_by_id=replacement_id(given.get("replaced_by", "")),
            expected_version=given["expected_version"],
        )
        said = {"number": self.product.product_number, "phase": LifecyclePhase(to).label}
        messages.success(self.request, _("%(number)s is now in phase %(phase)s.") % said)

    def get_success_url(self) -> str:
        """Back to the product."""
        return self.product.get_absolute_url()

    def _option(self) -> TransitionOption:
        options = transition_options(self.product, "lifecycle_phase", actor_of(self.request))
        for option in options:
            if option.to == self.kwargs["to"]:
                return option
        raise NotFound(_("There is no such step."))
