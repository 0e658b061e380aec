"""What hangs on a session: its people, what it is about, its log, its board."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from collaboration import permissions
from collaboration.api import examples
from collaboration.api.filters import UpdateQuery
from collaboration.api.serializers import (
    BoardItemSerializer,
    ChangeLinkSerializer,
    InvitationSerializer,
    LinkedChangeSerializer,
    LinkedProductSerializer,
    ParticipantSerializer,
    ProductLinkSerializer,
    RoleSerializer,
    UpdateCreateSerializer,
    UpdateSerializer,
)
from collaboration.models import SessionParticipant
from collaboration.selectors.sessions import participant_list, session_get
from collaboration.selectors.state import board_of, updates_of
from collaboration.services import (
    change_link_add,
    change_link_remove,
    participant_add,
    participant_leave,
    participant_remove,
    participant_role_change,
    product_link_add,
    product_link_remove,
    update_store,
)
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet

REMOVED = OpenApiResponse(description="Removed; nothing to show.")


class PartActions:
    """Mixin of the session's viewset."""

    part_permissions = {
        "participants": permissions.COLLABORATION_READ,
        "participant_create": permissions.COLLABORATION_UPDATE,
        "leave": permissions.COLLABORATION_READ,
        "products": permissions.COLLABORATION_UPDATE,
        "changes": permissions.COLLABORATION_UPDATE,
        "updates": permissions.COLLABORATION_READ,
        "update_create": permissions.COLLABORATION_UPDATE,
        "board": permissions.COLLABORATION_READ,
    }

    @extend_schema(responses=ParticipantSerializer(many=True))
    @action(detail=True)
    def participants(self: Any, request: Request, pk: Any) -> Answer:
        """List who takes part."""
        rows = participant_list(self.get_object().pk)
        answer: Answer = self.answer_page(rows, serializer_class=ParticipantSerializer)
        return answer

    @extend_schema(
        operation_id="collaborate_participants_create",
        request=InvitationSerializer,
        responses={201: ParticipantSerializer},
        examples=examples.INVITE,
    )
    @participants.mapping.post
    def participant_create(self: Any, request: Request, pk: Any) -> Answer:
        """Invite a member of the tenant; a host, or who manages sessions. If-Match is judged by the session."""
        self.get_object()
        values = self.validated(InvitationSerializer)
        entry = participant_add(actor=self.actor, session_id=pk, expected_version=self.expected_version, **values)
        answer: Answer = self.answer_one(entry, status=201, serializer_class=ParticipantSerializer)
        answer.headers["Location"] = reverse(
            "api-session-participant-detail", kwargs={"session_pk": pk, "pk": entry.user_id}
        )
        return answer

    @extend_schema(request=None, responses={204: REMOVED})
    @action(detail=True, methods=["post"])
    def leave(self: Any, request: Request, pk: Any) -> Answer:
        """Leave the session for good. CONFLICT for its only host."""
        self.get_object()
        participant_leave(actor=self.actor, session_id=pk)
        answer: Answer = self.answer_deleted()
        return answer

    @extend_schema(request=ProductLinkSerializer, responses={201: LinkedProductSerializer})
    @action(detail=True, methods=["post"])
    def products(self: Any, request: Request, pk: Any) -> Answer:
        """Say that the session is about a product, too. If-Match is judged by the session."""
        self.get_object()
        values = self.validated(ProductLinkSerializer)
        link = product_link_add(actor=self.actor, session_id=pk, expected_version=self.expected_version, **values)
        return Answer(self.written(link, serializer_class=LinkedProductSerializer), status=201)

    @extend_schema(request=ChangeLinkSerializer, responses={201: LinkedChangeSerializer})
    @action(detail=True, methods=["post"])
    def changes(self: Any, request: Request, pk: Any) -> Answer:
        """Say that the session is about an engineering change, too. If-Match is judged by the session."""
        self.get_object()
        values = self.validated(ChangeLinkSerializer)
        link = change_link_add(actor=self.actor, session_id=pk, expected_version=self.expected_version, **values)
        return Answer(self.written(link, serializer_class=LinkedChangeSerializer), status=201)

    @extend_schema(parameters=[UpdateQuery], responses=UpdateSerializer(many=True))
    @action(detail=True)
    def updates(self: Any, request: Request, pk: Any) -> Answer:
        """Read the log by number: what came after or before one, all or of one kind."""
        query = read_query(UpdateQuery, request.query_params)
        rows = updates_of(self.get_object().pk, after=query.get("after"))
        if "before" in query:
            rows = rows.filter(sequence__lt=query["before"])
        if "kind" in query:
            rows = rows.filter(kind=query["kind"])
        if query["order"] == "desc":
            rows = rows.order_by("-sequence")
        answer: Answer = self.answer_page(rows, serializer_class=UpdateSerializer)
        return answer

    @extend_schema(
        operation_id="collaborate_updates_create",
        request=UpdateCreateSerializer,
        responses={201: UpdateSerializer},
        examples=examples.UPDATE,
    )
    @updates.mapping.post
    def update_create(self: Any, request: Request, pk: Any) -> Answer:
        """Store an update; everybody in the room sees it at once. Hosts and editors, while the session is active.

        A repeated ``request`` answers what was stored the first time. NOT_FOUND also for an item that is not on the
        board, CONFLICT for a second item of the same id, a full board or a session that is not active.
        """
        self.get_object()
        values = self.validated(UpdateCreateSerializer)
        stored = update_store(actor=self.actor, session_id=pk, **values)
        return Answer(self.written(stored, serializer_class=UpdateSerializer), status=201)

    @extend_schema(responses=BoardItemSerializer(many=True))
    @action(detail=True)
    def board(self: Any, request: Request, pk: Any) -> Answer:
        """List what stands on the board now."""
        answer: Answer = self.answer_page(board_of(self.get_object().pk), serializer_class=BoardItemSerializer)
        return answer


