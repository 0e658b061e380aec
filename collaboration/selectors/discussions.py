"""The discussion of changes: threads with their comments, and how many are open where."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from changes.permissions import CHANGES_READ
from collaboration.choices import AnchorKind, ThreadState
from collaboration.discussion_wording import anchor_words, values_words
from collaboration.models import Comment, DiscussionThread
from collaboration.selectors.anchors import Place, places_of
from plm_project.accounts.models import Membership
from plm_project.accounts.permissions import for_roles
from plm_project.core.exceptions import NotFound

MOST_CALLEES = 8
MOST_LOOKED_AT = 200  # of a member's roles is asked here, not by the database


@dataclass(frozen=True)
class Discussed:
    """A thread and where its anchor stands now."""

    thread: DiscussionThread
    place: Place

    @property
    def about(self) -> str:
        """What it was about when it was begun, in words."""
        return anchor_words(self.thread.anchor, self.thread.said)

    @property
    def now(self) -> str:
        """What stands there now, in words; empty when that is the same, or nothing."""
        if self.place.now is None or not self.place.is_outdated:
            return ""
        if self.thread.anchor == AnchorKind.PRODUCT:
            return anchor_words(self.thread.anchor, self.place.now)
        part = "" if self.place.now["part"] == self.thread.said.get("part") else self.place.now["part"]
        return ", ".join(word for word in (part, values_words(self.place.now)) if word)


def thread_list(
    *,
    change_id: uuid.UUID | None = None,
    state: str = "",
    anchor: str = "",
    affected_id: uuid.UUID | None = None,
    line_id: uuid.UUID | None = None,
    redline_id: uuid.UUID | None = None,
    is_blocking: bool | None = None,
) -> QuerySet[DiscussionThread]:
    """Return threads of live changes, oldest first, with everything that is shown of them: three queries."""
    rows = _detail()
    given = {
        "change_id": change_id,
        "state": state or None,
        "anchor": anchor or None,
        "affected_id": affected_id,
        "line_id": line_id,
        "redline_id": redline_id,
        "is_blocking": is_blocking,
    }
    return rows.filter(**{name: value for name, value in given.items() if value is not None})


def thread_get(thread_id: uuid.UUID) -> DiscussionThread:
    """Return one thread with its comments. Raises NotFound."""
    found: DiscussionThread | None = _detail().filter(pk=thread_id).first()
    if found is None:
        raise NotFound(_("There is no such discussion."))
    return found


def comment_list() -> QuerySet[Comment]:
    """Return the comments that are not removed, of threads of live changes."""
    rows = Comment.objects.filter(thread__is_deleted=False, thread__change__is_deleted=False)
    return rows.select_related("created_by", "thread__change")


def comment_get(comment_id: uuid.UUID) -> Comment:
    """Return one comment. Raises NotFound, also for one that was removed."""
    found: Comment | None = comment_list().filter(pk=comment_id).first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    return found


@dataclass(frozen=True)
class CommentVersion:
    """One text that a comment had, since ``when``."""

    text: str
    when: dt.datetime


def comment_versions(comment: Comment) -> list[CommentVersion]:
    """Return every text a comment has had, the newest first. One query."""
    rows = Comment.history.filter(id=comment.pk).order_by("version", "history_date")
    found: list[CommentVersion] = []
    for text, when in rows.values_list("text", "history_date"):
        if not found or found[-1].text != text:
            found.append(CommentVersion(text, when))
    return found[::-1]


def discussed(threads: Sequence[DiscussionThread]) -> list[Discussed]:
    """Return the threads with where their anchors stand now."""
    places = places_of(threads)
    return [Discussed(thread, places[thread.pk]) for thread in threads]


def thread_counts(change_id: uuid.UUID) -> dict[str, int]:
    """Return how many threads of a change are open, how many of these block, and how many there are. One query."""
    is_open = Q(state=ThreadState.OPEN)
    return DiscussionThread.objects.filter(change_id=change_id).aggregate(
        open=Count("pk", filter=is_open), blocking=Count("pk", filter=is_open & Q(is_blocking=True)), all=Count("pk")
    )


def open_by_place(change_id: uuid.UUID) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return the open threads of a change by the row of the redline picture where they stand now."""
    threads = list(DiscussionThread.objects.filter(change_id=change_id, state=ThreadState.OPEN))
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for entry in discussed(threads):
        if entry.place.key is not None:
            found.setdefault(entry.place.key, []).append(entry.thread.pk)
    return found


