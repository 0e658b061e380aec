"""Discussing a change: threads anchored to what they are about, and their comments.

The change's row is locked first, always, as implementing does: a thread is in time to hold the release, or waits until
the change is released and then holds nothing. What is said changes nothing of the change: no version, no vote.
"""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes.choices import ChangeStatus
from changes.models import EngineeringChange
from changes.permissions import CHANGES_MANAGE, CHANGES_READ
from changes.services.locked import change_locked
from collaboration import permissions
from collaboration.choices import ThreadState
from collaboration.models import Comment, DiscussionThread
from collaboration.models.discussion import MAX_COMMENT
from collaboration.services.anchoring import anchor_find
from collaboration.services.notice_discussions import (
    edited_tell,
    removed_tell,
    reply_tell,
    resolved_tell,
    started_tell,
)
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed


@transaction.atomic
def thread_start(
    *,
    actor: Actor,
    change_id: uuid.UUID,
    text: str,
    affected_id: uuid.UUID | None = None,
    line_id: uuid.UUID | None = None,
    redline_id: uuid.UUID | None = None,
    is_blocking: bool = True,
    expected_version: int | None = None,
) -> DiscussionThread:
    """Begin a thread about a change, one of its affected products, a line of its base revision, or a redline.

    A redline of a line is talked about as that line. ``is_blocking``: it must be resolved before the change is released.
    ``expected_version`` is the change's. Tells its author, who is to approve it now, and whom the text calls. Raises
    NotFound, PermissionDenied, ValidationFailed (text, an anchor that is not of this change, more than one), Conflict for
    a cancelled change, PreconditionFailed.
    """
    change = _change_to_discuss(actor, change_id)
    change.expect_version(expected_version)
    words = _words(text)
    anchor = anchor_find(change, affected_id, line_id, redline_id)
    thread = DiscussionThread(tenant_id=actor.tenant_id, change=change, is_blocking=is_blocking, **anchor)
    thread.save_as(actor, reason=_("discussion begun"))
    comment = Comment(tenant_id=actor.tenant_id, thread=thread, text=words).save_as(actor, reason=_("said"))
    started_tell(actor, change, thread, comment)
    return thread


@transaction.atomic
def comment_add(*, actor: Actor, thread_id: uuid.UUID, text: str, expected_version: int | None = None) -> Comment:
    """Reply in a thread, open or resolved. ``expected_version`` is the thread's.

    Tells who took part and whom the text calls. Raises as ``thread_start``.
    """
    change, thread = _thread_to_discuss(actor, thread_id)
    thread.expect_version(expected_version)
    comment: Comment = Comment(tenant_id=actor.tenant_id, thread=thread, text=_words(text))
    comment.save_as(actor, reason=_("said"))
    _note(actor, thread, _("reply"))
    reply_tell(actor, change, thread, comment)
    return comment


@transaction.atomic
def comment_edit(*, actor: Actor, comment_id: uuid.UUID, text: str, expected_version: int | None = None) -> Comment:
    """Put another text in one's own comment; it is shown as edited, and the history keeps the former text.

    Raises PermissionDenied for anybody else's, and as ``thread_start``. The same text again changes nothing.
    """
    change, comment = _own_comment(actor, comment_id)
    _refuse_cancelled(change)
    comment.expect_version(expected_version)
    words = _words(text)
    if words == comment.text:
        return comment
    comment.text, comment.edited_at = words, clock.now()
    comment.save_as(actor, reason=_("edited"), update_fields=["text", "edited_at"])
    _note(actor, comment.thread, _("comment edited"))
    edited_tell(actor, change, comment.thread, comment)
    return comment


@transaction.atomic
def comment_remove(*, actor: Actor, comment_id: uuid.UUID, expected_version: int | None = None) -> Comment:
    """Take one's own comment back: its place stays, its text is shown no more. Also on a cancelled change.

    Raises NotFound, PermissionDenied for anybody else's, PreconditionFailed.
    """
    _change, comment = _own_comment(actor, comment_id)
    comment.expect_version(expected_version)
    comment.soft_delete_as(actor, reason=_("comment removed"))
    _note(actor, comment.thread, _("comment removed"))
    removed_tell(comment)
    return comment


