"""Sessions: list, plan, read, edit, start and end."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from collaboration import permissions
from collaboration.api import examples
from collaboration.api.filters import SessionQuery
from collaboration.api.parts import PartActions
from collaboration.api.serializers import (
    EndSerializer,
    SessionCreateSerializer,
    SessionFields,
    SessionRowSerializer,
    SessionSerializer,
    SessionStepsSerializer,
)
from collaboration.models import CollaborationSession
from collaboration.selectors.sessions import session_detail, session_get, session_list
from collaboration.services import session_create, session_delete, session_end, session_start, session_update
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.tenancy.states import transition_options


class SessionViewSet(PartActions, PlmViewSet):
    """Collaboration sessions: those the caller takes part in, or all for who manages them."""

    serializer_class = SessionSerializer
    etag_covers_answer = False  # names, people and the last number change without the session's version
    permission_map = {
        "list": permissions.COLLABORATION_READ,
        "create": permissions.COLLABORATION_CREATE,
        "retrieve": permissions.COLLABORATION_READ,
        "partial_update": permissions.COLLABORATION_UPDATE,
        "destroy": permissions.COLLABORATION_UPDATE,
        "transitions": permissions.COLLABORATION_READ,
        "start": permissions.COLLABORATION_UPDATE,
        "end": permissions.COLLABORATION_UPDATE,
        **PartActions.part_permissions,
    }

    def get_queryset(self) -> QuerySet[CollaborationSession]:
        """Return the sessions that are open to the caller."""
        return session_detail(self.actor)

    @extend_schema(parameters=[SessionQuery], responses=SessionRowSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List sessions, filtered and sorted."""
        query = read_query(SessionQuery, request.query_params)
        for name in ("product", "change"):
            if name in query:
                query[f"{name}_id"] = query.pop(name)
        return self.answer_page(session_list(self.actor, **query), serializer_class=SessionRowSerializer)

    @extend_schema(request=SessionCreateSerializer, responses={201: SessionSerializer}, examples=examples.CREATE)
    def create(self, request: Request) -> Answer:
        """Plan a session, with the people and what it is about; all or nothing. The caller is its host."""
        values = self.validated(SessionCreateSerializer)
        people = [(entry["user_id"], entry["role"]) for entry in values.pop("participants", ())]
        links = {name: values.pop(name, ()) for name in ("products", "changes")}
        session = session_create(actor=self.actor, data=values, participants=people, **links)
        return self.answer_created(session_get(self.actor, session.pk), message=_("The session is planned."))

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a session with its people and links."""
        return self.answer_one(self.get_object())

    @extend_schema(request=SessionFields, examples=examples.EDIT)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Edit a session that has not ended; a host, or who manages sessions."""
        self.get_object()
        changes = self.validated(SessionFields, partial=True)
        session_update(actor=self.actor, session_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(session_get(self.actor, pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Deleted.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete a session that has not begun. CONFLICT for any other: end it."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        session_delete(actor=self.actor, session_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(responses=SessionStepsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the session can go now, and why not elsewhere."""
        session = self.get_object()
        found = {"status": session.status, "transitions": transition_options(session, "status", self.actor)}
        return Answer(self.written(found, serializer_class=SessionStepsSerializer))

    @extend_schema(request=None, responses=SessionSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: Any) -> Answer:
        """Start a planned session; a host, or who manages sessions. Publishes collaboration_started."""
        self.get_object()
        session_start(actor=self.actor, session_id=pk, expected_version=self.expected_version)
        return self.answer_one(session_get(self.actor, pk))

    @extend_schema(request=EndSerializer, responses=SessionSerializer, examples=examples.END)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: Any) -> Answer:
        """End a session, or call off a planned one with a reason. Publishes collaboration_ended."""
        self.get_object()
        reason = self.validated(EndSerializer)["reason"]
        session_end(actor=self.actor, session_id=pk, reason=reason, expected_version=self.expected_version)
        return self.answer_one(session_get(self.actor, pk))
