"""What the pages of one session share."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from collaboration import permissions
from collaboration.choices import ParticipantRole
from collaboration.models import CollaborationSession
from collaboration.selectors.sessions import session_get
from plm_project.core.actor import Actor
from plm_project.web.views import PageMixin

PAGE_SIZE = 25


def page_of(rows: Any, request: HttpRequest, size: int = PAGE_SIZE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense gives the nearest one."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def may_run(session: CollaborationSession, actor: Actor) -> bool:
    """Return whether the host's buttons make sense; the services decide anyway. No query: the role is read."""
    if not actor.may(permissions.COLLABORATION_UPDATE):
        return False
    is_host = getattr(session, "own_role", None) == ParticipantRole.HOST
    return is_host or actor.may(permissions.COLLABORATION_MANAGE)


class SessionPage(PageMixin):
    """A page about the session ``pk`` in the address; one that is not open to the person is not found."""

    permission = permissions.COLLABORATION_READ
    kwargs: dict[str, Any]

    @cached_property
    def session(self) -> CollaborationSession:
        """The session with its people and links."""
        return session_get(self.actor, self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the session, and whether the signed-in person runs it."""
        shared = {"session": self.session, "may_run": may_run(self.session, self.actor)}
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context

    def get_error_url(self) -> str:
        """Back to the room."""
        return self.session.get_absolute_url()
