"""The steps of a change as people take them: their words, and the service behind each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from changes import services
from changes.choices import ChangeStatus as Status
from changes.choices import Decision, Meaning
from changes.models import EngineeringChange

VOTES = {"approve": Decision.APPROVED, "reject": Decision.REJECTED, "comment": Decision.COMMENTED}


@dataclass(frozen=True)
class Step:
    """One step: its words, its service, and what the service calls the comment."""

    name: str
    to: Status
    label: Any
    question: Any
    done: Any
    already: Any
    service: Callable[..., EngineeringChange]
    says: str = "comment"
    needs_comment: bool = False
    tone: str = "secondary"
    icon: str = ""

    @property
    def comment_label(self) -> str:
        """What the text box asks for."""
        return _("Reason") if self.says == "reason" else _("Comment")

    @property
    def is_vote(self) -> bool:
        """Whether a named approver alone takes it."""
        return self.name in VOTES

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """What a signature under it may mean; () where nothing is signed."""
        return services.MEANINGS[VOTES[self.name]] if self.is_vote else ()

    def given(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what its service takes from a form: the comment, and the signature of a vote."""
        found = {self.says: data["comment"]}
        if self.is_vote:
            found["signature"] = services.Signature(data["password"], data.get("meaning") or "")
            found["on_behalf_of"] = data.get("on_behalf_of")
        return found


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "submit",
            Status.SUBMITTED,
            _lazy("Submit"),
            _lazy("The approvers are told, and the change can no longer be edited."),
            _lazy("%(number)s is submitted."),
            _lazy("%(number)s is submitted already."),
            services.change_submit,
            tone="primary",
            icon="send",
        ),
        Step(
            "approve",
            Status.APPROVED,
            _lazy("Approve"),
            _lazy("You agree to the change as it is shown here."),
            _lazy("You have approved %(number)s."),
            _lazy("You have approved %(number)s already."),
            services.change_approve,
            tone="primary",
            icon="check-lg",
        ),
        Step(
            "reject",
            Status.REJECTED,
            _lazy("Reject"),
            _lazy("When it can no longer be approved, the change is stopped. Its author can work on it again."),
            _lazy("You have rejected %(number)s."),
            _lazy("You have rejected %(number)s already."),
            services.change_reject,
            needs_comment=True,
            tone="danger",
            icon="x-lg",
        ),
        Step(
            "comment",
            Status.APPROVED,  # possible where approving is; it moves nothing
            _lazy("Comment"),
            _lazy("You are asked what you think of it. It decides nothing, and is signed like a vote."),
            _lazy("Your comment on %(number)s is kept."),
            _lazy("You have commented on %(number)s already."),
            services.change_comment,
            needs_comment=True,
            tone="primary",
            icon="chat-left-text",
        ),
        Step(
            "implement",
            Status.IMPLEMENTED,
            _lazy("Implement"),
            _lazy("Every affected product gets its new revision, released at once; the old one is superseded."),
            _lazy("%(number)s is implemented."),
            _lazy("%(number)s is implemented already."),
            services.change_implement,
            tone="primary",
            icon="check2-all",
        ),
        Step(
            "close",
            Status.CLOSED,
            _lazy("Close"),
            _lazy("Nothing is left to do."),
            _lazy("%(number)s is closed."),
            _lazy("%(number)s is closed already."),
            services.change_close,
            says="reason",
            icon="archive",
        ),
        Step(
            "reopen",
            Status.DRAFT,
            _lazy("Reopen as draft"),
            _lazy("It can be edited and submitted again. The votes so far stay readable, and count no more."),
            _lazy("%(number)s is a draft again."),
            _lazy("%(number)s is a draft already."),
            services.change_reopen,
            says="reason",
            tone="primary",
            icon="arrow-counterclockwise",
        ),
        Step(
            "withdraw",
            Status.WITHDRAWN,
            _lazy("Withdraw"),
            _lazy("You take the change back before it is released. It can be reopened as a draft."),
            _lazy("%(number)s is withdrawn."),
            _lazy("%(number)s is withdrawn already."),
            services.change_withdraw,
            says="reason",
            icon="arrow-return-left",
        ),
        Step(
            "cancel",
            Status.CANCELLED,
            _lazy("Cancel change"),
            _lazy("The change will not be made. This cannot be undone."),
            _lazy("%(number)s is cancelled."),
            _lazy("%(number)s is cancelled already."),
            services.change_cancel,
            says="reason",
            needs_comment=True,
            tone="danger-quiet",
            icon="slash-circle",
        ),
    )
}
