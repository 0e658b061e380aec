"""Open a change, edit and delete a draft."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes import permissions
from changes.forms import ChangeCreateForm, ChangeEditForm, ChangeFields, StepForm, change_values
from changes.models import EngineeringChange
from changes.selectors import change_get
from changes.services import change_create, change_delete, change_update
from changes.views.base import STALE, ChangePage, ServicePage, change_url
from plm_project.core.exceptions import PreconditionFailed
from products.models import Product
from products.selectors.products import product_by_number


class ChangeCreateView(ServicePage):
    """A new change. Products are picked one by one; what was picked and typed stays until it is saved."""

    permission = permissions.CHANGES_CREATE
    template_name = "changes/create.html"
    form_class = ChangeCreateForm
    renamed_fields = {"product_id": "product"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the products picked so far."""
        return super().get_context_data(**{"picked": self.picked(), **kwargs})

    def picked(self) -> list[Product]:
        """Return the products picked so far: of the form, or the one a link brought along."""
        given = self.request.POST.getlist("products") or self.request.GET.getlist("product")
        keys = [key for key in map(_uuid, given) if key]
        found = Product.objects.in_bulk(keys)
        return [found[key] for key in dict.fromkeys(keys) if key in found]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save, or with ``add`` take the typed product to the picked ones and go on."""
        return self._add() if "add" in request.POST else super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> EngineeringChange:
        """Create it with the picked products and the one that is still in the box."""
        chosen = [product.pk for product in self.picked()]
        if number := form.cleaned_data["product"].strip():
            chosen.append(product_by_number(number, field="product").pk)
        return change_create(actor=self.actor, data=form.change_data(), affected=list(dict.fromkeys(chosen)))

    def form_valid(self, form: Any) -> HttpResponse:
        """Say at the field that there is no such product, instead of answering that the page does not exist."""
        number = form.cleaned_data["product"].strip()
        if number and not Product.objects.filter(product_number=number).exists():
            form.add_error("product", _no_such(number))
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Show the draft: the redlines come next."""
        messages.success(
            self.request, _("%(number)s is open. Now draw the redlines.") % {"number": self.result.change_number}
        )
        return change_url(self.result)

    def _add(self) -> HttpResponse:
        picked, data = self.picked(), self.request.POST.copy()
        number = data.get("product", "").strip()
        product = Product.objects.filter(product_number=number).first() if number else None
        if product is not None:
            picked = list(dict.fromkeys([*picked, product]))
            data["product"] = ""
        form = ChangeCreateForm(initial=data.dict())
        problem = _no_such(number) if number and product is None else ""
        context = self.get_context_data(form=form, picked=picked, picking=True, product_problem=problem)
        return self.render_to_response(context)


@dataclass(frozen=True)
class Difference:
    """A field that a colleague changed meanwhile: what it is now, and what the person typed where both changed it."""

    label: str
    now: str
    typed: str


class ChangeEditView(ChangePage, ServicePage):
    """A draft's own fields. An edit that met a colleague's shows both (409)."""

    permission = permissions.CHANGES_UPDATE
    template_name = "changes/edit.html"
    form_class = ChangeEditForm
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        """The change as it stands."""
        return change_values(self.change)

    def perform(self, form: Any) -> EngineeringChange:
        """Save."""
        self.is_stale = False
        try:
            return change_update(
                actor=self.actor,
                change_id=self.kwargs["pk"],
                changes=form.change_data(),
                expected_version=form.cleaned_data["expected_version"],
            )
        except PreconditionFailed:
            self.is_stale = True
            raise

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong, or what a colleague changed."""
        if not getattr(self, "is_stale", False):
            return super().form_invalid(form)
        change = change_get(self.change.pk)
        seen = change.history.filter(version=form.cleaned_data["expected_version"]).first()
        merged, differences = merge(form, change_values(seen) if seen else {}, change_values(change))
        context = self.get_context_data(form=merged, differences=differences, is_stale=True)
        return self.render_to_response(context, status=STALE)

    def get_success_url(self) -> str:
        """Back to the change."""
        return change_url(self.change)


def merge(form: Any, seen: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[ChangeEditForm, list[Difference]]:
    """Return the form to show after a stale edit, and what a colleague changed.

    What the person typed stays; what they had left alone takes the colleague's value, so that saving does not undo it.
    """
    data, found = form.data.copy(), []
    for name in ChangeFields.base_fields:
        typed, current, before = (_shown(values.get(name)) for values in (form.data, now, seen))
        if current in (typed, before):
            continue
        if typed == before:
            data[name] = current
            typed = ""
        found.append(Difference(str(form.fields[name].label), _in_words(form, name, current), typed))
    data["expected_version"] = str(now["expected_version"])
    return ChangeEditForm(data), found


class ChangeDeleteView(ChangePage, ServicePage):
    """Take a draft out of sight, after a question."""

    permission = permissions.CHANGES_UPDATE
    template_name = "changes/delete.html"
    form_class = StepForm
    renamed_fields = {"reason": "comment"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask for a reason."""
        return {**super().get_form_kwargs(), "label": _("Reason")}

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.change.version}

    def perform(self, form: Any) -> EngineeringChange:
        """Delete it."""
        return change_delete(
            actor=self.actor,
            change_id=self.kwargs["pk"],
            reason=form.cleaned_data["comment"],
            expected_version=form.cleaned_data["expected_version"],
        )

    def get_success_url(self) -> str:
        """The list."""
        messages.success(self.request, _("%(number)s is deleted.") % {"number": self.change.change_number})
        return reverse("changes:change-list")


def _no_such(number: str) -> str:
    return _("There is no product %(number)s.") % {"number": number}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _shown(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _in_words(form: Any, name: str, value: str) -> str:
    return str(dict(getattr(form.fields[name], "choices", ())).get(value, value))
