"""What a change does with one of its products."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from changes import permissions
from changes.affected_forms import ActionForm
from changes.models import AffectedProduct
from changes.services import affected_update, uses_redline
from changes.views.base import AffectedOfChange, ServicePage, change_url
from changes.views.story import affected_anchor


class AffectedActionPage(AffectedOfChange):
    """A page about one affected product; afterwards back to it."""

    permission = permissions.CHANGES_UPDATE

    def get_success_url(self) -> str:
        """The product on the change page."""
        return change_url(self.change, affected_anchor(self.affected.pk))

    def get_error_url(self) -> str:
        """The same."""
        return self.get_success_url()


class ActionEditView(AffectedActionPage, ServicePage):
    """Which action, from when, for which units, and what takes its place."""

    template_name = "changes/action.html"
    form_class = ActionForm
    renamed_fields = ActionForm.renamed

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the product."""
        return super().get_context_data(**{"affected": self.affected, "back": self.get_success_url(), **kwargs})

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the actions of this product."""
        return {**super().get_form_kwargs(), "affected": self.affected}

    def get_initial(self) -> dict[str, Any]:
        """Show what was said."""
        return ActionForm.initial_of(self.affected)

    def perform(self, form: Any) -> AffectedProduct:
        """Keep it."""
        affected = affected_update(
            actor=self.actor,
            affected_id=self.affected.pk,
            changes=form.values(),
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("%(number)s is changed.") % {"number": self.affected.product.product_number})
        return affected


class UsesRedlineView(AffectedActionPage, TemplateView):
    """Redline everything that a product to be replaced still stands in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The button stands on the change page."""
        return HttpResponseRedirect(self.get_success_url())

    def post(self, request: HttpRequest, pk: uuid.UUID, affected: uuid.UUID) -> HttpResponse:
        """Draw it, and say what came in."""
        came = uses_redline(actor=self.actor, affected_id=self.affected.pk)
        text = ngettext(
            "Redlined where it is used; %(count)s product came in.",
            "Redlined where it is used; %(count)s products came in.",
            len(came),
        )
        messages.success(request, text % {"count": len(came)})
        return HttpResponseRedirect(self.get_success_url())
