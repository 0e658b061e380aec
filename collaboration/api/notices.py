"""A person's own notices and settings on the wire."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from collaboration import permissions
from collaboration.choices import MailChoice, NoticeKind, NoticePriority
from collaboration.models import Notice, NoticePreference
from collaboration.notice_showing import shown, target_url
from collaboration.selectors import notice_choices, notice_get, notice_list, notice_preferences, notice_unread_count
from collaboration.selectors.notices import STATES
from collaboration.services import Wish, notice_mark, notice_preferences_update, notices_read_all
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.api.viewsets import PlmView, PlmViewSet


class NoticeQuery(PlmSerializer):
    """What a list of notices is narrowed by."""

    state = serializers.ChoiceField(STATES, required=False, default="all", help_text="Default: all.")
    kind = serializers.ListField(
        child=serializers.ChoiceField(NoticeKind.choices), required=False, help_text="Any of these; repeatable."
    )


class NoticeSerializer(PlmSerializer):
    """One notice, in the words of the caller's language."""

    notice_id = serializers.UUIDField()
    kind = serializers.ChoiceField(NoticeKind.choices)
    priority = serializers.ChoiceField(NoticePriority.choices)
    title = serializers.CharField()
    detail = serializers.CharField()
    subject_id = serializers.UUIDField(help_text="The change or session it is about.")
    url = serializers.CharField(help_text="Path of the page it is about.")
    is_read = serializers.BooleanField()
    is_settled = serializers.BooleanField(help_text="It asked for an approval that nobody waits for any more.")
    created_at = UtcDateTimeField()
    read_at = UtcDateTimeField(allow_null=True)

    def to_representation(self, instance: Notice) -> dict[str, Any]:
        """Put it in words."""
        words = shown(instance)
        return super().to_representation(  # type: ignore[no-any-return]
            {
                "notice_id": words.id,
                "kind": words.kind,
                "priority": words.priority,
                "title": words.title,
                "detail": words.detail,
                "subject_id": instance.subject_id,
                "url": target_url(instance),
                "is_read": words.is_read,
                "is_settled": words.is_settled,
                "created_at": instance.created_at,
                "read_at": instance.read_at,
            }
        )


class UnreadSerializer(PlmSerializer):
    """How many of the caller's notices are unread."""

    unread = serializers.IntegerField()


class MarkedSerializer(UnreadSerializer):
    """How many were marked, and how many are unread now."""

    marked = serializers.IntegerField()


class WishSerializer(PlmSerializer):
    """How to be told of one kind; what is left out stays."""

    kind = serializers.ChoiceField(NoticeKind.choices)
    in_page = serializers.BooleanField(required=False)
    by_mail = serializers.ChoiceField(MailChoice.choices, required=False)


class WishesSerializer(PlmSerializer):
    """Several of them."""

    preferences = serializers.ListField(child=WishSerializer(), min_length=1, max_length=50)


class ChoiceSerializer(PlmSerializer):
    """What holds for one kind."""

    kind = serializers.ChoiceField(NoticeKind.choices)
    in_page = serializers.BooleanField()
    by_mail = serializers.ChoiceField(MailChoice.choices)
    always_in_page = serializers.BooleanField(help_text="It cannot be switched off in the page.")


class NoticeViewSet(PlmViewSet):
    """The caller's own notices. Another person's is not found."""

    serializer_class = NoticeSerializer
    permission_map = {
        "list": permissions.NOTICES_READ,
        "retrieve": permissions.NOTICES_READ,
        "unread_count": permissions.NOTICES_READ,
        "read": permissions.NOTICES_UPDATE,
        "unread": permissions.NOTICES_UPDATE,
        "read_all": permissions.NOTICES_UPDATE,
    }

    def get_queryset(self) -> QuerySet[Notice]:
        """Return the caller's."""
        return notice_list(self.actor)

    @extend_schema(parameters=[NoticeQuery], responses=NoticeSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List the caller's notices, newest first."""
        query = read_query(NoticeQuery, request.query_params)
        return self.answer_page(notice_list(self.actor, state=query["state"], kinds=query.get("kind", ())))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read one. Reading by the API marks nothing."""
        return self.answer_one(notice_get(self.actor, pk))

    @extend_schema(responses=UnreadSerializer)
    @action(detail=False, url_path="unread-count", pagination_class=None)
    def unread_count(self, request: Request) -> Answer:
        """Tell how many are unread."""
        found = {"unread": notice_unread_count(self.actor)}
        return Answer(self.written(found, serializer_class=UnreadSerializer))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: Any) -> Answer:
        """Mark one read. Marking it again changes nothing."""
        return self.answer_one(notice_mark(actor=self.actor, notice_id=pk, read=True))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: Any) -> Answer:
        """Mark one unread again. CONFLICT for an approval that nobody waits for any more."""
        return self.answer_one(notice_mark(actor=self.actor, notice_id=pk, read=False))

    @extend_schema(request=None, responses=MarkedSerializer)
    @action(detail=False, methods=["post"], url_path="read-all", pagination_class=None)
    def read_all(self, request: Request) -> Answer:
        """Mark all read."""
        marked, _moment = notices_read_all(actor=self.actor)
        found = {"marked": marked, "unread": notice_unread_count(self.actor)}
        return Answer(self.written(found, serializer_class=MarkedSerializer))


class PreferencesView(PlmView):
    """How the caller is told."""

    serializer_class = ChoiceSerializer
    permission_map = {"get": permissions.NOTICES_READ, "patch": permissions.NOTICES_UPDATE}

    def get_queryset(self) -> QuerySet[NoticePreference]:
        """Return what the caller has chosen."""
        return notice_preferences(self.actor.user_id)

    @extend_schema(operation_id="notices_preferences_list", responses=ChoiceSerializer(many=True))
    def get(self, request: Request) -> Answer:
        """Show, for every kind of notice, what the caller chose or the default."""
        return Answer(self.written(notice_choices(self.actor), many=True))

    @extend_schema(
        operation_id="notices_preferences_update",
        request=WishesSerializer,
        responses=ChoiceSerializer(many=True),
        examples=[
            OpenApiExample(
                "No mail when a change was decided",
                value={"preferences": [{"kind": "change_decided", "by_mail": "never"}]},
                request_only=True,
            )
        ],
    )
    def patch(self, request: Request) -> Answer:
        """Choose for the kinds that are named; all or nothing."""
        wishes = [Wish(**wish) for wish in self.validated(WishesSerializer)["preferences"]]
        changed = notice_preferences_update(actor=self.actor, wishes=wishes)
        data = self.written(notice_choices(self.actor), many=True)
        return Answer(data, message=_("Saved.") if changed else "")
