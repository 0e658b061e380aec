"""What can become of a change request: the steps as people take them, their words, and the service behind each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _lazy

from changes import services
from changes.choices import RequestStatus as Status
from changes.models import ChangeRequest
from plm_project.core.actor import Actor
from plm_project.tenancy.states import transition_options

COMMENT = _lazy("Comment")


@dataclass(frozen=True)
class RequestStep:
    """One step: its words, its service, and where it begins and leads."""

    name: str
    begins: tuple[Status, ...]
    to: Status
    label: Any
    question: Any
    done: Any
    service: Callable[..., Any]
    comment_label: Any = COMMENT
    needs_comment: bool = False
    tone: str = "secondary"
    icon: str = ""

    @property
    def asks_order(self) -> bool:
        """Whether a change may be named that answers it."""
        return self.name == "accept"


STEPS: dict[str, RequestStep] = {
    step.name: step
    for step in (
        RequestStep(
            "accept",
            (Status.OPEN,),
            Status.ACCEPTED,
            _lazy("Accept"),
            _lazy(
                "A change answers it: a new draft, which takes over what was asked for, or one that is open already."
            ),
            _lazy("%(number)s is accepted."),
            services.request_accept,
            tone="primary",
            icon="check-lg",
        ),
        RequestStep(
            "decline",
            (Status.OPEN,),
            Status.DECLINED,
            _lazy("Decline"),
            _lazy("It will not be made. Who asked is told why, and may ask again with what is new."),
            _lazy("%(number)s is declined."),
            services.request_decline,
            comment_label=_lazy("Reason"),
            needs_comment=True,
            tone="danger-quiet",
            icon="x-lg",
        ),
        RequestStep(
            "withdraw",
            (Status.OPEN,),
            Status.WITHDRAWN,
            _lazy("Withdraw"),
            _lazy("It is not wanted any more. Who asked may open it again."),
            _lazy("%(number)s is withdrawn."),
            services.request_withdraw,
            comment_label=_lazy("Reason"),
            icon="arrow-return-left",
        ),
        RequestStep(
            "reopen",
            (Status.DECLINED, Status.WITHDRAWN),
            Status.OPEN,
            _lazy("Ask again"),
            _lazy("It waits for an answer again."),
            _lazy("%(number)s is open again."),
            services.request_reopen,
            comment_label=_lazy("What is new"),
            needs_comment=True,
            tone="primary",
            icon="arrow-counterclockwise",
        ),
        RequestStep(
            "unlink",
            (Status.ACCEPTED,),
            Status.OPEN,
            _lazy("Take off its change"),
            _lazy("The change goes on without it, and it waits for an answer again."),
            _lazy("%(number)s is open again."),
            services.request_unlink,
            comment_label=_lazy("Reason"),
            needs_comment=True,
            icon="slash-circle",
        ),
    )
}


def steps_possible(asked: ChangeRequest, actor: Actor) -> list[RequestStep]:
    """Return the steps that the actor can take now, the main one first."""
    possible = {option.to for option in transition_options(asked, "status", actor) if option.possible}
    return [step for step in STEPS.values() if asked.status in step.begins and step.to in possible]
