"""What the discussion adds to the change page: its panel, and a mark on each product and line."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from changes.choices import ChangeStatus
from changes.extensions import ChangePanel, LineMarks, Mark
from changes.models import EngineeringChange
from changes.permissions import CHANGES_READ
from collaboration.choices import ThreadState
from collaboration.mention_box import MENTION_ATTRIBUTES
from collaboration.models import Comment, DiscussionThread
from collaboration.permissions import COLLABORATION_UPDATE
from collaboration.selectors.discussions import Discussed, discussed, open_by_place, thread_counts, thread_list
from collaboration.services.discussions import settle_refusal
from plm_project.core.actor import Actor

FILTER = "discussion"  # in the address of the change page
SHOWN = ("open", "all")


@dataclass(frozen=True)
class ShownComment:
    """A comment in words. A removed one has no text."""

    id: uuid.UUID
    who: str
    when: dt.datetime
    text: str
    is_removed: bool
    is_edited: bool
    is_mine: bool


@dataclass(frozen=True)
class ShownThread:
    """A thread as pages show it: what it is about, where that stands now, what was said, and what one may do."""

    thread: DiscussionThread
    anchor: str
    about: str
    now: str
    row_url: str
    again_url: str
    is_gone: bool
    is_outdated: bool
    comments: tuple[ShownComment, ...]
    may_settle: bool
    mention_attributes: ClassVar = MENTION_ATTRIBUTES  # of the box to reply in


def may_discuss(change: EngineeringChange, actor: Actor) -> bool:
    """Return whether the forms make sense; the services decide anyway."""
    return change.status != ChangeStatus.CANCELLED and actor.may(COLLABORATION_UPDATE) and actor.may(CHANGES_READ)


def shown_thread(change: EngineeringChange, entry: Discussed, actor: Actor) -> ShownThread:
    """Return a thread in words."""
    thread, place = entry.thread, entry.place
    comments = tuple(_comment(comment, actor) for comment in thread.comments.all())
    address = reverse("changes:change-detail", args=[change.pk])
    return ShownThread(
        thread=thread,
        anchor=f"thread-{thread.pk}",
        about=entry.about,
        now=entry.now,
        row_url=f"{address}?lines=all#{_row_anchor(thread, place.key)}" if place.key else "",
        again_url=_begin_url(change, **_named(thread, place.key)) if place.key else "",
        is_gone=place.is_gone,
        is_outdated=place.is_outdated,
        comments=comments,
        may_settle=may_discuss(change, actor) and not settle_refusal(change, thread, actor),
    )


def thread_url(thread: DiscussionThread) -> str:
    """Return where a thread stands on the page of its change, also when it is resolved."""
    query = "" if thread.is_open else f"?{FILTER}=all"
    return f"{reverse('changes:change-detail', args=[thread.change_id])}{query}#thread-{thread.pk}"


def _panel(change: EngineeringChange, actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    wanted = query.get(FILTER, "")
    wanted = wanted if wanted in SHOWN else "open"
    counts = thread_counts(change.pk)
    state = ThreadState.OPEN if wanted == "open" else ""
    threads = list(thread_list(change_id=change.pk, state=state)) if counts[wanted] else []
    return {
        "threads": [shown_thread(change, entry, actor) for entry in discussed(threads)],
        "counts": counts,
        "shown": wanted,
        "may_discuss": may_discuss(change, actor),
        "begin_url": _begin_url(change),
    }


def _marks(
    change: EngineeringChange,
    actor: Actor,
    affected: Collection[uuid.UUID],
    lines: Collection[uuid.UUID],
    redlines: Collection[uuid.UUID],
) -> dict[uuid.UUID, Mark]:
    threads = open_by_place(change.pk)
    writes = may_discuss(change, actor)
    found = {}
    for name, keys in (("affected", affected), ("line", lines), ("redline", redlines)):
        for key in keys:
            if here := threads.get(key):
                n = len(here)
                label = ngettext("%(n)s open comment here", "%(n)s open comments here", n) % {"n": n}
                found[key] = Mark(n, label, f"?{FILTER}=open#thread-{here[0]}")
            elif writes:
                found[key] = Mark(0, _("Comment on this"), _begin_url(change, **{name: key}))
    return found


def _begin_url(change: EngineeringChange, **named: uuid.UUID) -> str:
    address = reverse("collaboration:discussion-new", args=[change.pk])
    return f"{address}?{urlencode({name: str(key) for name, key in named.items()})}" if named else address


def _named(thread: DiscussionThread, key: uuid.UUID | None) -> dict[str, uuid.UUID]:
    if key is None:
        return {}
    if thread.redline_id:
        return {"redline": key}
    return {"line": key} if thread.line_id else {"affected": key}


def _row_anchor(thread: DiscussionThread, key: uuid.UUID | None) -> str:
    return f"line-{key}" if thread.line_id or thread.redline_id else f"affected-{key}"


def _comment(comment: Comment, actor: Actor) -> ShownComment:
    return ShownComment(
        id=comment.pk,
        who=comment.created_by.get_full_name() if comment.created_by else _("The system"),
        when=comment.created_at,
        text="" if comment.is_deleted else comment.text,
        is_removed=comment.is_deleted,
        is_edited=comment.edited_at is not None,
        is_mine=actor.user_id is not None and comment.created_by_id == actor.user_id and not comment.is_deleted,
    )


PANEL = ChangePanel("discussion", gettext_lazy("Discussion"), "collaboration/_discussion.html", CHANGES_READ, _panel)
LINE_MARKS = LineMarks("discussion", "chat-left-text", CHANGES_READ, _marks)
