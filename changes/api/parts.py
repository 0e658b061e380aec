"""What hangs on a change: affected products, redlines, votes; and the questions asked of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api import examples
from changes.api.affected_serializers import AffectedCreateSerializer, AffectedSerializer, units_stored
from changes.api.consequence_serializers import ConsequencesQuery, ConsequencesSerializer
from changes.api.line_settings import with_ids
from changes.api.package_serializers import ReleasePackageSerializer
from changes.api.serializers import (
    ChangeHistorySerializer,
    DifferenceSerializer,
    GateSerializer,
    ImpactSerializer,
    RebasedSerializer,
    RedlineCreateSerializer,
    RedlineFields,
    RedlineSerializer,
    SettleSerializer,
)
from changes.api.vote_serializers import ApprovalSerializer
from changes.models import Redline
from changes.selectors import (
    affected_list,
    change_difference,
    change_history,
    change_impact,
    redline_results,
    release_package_of,
)
from changes.services import (
    affected_add,
    change_consequences,
    change_gates,
    change_rebase,
    conflict_settle,
    package_start,
    redline_add,
    redline_remove,
    redline_update,
)
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.core.exceptions import Conflict
from plm_project.jobs.api.answers import job_answer
from plm_project.jobs.api.serializers import JobSerializer
from products.permissions import DOCUMENTS_READ

REMOVED = OpenApiResponse(description="Removed; nothing to show.")


class PartActions:
    """Mixin of the change's viewset."""

    part_permissions = {
        "affected": permissions.CHANGES_READ,
        "affected_create": permissions.CHANGES_UPDATE,
        "redlines": permissions.CHANGES_READ,
        "redline_create": permissions.CHANGES_UPDATE,
        "approvals": permissions.CHANGES_READ,
        "rebase": permissions.CHANGES_UPDATE,
        "impact": permissions.CHANGES_READ,
        "consequences": permissions.CHANGES_READ,
        "difference": permissions.CHANGES_READ,
        "history": permissions.CHANGES_READ,
        "gates": permissions.CHANGES_READ,
        "release_package": permissions.CHANGES_READ,
        "release_package_create": DOCUMENTS_READ,
    }

    @extend_schema(responses=AffectedSerializer(many=True))
    @action(detail=True)
    def affected(self: Any, request: Request, pk: Any) -> Answer:
        """List the products that the change does something with."""
        answer: Answer = self.answer_page(affected_list(self.get_object()), serializer_class=AffectedSerializer)
        return answer

    @extend_schema(
        operation_id="changes_affected_create",
        request=AffectedCreateSerializer,
        responses={201: AffectedSerializer},
        examples=examples.AFFECTED,
    )
    @affected.mapping.post
    def affected_create(self: Any, request: Request, pk: Any) -> Answer:
        """Add a product to a draft. If-Match is judged by the change."""
        self.get_object()
        values = units_stored(self.validated(AffectedCreateSerializer))
        named = {name: values.pop(name) for name in ("product_id", "base_revision_id") if name in values}
        made = affected_add(
            actor=self.actor, change_id=pk, values=values, expected_version=self.expected_version, **named
        )
        return _created(self, made, AffectedSerializer, "api-change-affected-detail", pk)

    @extend_schema(responses=RedlineSerializer(many=True))
    @action(detail=True)
    def redlines(self: Any, request: Request, pk: Any) -> Answer:
        """List the change's redlines in their order; messages such as redlines[2].quantity count it from 0."""
        answer: Answer = self.answer_page(redline_results(self.get_object()), serializer_class=RedlineSerializer)
        return answer

    @extend_schema(
        operation_id="changes_redlines_create",
        request=RedlineCreateSerializer,
        responses={201: RedlineSerializer},
        examples=examples.REDLINE,
    )
    @redlines.mapping.post
    def redline_create(self: Any, request: Request, pk: Any) -> Answer:
        """Draw a redline in a draft. If-Match is judged by the change. Units, find numbers and cycles are judged when
        the change is submitted; CONFLICT when the same line is removed and edited.
        """
        self.get_object()
        values = with_ids(self.validated(RedlineCreateSerializer))
        named = {name: values.pop(name) for name in ("operation", "line_id", "affected_id", "note") if name in values}
        made = redline_add(
            actor=self.actor, change_id=pk, values=values, expected_version=self.expected_version, **named
        )
        return _created(self, made, RedlineSerializer, "api-change-redline-detail", pk)

    @extend_schema(operation_id="changes_rebase", request=None, responses=RebasedSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def rebase(self: Any, request: Request, pk: Any) -> Answer:
        """Let an open change follow what other changes have released since it was drawn: its redlines are merged with what was
        released, field by field. Empty where it is up to date. It happens by itself after each release; votes given
        before do not count any more.
        """
        self.get_object()
        done = change_rebase(actor=self.actor, change_id=pk, expected_version=self.expected_version)
        return Answer(self.written(done, many=True, serializer_class=RebasedSerializer))

    @extend_schema(responses=ApprovalSerializer(many=True))
    @action(detail=True)
    def approvals(self: Any, request: Request, pk: Any) -> Answer:
        """List the votes of all rounds, the last round first."""
        answer: Answer = self.answer_page(self.get_object().approvals.all(), serializer_class=ApprovalSerializer)
        return answer

    @extend_schema(responses=ImpactSerializer(many=True))
    @action(detail=True)
    def impact(self: Any, request: Request, pk: Any) -> Answer:
        """Show where the affected products are used by the structures effective today."""
        answer: Answer = self.answer_page(change_impact(self.get_object()), serializer_class=ImpactSerializer)
        return answer

    @extend_schema(parameters=[ConsequencesQuery], responses=ConsequencesSerializer)
    @action(detail=True, pagination_class=None)
    def consequences(self: Any, request: Request, pk: Any) -> Answer:
        """Show what the change would do to every product on top, worked out on its redlines: cost, mass, lead time, sources
        and compliance before and after, with the lines behind it. CONFLICT once it is released or given up.
        """
        query = read_query(ConsequencesQuery, request.query_params)
        found = change_consequences(self.get_object(), self.actor, offset=query["offset"])
        if found is None:
            raise Conflict(_("The change is released or given up: there is nothing left to foresee."))
        return Answer(self.written(found, serializer_class=ConsequencesSerializer))

    @extend_schema(responses=DifferenceSerializer(many=True))
    @action(detail=True)
    def difference(self: Any, request: Request, pk: Any) -> Answer:
        """Show each affected product's lines with what is added, removed and changed."""
        found = change_difference(self.get_object())
        answer: Answer = self.answer_page(found, serializer_class=DifferenceSerializer)
        return answer

    @extend_schema(operation_id="changes_release_package", responses=ReleasePackageSerializer)
    @action(detail=True, url_path="release-package", pagination_class=None)
    def release_package(self: Any, request: Request, pk: Any) -> Answer:
        """Show what was sealed right after the release: every entry with its SHA-256, and the Merkle root. CONFLICT where
        nothing is sealed: the change is not implemented, or was a moment ago.
        """
        sealed = release_package_of(self.get_object())
        if sealed is None:
            raise Conflict(_("Nothing is sealed: the change is not implemented, or was a moment ago."))
        return Answer(self.written(sealed, serializer_class=ReleasePackageSerializer))

    @extend_schema(operation_id="changes_release_package_create", request=None, responses={202: JobSerializer})
    @release_package.mapping.post
    def release_package_create(self: Any, request: Request, pk: Any) -> Answer:
        """Have the package written: 202 with the job, whose file is the ZIP. The job fails, naming the entries, when the
        records do not make what was sealed any more.
        """
        self.get_object()
        return job_answer(self, package_start(actor=self.actor, change_id=pk))

    @extend_schema(operation_id="changes_gates", responses=GateSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def gates(self: Any, request: Request, pk: Any) -> Answer:
        """Show what each release gate would say now: passed, or what holds which product and where it is mended. Empty
        once the change is implemented or given up.
        """
        return Answer(self.written(change_gates(self.get_object()), many=True, serializer_class=GateSerializer))

    @extend_schema(responses=ChangeHistorySerializer(many=True))
    @action(detail=True)
    def history(self: Any, request: Request, pk: Any) -> Answer:
        """List who did what to the change, when and why, newest first."""
        answer: Answer = self.answer_page(change_history(self.get_object()), serializer_class=ChangeHistorySerializer)
        return answer


class RedlineViewSet(PlmViewSet):
    """One redline of a change."""

    serializer_class = RedlineSerializer
    etag_covers_answer = False
    permission_map = {
        "retrieve": permissions.CHANGES_READ,
        "partial_update": permissions.CHANGES_UPDATE,
        "destroy": permissions.CHANGES_UPDATE,
        "settle": permissions.CHANGES_UPDATE,
    }

    def get_queryset(self) -> QuerySet[Redline]:
        """Return those of the change in the address."""
        return redline_results().filter(change_id=self.kwargs.get("change_pk"))

    def retrieve(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Read a redline."""
        return self.answer_one(self.get_object())

    @extend_schema(request=RedlineFields)
    def partial_update(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Change the values or the note of a redline in a draft. Its line and operation stay. Effectivity, attributes and
        substitutes are each replaced as a whole.
        """
        self.get_object()
        changes = with_ids(self.validated(RedlineFields, partial=True))
        redline_update(actor=self.actor, redline_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: REMOVED})
    def destroy(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Take a redline out of a draft."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        redline_remove(actor=self.actor, redline_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(
        operation_id="changes_redlines_settle",
        request=SettleSerializer,
        responses={200: RedlineSerializer, 204: OpenApiResponse(description="Theirs was taken; no redline is left.")},
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Settle a conflict of a redline in a draft: keep what it says, or take what was released. Where it has several,
        field (and key) say which. A kept edit of a line that was removed becomes an addition. CONFLICT where nothing is to
        settle.
        """
        self.get_object()
        said = self.validated(SettleSerializer)
        left = conflict_settle(actor=self.actor, redline_id=pk, expected_version=self.expected_version, **said)
        return self.answer_deleted() if left is None else self.answer_one(self.get_queryset().get(pk=left.pk))


def _created(view: Any, made: Any, serializer_class: Any, route: str, change_id: Any) -> Answer:
    answer: Answer = view.answer_one(made, status=201, serializer_class=serializer_class)
    answer.headers["Location"] = reverse(route, kwargs={"change_pk": change_id, "pk": made.pk})
    return answer
