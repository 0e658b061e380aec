"""Threads and comments on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collaboration.choices import AnchorKind, ThreadState
from collaboration.models.discussion import MAX_COMMENT
from collaboration.selectors.discussions import Discussed
from plm_project.api.serializers import PlainJSONField, PlmSerializer, UtcDateTimeField


class DiscussionQuery(PlmSerializer):
    """What a list of threads is narrowed by."""

    change = serializers.UUIDField(required=False, help_text="Threads of this change.")
    state = serializers.ChoiceField(ThreadState.choices, required=False)
    anchor = serializers.ChoiceField(
        AnchorKind.choices, required=False, help_text="What kind of thing they are about."
    )
    affected = serializers.UUIDField(required=False, help_text="About this affected product or a line of it.")
    line = serializers.UUIDField(required=False, help_text="Begun on this line.")
    redline = serializers.UUIDField(required=False, help_text="Begun on this redline that adds a line.")
    is_blocking = serializers.BooleanField(required=False, allow_null=True, default=None)


class CommentFields(PlmSerializer):
    """What is said. "@" and the whole name or mail address of a member tells them."""

    text = serializers.CharField(max_length=MAX_COMMENT)


class ThreadCreateSerializer(CommentFields):
    """A new thread; at most one of ``affected_id``, ``line_id`` and ``redline_id`` says what it is about."""

    change_id = serializers.UUIDField()
    affected_id = serializers.UUIDField(required=False, allow_null=True)
    line_id = serializers.UUIDField(required=False, allow_null=True)
    redline_id = serializers.UUIDField(required=False, allow_null=True)
    is_blocking = serializers.BooleanField(
        required=False, default=True, help_text="It must be resolved before the change is released."
    )


class CommentVersionSerializer(PlmSerializer):
    """One text that a comment had."""

    text = serializers.CharField()
    when = UtcDateTimeField(help_text="Since when.")


class CommentSerializer(PlmSerializer):
    """One comment; a removed one keeps its place without its text."""

    comment_id = serializers.UUIDField(source="pk")
    thread_id = serializers.UUIDField()
    text = serializers.SerializerMethodField()
    user_id = serializers.UUIDField(source="created_by_id", allow_null=True)
    user_name = serializers.SerializerMethodField()
    created_at = UtcDateTimeField()
    edited_at = UtcDateTimeField(allow_null=True)
    is_removed = serializers.BooleanField(source="is_deleted")
    version = serializers.IntegerField()

    def get_text(self, comment: Any) -> str:
        """What was said; empty when it was removed."""
        return "" if comment.is_deleted else str(comment.text)

    def get_user_name(self, comment: Any) -> str:
        """Who said it; empty for the system."""
        return comment.created_by.get_full_name() if comment.created_by else ""


class ThreadSerializer(PlmSerializer):
    """A thread with its comments, and where its anchor stands now."""

    thread_id = serializers.UUIDField(source="pk")
    change_id = serializers.UUIDField()
    change_number = serializers.CharField(source="change.change_number")
    anchor = serializers.ChoiceField(AnchorKind.choices)
    affected_id = serializers.UUIDField(allow_null=True)
    line_id = serializers.UUIDField(allow_null=True)
    redline_id = serializers.UUIDField(allow_null=True)
    about = serializers.CharField(help_text="What it was about when it was begun, in words.")
    said = PlainJSONField(help_text="The same as values.")
    now = PlainJSONField(help_text="What stands there now; null when nothing does, or for the whole change.")
    is_outdated = serializers.BooleanField(help_text="What it is about has changed since, or is gone.")
    is_gone = serializers.BooleanField(help_text="What it is about is not in the change any more.")
    is_blocking = serializers.BooleanField()
    state = serializers.ChoiceField(ThreadState.choices)
    resolved_at = UtcDateTimeField(allow_null=True)
    resolved_by = serializers.UUIDField(source="resolved_by_id", allow_null=True)
    comments = CommentSerializer(many=True)
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show a ``Discussed``: the thread's columns, and what its place says."""
        entry: Discussed = instance
        thread: Any = entry.thread
        thread.about, thread.now = entry.about, entry.place.now
        thread.is_outdated, thread.is_gone = entry.place.is_outdated, entry.place.is_gone
        shown: dict[str, Any] = super().to_representation(thread)
        return shown
