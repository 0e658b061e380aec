"""The list, the room, a new session, its edit, and the product's tab."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from changes.models import EngineeringChange
from collaboration import permissions
from collaboration.forms import SessionCreateForm, SessionEditForm, SessionFilterForm, StepForm, session_values
from collaboration.models import CollaborationSession
from collaboration.selectors.about import change_numbered, product_numbered
from collaboration.selectors.sessions import SORT_FIELDS, SORT_ORDERS, session_list
from collaboration.services import session_create, session_delete, session_update
from collaboration.views.base import SessionPage, page_of
from plm_project.web.views import PageFormView, PageView
from products.models import Product
from products.selectors.records import product_get


class SessionListView(PageView):
    """The sessions open to the person, narrowed and sorted by the address."""

    permission = permissions.COLLABORATION_READ
    template_name = "collaboration/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of sessions."""
        form = SessionFilterForm(self.request.GET)
        wanted = form.wanted()
        rows = session_list(self.actor, **wanted, **_order(self.request))
        return super().get_context_data(
            form=form,
            page=page_of(rows, self.request),
            product=_first(Product, wanted["product_id"]),
            change=_first(EngineeringChange, wanted["change_id"]),
            may_create=self.actor.may(permissions.COLLABORATION_CREATE),
            **kwargs,
        )


class ProductSessionsView(PageView):
    """The tab of the product page."""

    permission = permissions.COLLABORATION_READ
    template_name = "collaboration/product_tab.html"

    @cached_property
    def product(self) -> Product:
        """The product; another tenant's is not found."""
        return product_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the sessions about it that are open to the person, newest first."""
        return super().get_context_data(
            product=self.product,
            tab="sessions",
            page=page_of(session_list(self.actor, product_id=self.product.pk), self.request),
            create_for_it=f"{reverse('collaboration:session-create')}?product={self.product.pk}",
            may_create=self.actor.may(permissions.COLLABORATION_CREATE),
            **kwargs,
        )


class SessionCreateView(PageFormView):
    """A new session. ``?product=`` and ``?change=`` in the address bring along what it is about."""

    permission = permissions.COLLABORATION_CREATE
    template_name = "collaboration/create.html"
    form_class = SessionCreateForm
    success_message = gettext_lazy("The session is planned. Invite people, then start it.")
    renamed_fields = {"product_id": "product", "change_id": "change"}

    def get_initial(self) -> dict[str, Any]:
        """Take over what the link named; what is unknown is left out."""
        product, change = (_uuid(self.request.GET.get(name, "")) for name in ("product", "change"))
        found = {"product": _first(Product, product), "change": _first(EngineeringChange, change)}
        numbers = {"product": "product_number", "change": "change_number"}
        return {name: getattr(record, numbers[name]) for name, record in found.items() if record is not None}

    def perform(self, form: Any) -> CollaborationSession:
        """By the service."""
        product, change = (form.cleaned_data[name].strip() for name in ("product", "change"))
        return session_create(
            actor=self.actor,
            data=form.session_data(),
            products=[product_numbered(product, field="product").pk] if product else (),
            changes=[change_numbered(change, field="change").pk] if change else (),
        )

    def get_success_url(self) -> str:
        """To the people of the new session."""
        return reverse("collaboration:session-participants", args=[self.result.pk])


class SessionEditView(SessionPage, PageFormView):
    """Title, description, time and features; hosts, while it has not ended."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/edit.html"
    form_class = SessionEditForm
    success_message = gettext_lazy("The session is changed.")

    def get_initial(self) -> dict[str, Any]:
        """The session as it stands."""
        return session_values(self.session)

    def perform(self, form: Any) -> CollaborationSession:
        """By the service."""
        return session_update(
            actor=self.actor,
            session_id=self.session.pk,
            changes=form.session_data(),
            expected_version=form.cleaned_data["expected_version"],
        )

    def get_success_url(self) -> str:
        """Back to the room."""
        return self.session.get_absolute_url()


class SessionDeleteView(SessionPage, PageFormView):
    """Take a planned session out of sight, after a question."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/delete.html"
    form_class = StepForm
    success_message = gettext_lazy("The session is deleted.")

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.session.version}

    def perform(self, form: Any) -> CollaborationSession:
        """By the service."""
        return session_delete(actor=self.actor, session_id=self.session.pk, **form.cleaned_data)

    def get_success_url(self) -> str:
        """To the list."""
        return reverse("collaboration:session-list")


def _first(model: type[Model], key: uuid.UUID | None) -> Any:
    return model.objects.filter(pk=key).first() if key else None  # type: ignore[attr-defined]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _order(request: HttpRequest) -> dict[str, Any]:
    """Read the order from the address; nonsense means the default."""
    field, order = request.GET.get("sort_by", ""), request.GET.get("sort_order", "asc")
    if field not in SORT_FIELDS or order not in SORT_ORDERS:
        return {}
    return {"sort_by": field, "sort_order": order}
