"""What holds for each kind of notice: who may be told at all, and what a person gets who has chosen nothing."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from changes.permissions import CHANGES_READ, REQUESTS_ANSWER, REQUESTS_READ
from collaboration.choices import MailChoice, NoticeKind
from collaboration.permissions import COLLABORATION_READ
from plm_project.core.actor import Actor


@dataclass(frozen=True)
class KindRule:
    """``permission``: what one must hold to read of it. ``always_in_page``: nobody can switch it off in the page."""

    permission: str
    by_mail: MailChoice = MailChoice.AT_ONCE
    always_in_page: bool = False


RULES: dict[str, KindRule] = {
    NoticeKind.APPROVAL_NEEDED: KindRule(CHANGES_READ, always_in_page=True),
    NoticeKind.CHANGE_DECIDED: KindRule(CHANGES_READ),
    NoticeKind.CHANGE_IMPLEMENTED: KindRule(CHANGES_READ, by_mail=MailChoice.NEVER),
    NoticeKind.CHANGE_REQUESTED: KindRule(REQUESTS_ANSWER),
    NoticeKind.CHANGE_REQUEST_ANSWERED: KindRule(REQUESTS_READ),
    NoticeKind.DISPOSITION_WAITING: KindRule(CHANGES_READ),
    NoticeKind.INVITED: KindRule(COLLABORATION_READ),
    NoticeKind.MENTIONED: KindRule(COLLABORATION_READ),
    # A sibling's permission, by its name: whoever may mend it.
    NoticeKind.WEBHOOK_DISABLED: KindRule("plm.integrations.manage"),
    NoticeKind.DISCUSSION_STARTED: KindRule(CHANGES_READ, by_mail=MailChoice.NEVER),
    NoticeKind.DISCUSSION_REPLY: KindRule(CHANGES_READ, by_mail=MailChoice.NEVER),
    NoticeKind.DISCUSSION_MENTION: KindRule(CHANGES_READ),
    NoticeKind.DISCUSSION_RESOLVED: KindRule(CHANGES_READ, by_mail=MailChoice.NEVER),
}


# What is said in a room: told to those who take part, and only as long as they do.
OF_ROOMS = frozenset({NoticeKind.INVITED, NoticeKind.MENTIONED})


# What is said about a change: all lead to its thread.
OF_DISCUSSIONS = frozenset(
    {
        NoticeKind.DISCUSSION_STARTED,
        NoticeKind.DISCUSSION_REPLY,
        NoticeKind.DISCUSSION_MENTION,
        NoticeKind.DISCUSSION_RESOLVED,
    }
)


def may_be_told(kind: str, permissions: Set[str]) -> bool:
    """Return whether somebody with these permissions may read a notice of the kind."""
    return RULES[kind].permission in permissions


def readable_kinds(actor: Actor) -> list[str]:
    """Return the kinds the actor may read: a token that was narrowed sees no more than it may look up."""
    return [kind for kind, rule in RULES.items() if actor.may(rule.permission)]
