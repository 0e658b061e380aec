"""The state machine of a change request, as the trade reads it.

open → accepted: an order answers it → done: the order is implemented. Open: declined, with a reason, or withdrawn by who
asked; both may be opened again with what is new. Accepted goes back to open when its order is given up, or when an
analyst takes it off the order. That somebody is looking into it is no state: an open request waits for an analyst.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from changes import permissions
from changes.choices import RELEASED_STATUSES
from changes.choices import RequestStatus as Status
from plm_project.core.actor import Actor
from plm_project.tenancy.states import Guard, PermissionRule, asks_reason, condition, has_reason, permitted

if TYPE_CHECKING:
    from changes.models import ChangeRequest


# --- who -------------------------------------------------------------------------------------------------------------
def is_requester(request: ChangeRequest, actor: Actor) -> str:
    """What is asked for is in the words of who asks, and nobody puts other words in their mouth."""
    if actor.user_id and actor.user_id == request.created_by_id:
        return ""
    return _("Only who asked for it can do this.")


def is_requester_or_manager(request: ChangeRequest, actor: Actor) -> str:
    """Whoever manages changes may take a request back for somebody who has left."""
    if actor.may(permissions.CHANGES_MANAGE) or not is_requester(request, actor):
        return ""
    return _("Only who asked for it, or somebody who manages changes, can do this.")


# --- when ------------------------------------------------------------------------------------------------------------
def order_is_released(request: ChangeRequest) -> str:
    """Done means that what was asked for is released."""
    if request.order is not None and request.order.status in RELEASED_STATUSES:
        return ""
    return _("Its change is not implemented yet.")


def order_is_not_released(request: ChangeRequest) -> str:
    """What is released has answered it."""
    if request.order is not None and request.order.status in RELEASED_STATUSES:
        return _("%(number)s is implemented already.") % {"number": request.order.change_number}
    return ""


@asks_reason
def says_what_is_new(request: ChangeRequest) -> str:
    """The same words again would get the same answer."""
    return "" if request.transition_reason.strip() else _("Say what is new.")


def _status(
    source: list[Status], target: Status, permission: str, *guards: Guard, who: PermissionRule | None = None
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="status",
        source=source,
        target=target,
        permission=permitted(permission, who),
        conditions=[condition(guard) for guard in guards],
    )


class RequestLifecycle:
    """Transitions of a change request. The bodies are empty: services record reason, history and event around them."""

    transition_reason: str = ""

    @_status([Status.OPEN], Status.ACCEPTED, permissions.REQUESTS_ANSWER)
    def to_accepted(self) -> None:
        """A change order answers it; the row cannot be accepted without one."""

    @_status([Status.OPEN], Status.DECLINED, permissions.REQUESTS_ANSWER, has_reason)
    def to_declined(self) -> None:
        """It will not be made, and who asked is told why."""

    @_status([Status.OPEN], Status.WITHDRAWN, permissions.REQUESTS_CREATE, who=is_requester_or_manager)
    def to_withdrawn(self) -> None:
        """It is not wanted any more."""

    @_status([Status.ACCEPTED], Status.DONE, permissions.REQUESTS_ANSWER, order_is_released)
    def to_done(self) -> None:
        """What was asked for is released."""

    @_status([Status.ACCEPTED], Status.OPEN, permissions.REQUESTS_ANSWER, has_reason, order_is_not_released)
    @_status(
        [Status.DECLINED, Status.WITHDRAWN],
        Status.OPEN,
        permissions.REQUESTS_CREATE,
        says_what_is_new,
        who=is_requester,
    )
    def to_open(self) -> None:
        """It waits for an answer again."""
