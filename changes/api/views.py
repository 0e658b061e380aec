"""Changes: list, create, read, edit, and the steps from draft to closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api import examples
from changes.api.children import ChildrenActions
from changes.api.dispositions import DispositionActions
from changes.api.documents import DocumentActions
from changes.api.filters import ChangeQuery
from changes.api.parts import PartActions
from changes.api.policy import PolicyActions
from changes.api.serializers import (
    ChangeCreateSerializer,
    ChangeFields,
    ChangeRowSerializer,
    ChangeSerializer,
    CheckSerializer,
    CommentSerializer,
    ReasonedSerializer,
)
from changes.api.vote_serializers import ApproveSerializer, RejectSerializer
from changes.models import EngineeringChange
from changes.selectors import change_detail, change_get, change_list
from changes.services import (
    Signature,
    change_approve,
    change_cancel,
    change_close,
    change_comment,
    change_create,
    change_delete,
    change_implement,
    change_problems,
    change_reject,
    change_reopen,
    change_submit,
    change_update,
    change_withdraw,
)
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.tenancy.states import transition_options

OPTIONAL_COMMENT = extend_schema(request=CommentSerializer, responses=ChangeSerializer, examples=examples.COMMENT)


class ChangeViewSet(PartActions, DocumentActions, DispositionActions, PolicyActions, ChildrenActions, PlmViewSet):
    """Engineering changes of the tenant."""

    serializer_class = ChangeSerializer
    etag_covers_answer = False  # names of products and people change without the change's version
    permission_map = {
        "list": permissions.CHANGES_READ,
        "create": permissions.CHANGES_CREATE,
        "retrieve": permissions.CHANGES_READ,
        "partial_update": permissions.CHANGES_UPDATE,
        "destroy": permissions.CHANGES_UPDATE,
        "transitions": permissions.CHANGES_READ,
        "submit": permissions.CHANGES_SUBMIT,
        "approve": permissions.CHANGES_APPROVE,
        "reject": permissions.CHANGES_APPROVE,
        "comment": permissions.CHANGES_APPROVE,
        "withdraw": permissions.CHANGES_SUBMIT,
        "reopen": permissions.CHANGES_SUBMIT,
        "cancel": permissions.CHANGES_CANCEL,
        "implement": permissions.CHANGES_IMPLEMENT,
        "close": permissions.CHANGES_CLOSE,
        **PartActions.part_permissions,
        **DocumentActions.document_permissions,
        **PolicyActions.policy_permissions,
        **ChildrenActions.children_permissions,
        **DispositionActions.disposition_permissions,
    }

    def get_queryset(self) -> QuerySet[EngineeringChange]:
        """Return the tenant's changes."""
        return change_detail()

    @extend_schema(parameters=[ChangeQuery], responses=ChangeRowSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List changes, filtered and sorted."""
        query = read_query(ChangeQuery, request.query_params)
        if query.pop("mine"):
            query["mine"] = self.actor.user_id
        for name in ("author", "product"):
            if name in query:
                query[f"{name}_id"] = query.pop(name)
        return self.answer_page(change_list(**query), serializer_class=ChangeRowSerializer)

    @extend_schema(request=ChangeCreateSerializer, responses={201: ChangeSerializer}, examples=examples.CREATE)
    def create(self, request: Request) -> Answer:
        """Open a change as a draft, with the tenant's next number and the caller as its author."""
        values = self.validated(ChangeCreateSerializer)
        affected = values.pop("affected_products", ())
        change = change_create(actor=self.actor, data=values, affected=affected)
        return self.answer_created(change_get(change.pk), message=_("%s was opened.") % change.change_number)

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a change with its products and votes."""
        return self.answer_one(self.get_object())

    @extend_schema(request=ChangeFields)
    def partial_update(self, request: Request, pk: Any) -> Answer:
        """Edit a draft; its author, or who manages changes. CONFLICT when it is no draft."""
        self.get_object()
        changes = self.validated(ChangeFields, partial=True)
        change_update(actor=self.actor, change_id=pk, changes=changes, expected_version=self.expected_version)
        return self.answer_one(change_get(pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Deleted.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Delete a draft that was never submitted. Its number stays taken. CONFLICT for any other: cancel it."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        change_delete(actor=self.actor, change_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(responses=CheckSerializer)
    @action(detail=True, pagination_class=None)
    def transitions(self, request: Request, pk: Any) -> Answer:
        """Tell where the change can go now, why not elsewhere, and what a draft still lacks."""
        change = self.get_object()
        found = {
            "status": change.status,
            "transitions": transition_options(change, "status", self.actor),
            "problems": change_problems(change) if change.is_draft else [],
        }
        return Answer(self.written(found, serializer_class=CheckSerializer))

    # --- steps ------------------------------------------------------------------------------------------------------
    @OPTIONAL_COMMENT
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: Any) -> Answer:
        """Submit a draft for approval. VALIDATION_ERROR names everything that is missing or wrong, and a rule that
        finds no approver; CONFLICT when a base revision is no longer current. Publishes change_submitted.
        """
        return self._step(change_submit, pk)

    @extend_schema(request=ApproveSerializer, responses=ChangeSerializer, examples=examples.SIGNED)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any) -> Answer:
        """Approve as a named approver, once, signed with the caller's password. The last approval approves the change:
        publishes change_approved. VALIDATION_ERROR for a wrong password, RATE_LIMITED after too many.
        """
        return self._step(change_approve, pk, reads=ApproveSerializer)

    @extend_schema(request=RejectSerializer, responses=ChangeSerializer, examples=examples.SIGNED)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: Any) -> Answer:
        """Reject as a named approver, saying why, signed as an approval is. Publishes change_rejected when what a rule
        asks can no longer be given: at once where all must approve.
        """
        return self._step(change_reject, pk, reads=RejectSerializer)

    @extend_schema(request=RejectSerializer, responses=ChangeSerializer, examples=examples.SIGNED)
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: Any) -> Answer:
        """Give the comment that a rule of weight comment asks for, signed as a review. It decides nothing."""
        return self._step(change_comment, pk, reads=RejectSerializer)

    @OPTIONAL_COMMENT
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any) -> Answer:
        """Take a submitted change back; its author, or who manages changes."""
        return self._step(change_withdraw, pk, says="reason")

    @OPTIONAL_COMMENT
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any) -> Answer:
        """Make a rejected or withdrawn change a draft again. Its votes stay readable and count no more."""
        return self._step(change_reopen, pk, says="reason")

    @extend_schema(request=ReasonedSerializer, responses=ChangeSerializer, examples=examples.COMMENT)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any) -> Answer:
        """Give up a draft, submitted or approved change for good, saying why."""
        return self._step(change_cancel, pk, says="reason", reads=ReasonedSerializer)

    @OPTIONAL_COMMENT
    @action(detail=True, methods=["post"])
    def implement(self, request: Request, pk: Any) -> Answer:
        """Carry out an approved change: every affected product gets its released revision, all or nothing.

        CONFLICT when it is implemented already, a base revision is no longer current, or a release gate holds a product
        (details per product, see gates/). Publishes change_implemented,
        bom_changed and product_updated.
        """
        return self._step(change_implement, pk)

    @OPTIONAL_COMMENT
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any) -> Answer:
        """Close an implemented change. CONFLICT while dispositions of existing parts are not done."""
        return self._step(change_close, pk, says="reason")

    def _step(
        self, service: Callable[..., Any], pk: Any, *, says: str = "comment", reads: Any = CommentSerializer
    ) -> Answer:
        """Run one of the services on the change; ``says`` is the name it has for the comment."""
        self.get_object()
        given = self.validated(reads)
        said = {says: given["comment"]}
        if "signature" in given:
            said["signature"] = Signature(**given["signature"])
            said["on_behalf_of"] = given.get("on_behalf_of")
        service(actor=self.actor, change_id=pk, expected_version=self.expected_version, **said)
        return self.answer_one(change_get(pk))
