"""Revisions and their BOM lines."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.tenancy.states import transition_options
from products import permissions
from products.api import examples
from products.api.line_input import line_inputs, with_child_ids, with_end_items
from products.api.serializers import (
    LineChangeSerializer,
    LineSerializer,
    RevisionChangeSerializer,
    RevisionSerializer,
    RevisionTransitionSerializer,
    RevisionTransitionsSerializer,
)
from products.api.substitute_views import LineSubstituteActions
from products.choices import RevisionState
from products.models import BomLine, ProductRevision
from products.selectors.products import line_list, revision_list
from products.services import (
    line_add,
    line_remove,
    line_update,
    revision_obsolete,
    revision_release,
    revision_return,
    revision_submit,
    revision_update,
)


class RevisionViewSet(PlmViewSet):
    """Revisions of products."""

    serializer_class = RevisionSerializer
    permission_map = {
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.REVISIONS_CREATE,
        "transitions": permissions.PRODUCTS_READ,
        # Each transition has a permission of its own, which the service asks for.
        "transition_apply": permissions.PRODUCTS_READ,
        "lines": permissions.PRODUCTS_READ,
        "line_create": permissions.BOM_UPDATE,
    }

    def get_queryset(self) -> QuerySet[ProductRevision]:
        """Return the tenant's revisions."""
        return revision_list()

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a revision."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RevisionChangeSerializer)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Change the text, the planned beginning or the units of a revision that is not released."""
        self.get_object()
        changes = with_end_items(self.validated(RevisionChangeSerializer, partial=True))
        revision = revision_update(
            actor=self.actor, revision_id=pk, changes=changes, expected_version=self.expected_version
        )
        return self.answer_one(revision)

    @extend_schema(responses=RevisionTransitionsSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the revision can go now, and why not elsewhere. Superseding happens by releasing the next one."""
        revision = self.get_object()
        options = [
            option
            for option in transition_options(revision, "state", self.actor)
            if option.to != RevisionState.SUPERSEDED
        ]
        found = {"state": revision.state, "transitions": options}
        return Answer(self.written(found, serializer_class=RevisionTransitionsSerializer))

    @extend_schema(
        operation_id="revisions_transition",
        request=RevisionTransitionSerializer,
        responses={200: RevisionSerializer},
        examples=examples.REVISION_TRANSITION,
    )
    @transitions.mapping.post
    def transition_apply(self, request: Request, pk: Any) -> Answer:
        """Submit (in_review), return (in_work), release (released) or withdraw (obsolete) a revision.

        Releasing freezes it for ever and supersedes the one released before. CONFLICT when there is no way now.
        """
        self.get_object()
        values = self.validated(RevisionTransitionSerializer)
        return self.answer_one(self._moved(pk, **values))

    def _moved(self, pk: Any, *, to: str, reason: str = "", **release: Any) -> ProductRevision:
        common = {"actor": self.actor, "revision_id": pk, "expected_version": self.expected_version}
        if release and to != RevisionState.RELEASED:
            raise ValidationFailed.field("effective_from", _("Only a release takes a beginning."))
        if to == RevisionState.IN_REVIEW:
            return revision_submit(**common)
        if to == RevisionState.IN_WORK:
            return revision_return(**common, reason=reason)
        if to == RevisionState.RELEASED:
            return revision_release(**common, reason=reason or _("released"), **release)
        if to == RevisionState.OBSOLETE:
            return revision_obsolete(**common, reason=reason)
        if to == RevisionState.SUPERSEDED:
            raise Conflict(_("A revision is superseded by the release of the next one."))
        raise ValidationFailed.field("to", _("Unknown state: %(state)s") % {"state": to})

    @extend_schema(responses=LineSerializer(many=True))
    @action(detail=True)
    def lines(self, request: Request, pk: Any) -> Answer:
        """List the revision's BOM lines by find number."""
        return self.answer_page(line_list(self.get_object()), serializer_class=LineSerializer)

    @extend_schema(
        operation_id="revisions_lines_create", request=LineChangeSerializer, responses={201: LineSerializer}
    )
    @lines.mapping.post
    def line_create(self, request: Request, pk: Any) -> Answer:
        """Add a BOM line to a revision in work. If-Match is judged by the revision. Publishes bom_changed."""
        self.get_object()
        [line] = line_inputs([self.validated(LineChangeSerializer)])
        added = line_add(actor=self.actor, revision_id=pk, line=line, expected_version=self.expected_version)
        answer = self.answer_one(added, status=201, serializer_class=LineSerializer)
        answer.headers["Location"] = reverse("api-line-detail", kwargs={"pk": added.pk})
        return answer


class LineViewSet(LineSubstituteActions, PlmViewSet):
    """BOM lines, by their own address or below their revision's."""

    serializer_class = LineSerializer
    etag_covers_answer = False  # the child's name changes without the line's version
    permission_map = {
        "retrieve": permissions.PRODUCTS_READ,
        "partial_update": permissions.BOM_UPDATE,
        "destroy": permissions.BOM_UPDATE,
        **LineSubstituteActions.substitute_permissions,
    }

    def get_queryset(self) -> QuerySet[BomLine]:
        """Return the tenant's lines; those of one revision where the address names it."""
        rows = line_list()
        if "revision_pk" in self.kwargs:
            rows = rows.filter(parent_revision_id=self.kwargs["revision_pk"])
        return rows

    def retrieve(self, request: Request, pk: Any, **kwargs: Any) -> Answer:
        """Read a BOM line."""
        return self.answer_one(self.get_object())

    @extend_schema(request=LineChangeSerializer)
    def partial_update(self, request: Request, pk: Any, **kwargs: Any) -> Answer:
        """Change a line of a revision in work. Publishes bom_changed."""
        self.get_object()
        [changes] = with_child_ids([self.validated(LineChangeSerializer, partial=True)])
        line = line_update(actor=self.actor, line_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(line)

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, pk: Any, **kwargs: Any) -> Answer:
        """Take a line off a revision in work. It stays in the history. Publishes bom_changed."""
        self.get_object()
        line_remove(
            actor=self.actor,
            line_id=pk,
            expected_version=self.expected_version,
            **read_query(ReasonQuery, request.query_params),
        )
        return self.answer_deleted()
