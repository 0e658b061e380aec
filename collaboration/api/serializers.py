"""Sessions, participants, updates and the board on the wire. They parse and shape; the services decide."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collaboration.choices import Feature, ItemColor, ItemType, ParticipantRole, SessionStatus
from collaboration.messages import MAX_REQUEST
from collaboration.models.session import MAX_DESCRIPTION
from collaboration.services.moving import MAX_REASON
from plm_project.api.serializers import PlainJSONField, PlmSerializer, UtcDateTimeField


class RoomPersonSerializer(PlmSerializer):
    """A person in a session."""

    user_id = serializers.UUIDField(source="pk")
    name = serializers.CharField(source="get_full_name")


class SessionFields(PlmSerializer):
    """What a host says of a session."""

    title = serializers.CharField(min_length=3, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=MAX_DESCRIPTION)
    features = serializers.ListField(
        child=serializers.ChoiceField(Feature.choices), required=False, help_text="What is wanted."
    )
    scheduled_for = UtcDateTimeField(required=False, allow_null=True)


class InvitationSerializer(PlmSerializer):
    """Somebody to take part."""

    user_id = serializers.UUIDField()
    role = serializers.ChoiceField(ParticipantRole.choices, required=False, default=ParticipantRole.EDITOR.value)


class SessionCreateSerializer(SessionFields):
    """A new session. The caller owns it and is its first host."""

    participants = InvitationSerializer(many=True, required=False)
    products = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)
    changes = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100)


class RoleSerializer(PlmSerializer):
    """Another role."""

    role = serializers.ChoiceField(ParticipantRole.choices)


class EndSerializer(PlmSerializer):
    """Why a session ends; needed for one that never began."""

    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=MAX_REASON)


class ParticipantSerializer(PlmSerializer):
    """One participant."""

    user_id = serializers.UUIDField()
    name = serializers.CharField(source="user.get_full_name")
    role = serializers.ChoiceField(ParticipantRole.choices)
    since = UtcDateTimeField(source="created_at")
    version = serializers.IntegerField()


class LinkedProductSerializer(PlmSerializer):
    """A product the session is about."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    product_name = serializers.CharField(source="product.product_name")


class LinkedChangeSerializer(PlmSerializer):
    """A change the session is about."""

    change_id = serializers.UUIDField()
    change_number = serializers.CharField(source="change.change_number")
    change_title = serializers.CharField(source="change.change_title")


class ProductLinkSerializer(PlmSerializer):
    """A product to be linked."""

    product_id = serializers.UUIDField()


class ChangeLinkSerializer(PlmSerializer):
    """A change to be linked."""

    change_id = serializers.UUIDField()


class SessionRowSerializer(PlmSerializer):
    """A session in a list."""

    session_id = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    description = serializers.CharField()
    status = serializers.ChoiceField(SessionStatus.choices)
    features = serializers.ListField(child=serializers.ChoiceField(Feature.choices))
    owner = RoomPersonSerializer()
    own_role = serializers.ChoiceField(
        ParticipantRole.choices, allow_null=True, help_text="The caller's; null for who only manages sessions."
    )
    scheduled_for = UtcDateTimeField(allow_null=True)
    started_at = UtcDateTimeField(allow_null=True)
    ended_at = UtcDateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    last_sequence = serializers.IntegerField(help_text="Number of the last stored update; 0 before the first.")
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class SessionSerializer(SessionRowSerializer):
    """A session with its people and what it is about."""

    participants = ParticipantSerializer(many=True)
    products = LinkedProductSerializer(source="product_links", many=True)
    changes = LinkedChangeSerializer(source="change_links", many=True)
    socket = serializers.SerializerMethodField(help_text="Path of the session's socket.")

    def get_socket(self, session: Any) -> str:
        """Where live updates are: docs/collaboration-socket.md."""
        return f"/ws/collaboration/{session.pk}/"


class SessionStepSerializer(PlmSerializer):
    """One transition: possible now, or why not."""

    to = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    possible = serializers.BooleanField()
    needs_reason = serializers.BooleanField(help_text="Send a reason with it.")
    reasons = serializers.ListField(child=serializers.CharField())
    permission = serializers.CharField(help_text="What the caller must hold; empty where there is no way.")


class SessionStepsSerializer(PlmSerializer):
    """Where a session can go now."""

    status = serializers.ChoiceField(SessionStatus.choices)
    transitions = SessionStepSerializer(many=True)


class UpdateCreateSerializer(PlmSerializer):
    """An update to be stored: one of the kinds of docs/collaboration-socket.md, or any object without ``kind``."""

    update = PlainJSONField(help_text="An object of at most 16 KB.")  # type: ignore[assignment] # the protocol's name
    request = serializers.CharField(
        required=False,
        default="",
        max_length=MAX_REQUEST,
        help_text="The caller's own id: sent again by the same person it stores nothing again.",
    )


class UpdateSerializer(PlmSerializer):
    """A stored update."""

    session_id = serializers.UUIDField()
    sequence = serializers.IntegerField()
    kind = serializers.CharField(help_text="Empty for an extension.")
    update = PlainJSONField(source="payload")  # type: ignore[assignment]
    user_id = serializers.UUIDField()
    user_name = serializers.CharField(source="user.get_full_name")
    request = serializers.CharField()
    timestamp = UtcDateTimeField()


class BoardItemSerializer(PlmSerializer):
    """A pin or note on the board."""

    id = serializers.UUIDField(source="item_id")
    type = serializers.ChoiceField(ItemType.choices)
    x = serializers.IntegerField()
    y = serializers.IntegerField()
    text = serializers.CharField()
    color = serializers.ChoiceField(ItemColor.choices)
    user_id = serializers.UUIDField()
    user_name = serializers.CharField(source="user.get_full_name")
    last_sequence = serializers.IntegerField(help_text="Number of the update that changed it last.")
