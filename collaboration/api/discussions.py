"""The discussion of changes over REST: list, begin, reply, edit, remove, resolve, reopen."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes.permissions import CHANGES_READ
from collaboration import permissions
from collaboration.api.discussion_serializers import (
    CommentFields,
    CommentSerializer,
    CommentVersionSerializer,
    DiscussionQuery,
    ThreadCreateSerializer,
    ThreadSerializer,
)
from collaboration.models import Comment, DiscussionThread
from collaboration.selectors.discussions import (
    comment_get,
    comment_list,
    comment_versions,
    discussed,
    thread_get,
    thread_list,
)
from collaboration.services import (
    comment_add,
    comment_edit,
    comment_remove,
    thread_reopen,
    thread_resolve,
    thread_start,
)
from plm_project.api import etag
from plm_project.api.envelope import Answer
from plm_project.api.query import read_query
from plm_project.api.viewsets import PlmViewSet

CHANGE_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c30"
LINE_ID = "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c31"
CREATE = [
    OpenApiExample(
        "A question about a line, to be answered before release",
        value={"change_id": CHANGE_ID, "line_id": LINE_ID, "text": "Is six enough? @Tim Technical"},
        request_only=True,
    ),
    OpenApiExample(
        "A note about the change as a whole",
        value={"change_id": CHANGE_ID, "text": "The supplier knows.", "is_blocking": False},
        request_only=True,
    ),
]
SAY = [OpenApiExample("In words", value={"text": "Six hold twice the load."}, request_only=True)]


class DiscussionViewSet(PlmViewSet):
    """Threads of engineering changes. Reading needs what reading changes needs."""

    serializer_class = ThreadSerializer
    etag_covers_answer = False  # what the anchor says now changes without the thread's version
    permission_map = {
        "list": CHANGES_READ,
        "create": permissions.COLLABORATION_UPDATE,
        "retrieve": CHANGES_READ,
        "comments": permissions.COLLABORATION_UPDATE,
        "resolve": permissions.COLLABORATION_UPDATE,
        "reopen": permissions.COLLABORATION_UPDATE,
    }

    def get_queryset(self) -> QuerySet[DiscussionThread]:
        """Return the threads of the tenant."""
        return thread_list()

    @extend_schema(parameters=[DiscussionQuery], responses=ThreadSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List threads with their comments, oldest first."""
        query = read_query(DiscussionQuery, request.query_params)
        for name in ("change", "affected", "line", "redline"):
            if name in query:
                query[f"{name}_id"] = query.pop(name)
        return self.answer_page(_Page(thread_list(**query)))

    @extend_schema(request=ThreadCreateSerializer, responses={201: ThreadSerializer}, examples=CREATE)
    def create(self, request: Request) -> Answer:
        """Begin a thread. If-Match is judged by the change. CONFLICT for a cancelled change."""
        values = self.validated(ThreadCreateSerializer)
        thread = thread_start(actor=self.actor, expected_version=self.expected_version, **values)
        answer = self._answer(thread.pk, status=201)
        answer.headers["Location"] = reverse("api-discussion-detail", args=[thread.pk])
        return answer

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a thread with its comments."""
        return self._answer(self.get_object().pk)

    @extend_schema(request=CommentFields, responses={201: CommentSerializer}, examples=SAY)
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, pk: Any) -> Answer:
        """Reply. If-Match is judged by the thread. CONFLICT for a cancelled change."""
        self.get_object()
        values = self.validated(CommentFields)
        comment = comment_add(actor=self.actor, thread_id=pk, expected_version=self.expected_version, **values)
        found = comment_get(comment.pk)
        answer = self.answer_one(found, status=201, serializer_class=CommentSerializer)
        answer.headers["Location"] = reverse("api-discussion-comment-detail", args=[comment.pk])
        return answer

    @extend_schema(request=None, responses=ThreadSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: Any) -> Answer:
        """Resolve a thread: who began it, the author of the change, or who manages changes. CONFLICT when it is."""
        self.get_object()
        thread_resolve(actor=self.actor, thread_id=pk, expected_version=self.expected_version)
        return self._answer(pk)

    @extend_schema(request=None, responses=ThreadSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any) -> Answer:
        """Take a resolved thread up again; for the same people. CONFLICT when it is open."""
        self.get_object()
        thread_reopen(actor=self.actor, thread_id=pk, expected_version=self.expected_version)
        return self._answer(pk)

    def _answer(self, pk: Any, *, status: int = 200) -> Answer:
        (entry,) = discussed([thread_get(pk)])
        return Answer(self.written(entry), status=status, headers={"ETag": etag.etag_of(entry.thread)})


class _Page:
    """A queryset whose slices are shown with where their anchors stand, so that a page asks for its own threads alone."""

    def __init__(self, rows: QuerySet[DiscussionThread]) -> None:
        self.rows = rows
        self.ordered = True

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, at: slice) -> Any:
        return discussed(list(self.rows[at]))


class DiscussionCommentViewSet(PlmViewSet):
    """One comment of a thread; its author edits or removes it."""

    serializer_class = CommentSerializer
    permission_map = {
        "retrieve": CHANGES_READ,
        "versions": CHANGES_READ,
        "partial_update": permissions.COLLABORATION_UPDATE,
        "destroy": permissions.COLLABORATION_UPDATE,
    }

    def get_queryset(self) -> QuerySet[Comment]:
        """Return the comments that were not removed."""
        return comment_list()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a comment."""
        return self.answer_one(self.get_object())

    @extend_schema(request=CommentFields, examples=SAY)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Put another text in one's own comment; it is shown as edited, and its former texts can be read."""
        self.get_object()
        values = self.validated(CommentFields)
        comment_edit(actor=self.actor, comment_id=pk, expected_version=self.expected_version, **values)
        return self.answer_one(comment_get(pk))

    @extend_schema(responses=CommentVersionSerializer(many=True))
    def versions(self, request: Request, pk: Any) -> Answer:
        """Tell every text the comment has had, the newest first."""
        found = comment_versions(self.get_object())
        return Answer(self.written(found, many=True, serializer_class=CommentVersionSerializer))

    @extend_schema(responses={204: OpenApiResponse(description="Removed; its place in the thread stays.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take one's own comment back."""
        self.get_object()
        comment_remove(actor=self.actor, comment_id=pk, expected_version=self.expected_version)
        return self.answer_deleted()
