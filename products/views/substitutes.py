"""Substitutes of a BOM line, from the line's page: add, edit, remove."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products.forms.sourcing import RemoveForm
from products.forms.substitutes import SubstituteAddForm, SubstituteEditForm, substitute_values
from products.models import BomLine, LineSubstitute
from products.selectors.substitutes import substitute_get
from products.services.substitutes import substitute_add, substitute_remove, substitute_update
from products.views.base import ServicePage
from products.views.editing import named_product
from products.views.lines import LinePage


class SubstitutePage(LinePage, ServicePage):
    """A form about what may be taken for the part of a line: its heading, and what its button says."""

    template_name = "products/substitute.html"
    panel_title: Any = ""
    submit_label: Any = ""
    danger = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three."""
        shared = {name: getattr(self, name) for name in ("panel_title", "submit_label", "danger")}
        return super().get_context_data(**{**shared, **kwargs}, line_url=self.get_success_url())

    def get_success_url(self) -> str:
        """Back to the line."""
        return reverse("products:line-edit", args=[self.line.pk])


class SubstituteAddView(SubstitutePage):
    """A product that may be taken for the part."""

    form_class = SubstituteAddForm
    renamed_fields: ClassVar[dict[str, str]] = {"product_id": "product"}
    panel_title = gettext_lazy("Add a substitute")
    submit_label = gettext_lazy("Add substitute")

    def perform(self, form: Any) -> LineSubstitute:
        """Add it."""
        given = dict(form.cleaned_data)
        product = named_product(given.pop("product"), "product")
        row = substitute_add(actor=self.actor, line_id=self.line.pk, product_id=product.pk, data=given)
        said = {"number": product.product_number, "find": self.line.find_number}
        messages.success(self.request, _("%(number)s is a substitute on line %(find)s.") % said)
        return row


class OneSubstitutePage(SubstitutePage):
    """A page about the substitute in the address."""

    @cached_property
    def row(self) -> LineSubstitute:
        """The substitute; another tenant's is not found."""
        return substitute_get(self.kwargs["pk"])

    @cached_property
    def line(self) -> BomLine:  # type: ignore[override]
        """Its line."""
        return self.row.line

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        return substitute_values(self.row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(row=self.row, **kwargs)


class SubstituteEditView(OneSubstitutePage):
    """Quantity, rank, designators, note."""

    form_class = SubstituteEditForm
    panel_title = gettext_lazy("Edit substitute")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        substitute_update(actor=self.actor, row_id=self.row.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Saved."))


class SubstituteRemoveView(OneSubstitutePage):
    """It may be taken no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove substitute?")
    submit_label = gettext_lazy("Remove substitute")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        given = form.cleaned_data
        substitute_remove(
            actor=self.actor, row_id=self.row.pk, reason=given["reason"], expected_version=given["expected_version"]
        )
        messages.success(self.request, _("Removed."))
