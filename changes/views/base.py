"""What the change pages share."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from changes import permissions
from changes.lifecycle import is_author_or_manager
from changes.models import AffectedProduct, EngineeringChange
from changes.selectors import change_get
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.web.views import PageMixin, ServiceFormMixin

INVALID = 422
STALE = 409


class ChangePage(PageMixin):
    """A page about the change ``pk`` in the address; another tenant's is not found."""

    permission = permissions.CHANGES_READ
    kwargs: dict[str, Any]

    @cached_property
    def change(self) -> EngineeringChange:
        """The change with everything that hangs on it."""
        return change_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the change, and whether the signed-in person may edit it now."""
        shared = {"change": self.change, "may_edit": may_edit(self.change, self.actor)}
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context


class AffectedOfChange(ChangePage):
    """A page about one affected product of the change, ``affected`` in the address; one of another change is not found."""

    @cached_property
    def affected(self) -> AffectedProduct:
        """The affected product."""
        for entry in self.change.affected.all():
            if entry.pk == self.kwargs["affected"]:
                return entry
        raise NotFound(_("There is no such affected product."))


class ServicePage(ServiceFormMixin, FormView):  # type: ignore[type-arg]
    """A page with a form that calls a service. Input that is refused answers 422 and stays in the form."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Show the form with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


def may_edit(change: EngineeringChange, actor: Actor) -> bool:
    """Return whether the edit buttons make sense; the services decide anyway."""
    return change.is_draft and actor.may(permissions.CHANGES_UPDATE) and not is_author_or_manager(change, actor)


def change_url(change: EngineeringChange, anchor: str = "") -> str:
    """Return the address of the change page, at ``anchor``."""
    address = reverse("changes:change-detail", args=[change.pk])
    return f"{address}#{anchor}" if anchor else address