class ParticipantViewSet(PlmViewSet):
    """One participant of a session, by the person's id."""

    serializer_class = ParticipantSerializer
    etag_covers_answer = False
    lookup_field = "user_id"
    lookup_url_kwarg = "pk"
    permission_map = {
        "retrieve": permissions.COLLABORATION_READ,
        "partial_update": permissions.COLLABORATION_UPDATE,
        "destroy": permissions.COLLABORATION_UPDATE,
    }

    def get_queryset(self) -> QuerySet[SessionParticipant]:
        """Return those of the session in the address, if that is open to the caller."""
        session_id = self.kwargs.get("session_pk")
        if session_id is None:  # while the schema is drawn
            return participant_list()
        return participant_list(session_get(self.actor, session_id).pk)

    def retrieve(self, request: Request, session_pk: Any, pk: Any) -> Answer:
        """Read a participant."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RoleSerializer, examples=examples.ROLE)
    def partial_update(self, request: Request, session_pk: Any, pk: Any) -> Answer:
        """Give a participant another role. It holds from their next message on. CONFLICT for the only host."""
        self.get_object()
        values = self.validated(RoleSerializer)
        entry = participant_role_change(
            actor=self.actor,
            session_id=session_pk,
            user_id=pk,
            expected_version=self.expected_version,
            **values,
        )
        return self.answer_one(entry)

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, session_pk: Any, pk: Any) -> Answer:
        """Take somebody out of the session; their connections are closed."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        participant_remove(
            actor=self.actor,
            session_id=session_pk,
            user_id=pk,
            expected_version=self.expected_version,
            **query,
        )
        return self.answer_deleted()


class ProductLinkViewSet(PlmViewSet):
    """One link of a session to a product."""

    permission_map = {"destroy": permissions.COLLABORATION_UPDATE}

    @extend_schema(responses={204: REMOVED})
    def destroy(self, request: Request, session_pk: Any, pk: Any) -> Answer:
        """The session is not about this product. If-Match is judged by the session."""
        product_link_remove(
            actor=self.actor, session_id=session_pk, product_id=pk, expected_version=self.expected_version
        )
        return self.answer_deleted()


class ChangeLinkViewSet(PlmViewSet):
    """One link of a session to an engineering change."""

    permission_map = {"destroy": permissions.COLLABORATION_UPDATE}

    @extend_schema(responses={204: REMOVED})
    def destroy(self, request: Request, session_pk: Any, pk: Any) -> Answer:
        """The session is not about this change. If-Match is judged by the session."""
        change_link_remove(
            actor=self.actor, session_id=session_pk, change_id=pk, expected_version=self.expected_version
        )
        return self.answer_deleted()