@transaction.atomic
def thread_resolve(*, actor: Actor, thread_id: uuid.UUID, expected_version: int | None = None) -> DiscussionThread:
    """Say that a thread waits for nothing any more: who began it, the change's author, or who manages changes.

    Tells who began it. Raises Conflict when it is resolved already, and as ``thread_start``.
    """
    change, thread = _thread_to_settle(actor, thread_id, expected_version)
    if not thread.is_open:
        raise Conflict(_("This discussion is resolved already."))
    thread.state, thread.resolved_at, thread.resolved_by_id = ThreadState.RESOLVED, clock.now(), actor.user_id
    thread.save_as(actor, reason=_("resolved"), update_fields=["state", "resolved_at", "resolved_by"])
    resolved_tell(actor, change, thread)
    return thread


@transaction.atomic
def thread_reopen(*, actor: Actor, thread_id: uuid.UUID, expected_version: int | None = None) -> DiscussionThread:
    """Take a thread up again; for the same people. Raises Conflict when it is open."""
    _change, thread = _thread_to_settle(actor, thread_id, expected_version)
    if thread.is_open:
        raise Conflict(_("This discussion is open."))
    thread.state, thread.resolved_at, thread.resolved_by_id = ThreadState.OPEN, None, None
    return thread.save_as(actor, reason=_("reopened"), update_fields=["state", "resolved_at", "resolved_by"])


def settle_refusal(change: EngineeringChange, thread: DiscussionThread, actor: Actor) -> str:
    """Return why the actor may not resolve or reopen the thread; empty when they may."""
    theirs = actor.user_id is not None and actor.user_id in (thread.created_by_id, change.created_by_id)
    if theirs or actor.may(CHANGES_MANAGE):
        return ""
    return _("Who began it, the author of the change and who manages changes resolve a discussion.")


# --- rows under lock -----------------------------------------------------------------------------------------------------
def _may_discuss(actor: Actor) -> None:
    actor.require(permissions.COLLABORATION_UPDATE)
    actor.require(CHANGES_READ)


def _change_to_discuss(actor: Actor, change_id: uuid.UUID) -> EngineeringChange:
    _may_discuss(actor)
    change = change_locked(change_id)
    _refuse_cancelled(change)
    return change


def _refuse_cancelled(change: EngineeringChange) -> None:
    if change.status == ChangeStatus.CANCELLED:
        raise Conflict(_("The change is cancelled; its discussion can only be read."))


def _thread_to_discuss(actor: Actor, thread_id: uuid.UUID) -> tuple[EngineeringChange, DiscussionThread]:
    _may_discuss(actor)
    change_id = DiscussionThread.objects.filter(pk=thread_id).values_list("change_id", flat=True).first()
    if change_id is None:
        raise NotFound(_("There is no such discussion."))
    change = _change_to_discuss(actor, change_id)
    thread: DiscussionThread = DiscussionThread.objects.select_for_update().get(pk=thread_id)
    return change, thread


def _thread_to_settle(
    actor: Actor, thread_id: uuid.UUID, expected_version: int | None
) -> tuple[EngineeringChange, DiscussionThread]:
    change, thread = _thread_to_discuss(actor, thread_id)
    if refusal := settle_refusal(change, thread, actor):
        raise PermissionDenied(refusal)
    thread.expect_version(expected_version)
    return change, thread


def _own_comment(actor: Actor, comment_id: uuid.UUID) -> tuple[EngineeringChange, Comment]:
    _may_discuss(actor)
    found = Comment.objects.filter(pk=comment_id).values_list("thread__change_id", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    change = change_locked(found)
    comment = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    if comment is None:  # removed while we waited for the lock
        raise NotFound(_("There is no such comment."))
    if actor.user_id is None or comment.created_by_id != actor.user_id:
        raise PermissionDenied(_("Only who wrote a comment edits or removes it."))
    return change, comment


def _note(actor: Actor, thread: DiscussionThread, reason: str) -> None:
    """Count the thread's version up: what was said in it is part of what its ETag stands for, so that nobody resolves
    what they have not read.
    """
    thread.save_as(actor, reason=reason, update_fields=[])


# --- what is given -------------------------------------------------------------------------------------------------------
def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise ValidationFailed.field("text", _("Write something."))
    if len(words) > MAX_COMMENT:
        raise ValidationFailed.field("text", _("At most %d characters.") % MAX_COMMENT)
    return words
