"""Change requests: the list, one with its story, asking and editing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from changes import permissions
from changes.choices import RequestStatus
from changes.models import ChangeRequest
from changes.request_forms import RequestFilterForm, RequestForm, request_values
from changes.request_lifecycle import is_requester
from changes.selectors import change_detail, products_not_in, request_get, request_list, request_story
from changes.selectors.requests import SORT_FIELDS, SORT_ORDERS
from changes.services import request_create, request_update
from changes.views.base import STALE, ServicePage
from changes.views.list import page_of
from changes.views.request_table import steps_possible
from plm_project.core.actor import Actor
from plm_project.core.exceptions import PreconditionFailed
from plm_project.web.views import PageMixin, PageView
from products.models import Product
from products.selectors.products import product_by_number


class RequestPage(PageMixin):
    """A page about the change request ``pk`` in the address; another tenant's is not found. ``asked`` is the record:
    ``request`` is the browser's.
    """

    permission = permissions.REQUESTS_READ
    kwargs: dict[str, Any]

    @cached_property
    def asked(self) -> ChangeRequest:
        """The request with everything that hangs on it."""
        return request_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the request, and whether the signed-in person may edit it now."""
        shared = {"asked": self.asked, "may_edit": may_edit(self.asked, self.actor)}
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context

    def get_error_url(self) -> str:
        """Back to the request."""
        return self.asked.get_absolute_url()


class KeepsTyped:
    """A form about a request that met somebody else's write (409): what was typed stays, for the request as it is now."""

    is_stale = False
    call: Callable[[Any], Any]  # calls the service with the form

    def perform(self, form: Any) -> Any:
        """Tell a stale version apart from other refusals."""
        try:
            return self.call(form)
        except PreconditionFailed:
            self.is_stale = True
            raise

    def form_invalid(self: Any, form: Any) -> HttpResponse:
        """Show what is wrong; after somebody else's write the request as it is now."""
        if not self.is_stale:
            answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
            return answer
        self.asked = request_get(self.asked.pk)
        data = form.data.copy()
        data["expected_version"] = str(self.asked.version)
        kept = self.form_class(**{**self.get_form_kwargs(), "data": data})
        shown: HttpResponse = self.render_to_response(self.get_context_data(form=kept, is_stale=True), status=STALE)
        return shown


def may_edit(asked: ChangeRequest, actor: Actor) -> bool:
    """Return whether an edit button makes sense; the service decides anyway."""
    return asked.is_open and actor.may(permissions.REQUESTS_CREATE) and not is_requester(asked, actor)


class RequestListView(PageView):
    """All change requests, narrowed and sorted by the address."""

    permission = permissions.REQUESTS_READ
    template_name = "changes/requests.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of requests."""
        form = RequestFilterForm(self.request.GET)
        wanted = form.wanted(self.actor.user_id)
        product_id = wanted["product_id"]
        field, order = self.request.GET.get("sort_by", ""), self.request.GET.get("sort_order", "asc")
        sorting: dict[str, Any] = (
            {"sort_by": field, "sort_order": order} if field in SORT_FIELDS and order in SORT_ORDERS else {}
        )
        return super().get_context_data(
            form=form,
            page=page_of(request_list(**wanted, **sorting), self.request),
            product=Product.objects.filter(pk=product_id).first() if product_id else None,
            may_ask=self.actor.may(permissions.REQUESTS_CREATE),
            **kwargs,
        )


class RequestDetailView(RequestPage, TemplateView):
    """One request: what was asked, what became of it, and what can be done now."""

    template_name = "changes/request.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the steps, the story and what its change does not cover."""
        order = change_detail(self.asked.order_id).first() if self.asked.order_id else None
        labels = dict(RequestStatus.choices)
        return super().get_context_data(
            steps=steps_possible(self.asked, self.actor),
            not_in_order=products_not_in(self.asked, order) if order else [],
            may_read_order=self.actor.may(permissions.CHANGES_READ),
            told=[(event, labels.get(event.status, "")) for event in request_story(self.asked)],
            **kwargs,
        )


