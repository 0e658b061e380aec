"""Alternates of a product, from its sourcing tab: add, edit, remove."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from products import permissions
from products.forms.alternates import AlternateAddForm, AlternateEditForm
from products.forms.sourcing import RemoveForm
from products.models import Alternate, Product
from products.selectors.alternates import alternate_get
from products.selectors.records import product_get
from products.services.alternates import alternate_add, alternate_remove, alternate_update
from products.views.editing import named_product
from products.views.sourcing import FormPage


class AlternateAddView(FormPage):
    """Another product that may be taken for this one."""

    permission = permissions.PRODUCTS_UPDATE
    form_class = AlternateAddForm
    renamed_fields: ClassVar[dict[str, str]] = {"alternate_id": "alternate"}
    panel_title = gettext_lazy("Add an alternate")
    submit_label = gettext_lazy("Add alternate")

    def perform(self, form: Any) -> Alternate:
        """Add it."""
        given = dict(form.cleaned_data)
        other = named_product(given.pop("alternate"), "alternate")
        row = alternate_add(actor=self.actor, product_id=self.product.pk, alternate_id=other.pk, data=given)
        messages.success(self.request, _("%(number)s is an alternate.") % {"number": other.product_number})
        return row


class OneAlternatePage(FormPage):
    """A page about the alternate in the address."""

    permission = permissions.PRODUCTS_UPDATE

    @cached_property
    def row(self) -> Alternate:
        """The alternate; another tenant's is not found."""
        return alternate_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return product_get(self.row.product_id)

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        names = ("is_two_way", "rank", "note")
        return {**{name: getattr(self.row, name) for name in names}, "expected_version": self.row.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(subject=self.row.alternate.product_number, **kwargs)


class AlternateEditView(OneAlternatePage):
    """Direction, rank, note."""

    form_class = AlternateEditForm
    panel_title = gettext_lazy("Edit alternate")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        alternate_update(actor=self.actor, row_id=self.row.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Saved."))


class AlternateRemoveView(OneAlternatePage):
    """It may be taken no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove alternate?")
    submit_label = gettext_lazy("Remove alternate")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        given = form.cleaned_data
        alternate_remove(
            actor=self.actor, row_id=self.row.pk, reason=given["reason"], expected_version=given["expected_version"]
        )
        messages.success(self.request, _("Removed."))
