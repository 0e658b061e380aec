"""The state machine of a session: scheduled → active → ended. A scheduled one is called off with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from collaboration import permissions
from collaboration.choices import ParticipantRole
from collaboration.choices import SessionStatus as Status
from plm_project.core.actor import Actor
from plm_project.tenancy.states import Guard, asks_reason, condition, permitted

if TYPE_CHECKING:
    from collaboration.models import CollaborationSession


def is_host_or_manager(session: CollaborationSession, actor: Actor) -> str:
    """A session is run by its hosts; those who manage sessions may stand in."""
    if actor.may(permissions.COLLABORATION_MANAGE):
        return ""
    if actor.user_id and session.participants.filter(user_id=actor.user_id, role=ParticipantRole.HOST).exists():
        return ""
    return _("Only a host of the session, or somebody who manages sessions, can do this.")


@asks_reason
def calling_off_is_explained(session: CollaborationSession) -> str:
    """Who was invited to a session that never begins learns why."""
    if session.status == Status.SCHEDULED and not session.transition_reason.strip():
        return _("Say why the session is called off.")
    return ""


def _status(
    source: list[Status], target: Status, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="status",
        source=source,
        target=target,
        permission=permitted(permissions.COLLABORATION_UPDATE, is_host_or_manager),
        conditions=[condition(guard) for guard in guards],
    )


class SessionLifecycle:
    """Transitions of a session. The bodies are empty: services record times, history and event around them."""

    transition_reason: str = ""

    @_status([Status.SCHEDULED], Status.ACTIVE)
    def to_active(self) -> None:
        """People write and draw from now on."""

    @_status([Status.SCHEDULED, Status.ACTIVE], Status.ENDED, calling_off_is_explained)
    def to_ended(self) -> None:
        """Nothing is added any more; everything stays readable."""