class PicksProducts:
    """A form whose products are picked one by one; what was picked and typed stays until it is saved."""

    def picked(self: Any) -> list[Product]:
        """Return the products picked so far: of the form, of the request, or the one a link brought along."""
        if self.request.method == "POST":
            keys = [key for key in map(_uuid, self.request.POST.getlist("products")) if key]
        else:
            keys = self.first_products()
        found = Product.objects.in_bulk(keys)
        return [found[key] for key in dict.fromkeys(keys) if key in found]

    def first_products(self: Any) -> list[uuid.UUID]:
        """Return what is picked when the form is opened."""
        return [key for key in map(_uuid, self.request.GET.getlist("product")) if key]

    def get_context_data(self: Any, **kwargs: Any) -> dict[str, Any]:
        """Add them."""
        context: dict[str, Any] = super().get_context_data(**{"picked": self.picked(), **kwargs})  # type: ignore[misc]
        return context

    def post(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save, or with ``add`` take the typed product to the picked ones and go on."""
        if "add" not in request.POST:
            answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
            return answer
        number = request.POST.get("product", "").strip()
        product = Product.objects.filter(product_number=number).first() if number else None
        data, picked = request.POST.copy(), self.picked()
        if product is not None:
            data["product"] = ""
            picked = list(dict.fromkeys([*picked, product]))
        problem = _no_such(number) if number and product is None else ""
        context = self.get_context_data(form=RequestForm(initial=data.dict()), picked=picked, product_problem=problem)
        shown: HttpResponse = self.render_to_response(context)
        return shown

    def chosen(self: Any, form: Any) -> list[uuid.UUID]:
        """Return the ids of the picked products and of the one that is still in the box."""
        keys = [product.pk for product in self.picked()]
        if number := form.cleaned_data["product"].strip():
            keys.append(product_by_number(number, field="product").pk)
        return list(dict.fromkeys(keys))

    def form_valid(self: Any, form: Any) -> HttpResponse:
        """Say at the field that there is no such product, instead of answering that the page does not exist."""
        number = form.cleaned_data["product"].strip()
        if number and not Product.objects.filter(product_number=number).exists():
            form.add_error("product", _no_such(number))
            return self.form_invalid(form)  # type: ignore[no-any-return]
        return super().form_valid(form)  # type: ignore[misc, no-any-return]


class RequestCreateView(PicksProducts, ServicePage):
    """Ask for a change."""

    permission = permissions.REQUESTS_CREATE
    template_name = "changes/request_form.html"
    form_class = RequestForm
    renamed_fields = {"products": "product"}

    def perform(self, form: Any) -> ChangeRequest:
        """Ask."""
        return request_create(actor=self.actor, data=form.request_data(), products=self.chosen(form))

    def get_success_url(self) -> str:
        """Show it."""
        words = _("%(number)s is asked for. You are told what becomes of it.")
        messages.success(self.request, words % {"number": self.result.request_number})
        address: str = self.result.get_absolute_url()
        return address


class RequestEditView(KeepsTyped, PicksProducts, RequestPage, ServicePage):
    """Edit what one has asked for, while it is open."""

    permission = permissions.REQUESTS_CREATE
    template_name = "changes/request_form.html"
    form_class = RequestForm
    renamed_fields = {"products": "product"}

    def get_initial(self) -> dict[str, Any]:
        """The request as it stands."""
        return request_values(self.asked)

    def first_products(self) -> list[uuid.UUID]:
        """Those it is about."""
        return [product.pk for product in self.asked.products_asked()]

    def call(self, form: Any) -> ChangeRequest:
        """Save."""
        return request_update(
            actor=self.actor,
            request_id=self.asked.pk,
            changes=form.request_data(),
            products=self.chosen(form),
            expected_version=form.cleaned_data["expected_version"],
        )

    def get_success_url(self) -> str:
        """Back to the request."""
        messages.success(self.request, _("Saved."))
        return self.asked.get_absolute_url()


def _no_such(number: str) -> str:
    return _("There is no product %(number)s.") % {"number": number}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
