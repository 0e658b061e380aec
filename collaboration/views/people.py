"""Who takes part, and what the session is about: the hosts' page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from collaboration import permissions
from collaboration.forms import InviteForm, LinkForm, RoleForm
from collaboration.selectors.about import change_numbered, product_numbered
from collaboration.selectors.sessions import people_to_invite
from collaboration.services import (
    change_link_add,
    change_link_remove,
    participant_add,
    participant_leave,
    participant_remove,
    participant_role_change,
    product_link_add,
    product_link_remove,
)
from collaboration.views.base import SessionPage
from plm_project.core.exceptions import ValidationFailed
from plm_project.web.views import PageFormView

MOST_SHOWN = 200  # people offered in the list; the search narrows it


class _PeoplePage(SessionPage):
    """What the page shows, whichever of its forms was sent."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the two forms and the roles."""
        shared = {
            "invite_form": InviteForm(people=self._people(), auto_id="invite-%s"),
            "link_form": LinkForm(auto_id="link-%s"),
            "roles": RoleForm.base_fields["role"].choices,  # type: ignore[attr-defined]
            "q": self.words_asked(),
        }
        return super().get_context_data(**{**shared, **kwargs})

    def _people(self) -> Any:
        return people_to_invite(self.session, self.words_asked())[:MOST_SHOWN]

    def get_success_url(self) -> str:
        """Back to the page."""
        return reverse("collaboration:session-participants", args=[self.kwargs["pk"]])

    def get_error_url(self) -> str:
        """Back to the page."""
        return self.get_success_url()


class ParticipantsView(_PeoplePage, PageFormView):
    """The people of a session; a host invites more."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/participants.html"
    form_class = InviteForm
    success_message = gettext_lazy("Invited.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer who does not take part yet."""
        return {**super().get_form_kwargs(), "people": self._people(), "auto_id": "invite-%s"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A refused invitation stays in its form."""
        context = super().get_context_data(**kwargs)
        return {**context, "invite_form": context["form"]}

    def perform(self, form: Any) -> Any:
        """By the service."""
        return participant_add(actor=self.actor, session_id=self.session.pk, **form.cleaned_data)


class ParticipantView(_PeoplePage, TemplateView):
    """One participant: another role, or out. Leads back to the list; there is nothing more to see of one."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/participants.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Change the role, or remove."""
        named = {"actor": self.actor, "session_id": self.session.pk, "user_id": self.kwargs["user"]}
        if "remove" in request.POST:
            entry = participant_remove(**named)
            messages.success(request, _("%(name)s no longer takes part.") % {"name": entry.user})
        else:
            form = RoleForm(request.POST)
            if not form.is_valid():
                raise ValidationFailed.field("role", _("Choose a role."))
            entry = participant_role_change(**named, role=form.cleaned_data["role"])
            messages.success(
                request, _("%(name)s is now: %(role)s.") % {"name": entry.user, "role": entry.get_role_display()}
            )
        return HttpResponseRedirect(self.get_success_url())


class LeaveView(SessionPage, TemplateView):
    """Leave a session for good, after a question."""

    template_name = "collaboration/leave.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Leave."""
        title = self.session.title
        participant_leave(actor=self.actor, session_id=self.session.pk)
        messages.success(request, _("You have left “%(title)s”.") % {"title": title})
        return HttpResponseRedirect(reverse("collaboration:session-list"))


class LinkAddView(_PeoplePage, PageFormView):
    """One more product or change. A refusal comes back on the page, with what was typed."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/participants.html"
    form_class = LinkForm
    success_message = gettext_lazy("Linked.")
    renamed_fields = {"product_id": "number", "change_id": "number"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ids of its own: the page has another form."""
        return {**super().get_form_kwargs(), "auto_id": "link-%s"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A refused link stays in its form."""
        context = super().get_context_data(**kwargs)
        return {**context, "link_form": context["form"]}

    def perform(self, form: Any) -> Any:
        """By the service."""
        number, session_id = form.cleaned_data["number"].strip(), self.session.pk
        if form.cleaned_data["kind"] == "product":
            product = product_numbered(number, field="number")
            return product_link_add(actor=self.actor, session_id=session_id, product_id=product.pk)
        change = change_numbered(number, field="number")
        return change_link_add(actor=self.actor, session_id=session_id, change_id=change.pk)


class ProductUnlinkView(_PeoplePage, TemplateView):
    """The session is not about this product."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/participants.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the link off."""
        product_link_remove(actor=self.actor, session_id=self.session.pk, product_id=self.kwargs["product"])
        return HttpResponseRedirect(self.get_success_url())


class ChangeUnlinkView(_PeoplePage, TemplateView):
    """The session is not about this change."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/participants.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take the link off."""
        change_link_remove(actor=self.actor, session_id=self.session.pk, change_id=self.kwargs["change"])
        return HttpResponseRedirect(self.get_success_url())