def blocking_threads(change_id: uuid.UUID) -> list[DiscussionThread]:
    """Return what must be resolved before the change is released. One query."""
    rows = DiscussionThread.objects.filter(change_id=change_id, state=ThreadState.OPEN, is_blocking=True)
    return list(rows.select_related("affected"))


@dataclass(frozen=True)
class Callee:
    """Somebody who can be called in a discussion; ``call`` is what stands after the "@": the name where it is one person's."""

    id: str
    name: str
    mail: str
    call: str


def people_to_call(text: str, *, besides: uuid.UUID | None) -> list[Callee]:
    """Return up to ``MOST_CALLEES`` members who may read changes and whose name or mail address has ``text`` in it, by name;
    all but ``besides``. Two queries.
    """
    members = Membership.objects.filter(
        Q(user__full_name__icontains=text) | Q(user__email__icontains=text), user__is_active=True
    ).exclude(user_id=besides)
    found = []
    for member in members.select_related("user").order_by("user__full_name", "user__email")[:MOST_LOOKED_AT]:
        if CHANGES_READ in for_roles(member.roles):
            found.append(member.user)
        if len(found) == MOST_CALLEES:
            break
    shared = _names_shared({user.full_name for user in found if user.full_name})
    return [
        Callee(
            str(user.pk),
            user.full_name or user.email,
            user.email,
            user.full_name if user.full_name and user.full_name not in shared else user.email,
        )
        for user in found
    ]


def _names_shared(names: set[str]) -> set[str]:
    """Return those of these names that several members have."""
    rows = Membership.objects.filter(user__full_name__in=names, user__is_active=True).order_by()
    counted = rows.values_list("user__full_name").annotate(members=Count("id"))
    return {name for name, members in counted if members > 1}


def people_mentioned(text: str) -> set[uuid.UUID]:
    """Return whom a text calls: "@" and the whole name or mail address of a member who may read changes.

    At most one query; none for a text without "@".
    """
    lower = text.casefold()
    starts = {part.split()[0].rstrip(".,;:!?") for part in text.split("@")[1:] if part[:1].strip()}
    if not starts:
        return set()
    wanted = Q()
    for start in starts:
        wanted |= Q(user__full_name__istartswith=start) | Q(user__email__istartswith=start)
    members = Membership.objects.filter(wanted, user__is_active=True).select_related("user")
    return {
        member.user_id
        for member in members
        if CHANGES_READ in for_roles(member.roles)
        and any(_calls(lower, name) for name in (member.user.full_name, member.user.email))
    }


def _calls(text: str, name: str) -> bool:
    if not name:
        return False
    called = f"@{name.casefold()}"
    at = text.find(called)
    while at >= 0:
        around = text[max(at - 1, 0) : at], text[at + len(called) : at + len(called) + 1]
        if not any(character.isalnum() for character in around):  # neither a longer name nor a mail address
            return True
        at = text.find(called, at + 1)
    return False


def _detail() -> QuerySet[DiscussionThread]:
    comments = Comment.all_objects.select_related("created_by").order_by("created_at", "id")
    return (
        DiscussionThread.objects.filter(change__is_deleted=False)
        .select_related("change", "created_by", "resolved_by")
        .prefetch_related(Prefetch("comments", queryset=comments))
    )
