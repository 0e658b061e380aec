"""One affected product of a change."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from changes import permissions
from changes.api.affected_serializers import AffectedSerializer, AffectedUpdateSerializer, units_stored
from changes.models import AffectedProduct
from changes.selectors import affected_list
from changes.services import affected_remove, affected_update, no_disposition_set, uses_redline
from plm_project.api.envelope import Answer
from plm_project.api.query import ReasonQuery, read_query
from plm_project.api.viewsets import PlmViewSet
from plm_project.core.exceptions import ValidationFailed


class AffectedViewSet(PlmViewSet):
    """One affected product of a change."""

    serializer_class = AffectedSerializer
    etag_covers_answer = False
    permission_map = {
        "retrieve": permissions.CHANGES_READ,
        "partial_update": permissions.CHANGES_UPDATE,
        "destroy": permissions.CHANGES_UPDATE,
        "redline_uses": permissions.CHANGES_UPDATE,
    }

    def get_queryset(self) -> QuerySet[AffectedProduct]:
        """Return those of the change in the address."""
        return affected_list().filter(change_id=self.kwargs.get("change_pk"))

    def retrieve(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Read an affected product."""
        return self.answer_one(self.get_object())

    @extend_schema(request=AffectedUpdateSerializer)
    def partial_update(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Say in a draft what the change does with the product, or why it has nothing to dispose of. CONFLICT while redlines
        or dispositions speak against it.
        """
        self.get_object()
        values = units_stored(self.validated(AffectedUpdateSerializer))
        named = {"actor": self.actor, "affected_id": pk, "expected_version": self.expected_version}
        reason = values.pop("no_disposition_reason", None)
        if reason is not None and values:
            raise ValidationFailed.field("no_disposition_reason", _("Send it alone."))
        if reason is not None:
            no_disposition_set(reason=reason, **named)
        else:
            affected_update(changes=values, **named)
        return self.answer_one(self.get_queryset().get(pk=pk))

    @extend_schema(parameters=[ReasonQuery], responses={204: OpenApiResponse(description="Removed; nothing to show.")})
    def destroy(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Take a product, its redlines and its dispositions off a draft."""
        self.get_object()
        query = read_query(ReasonQuery, request.query_params)
        affected_remove(actor=self.actor, affected_id=pk, expected_version=self.expected_version, **query)
        return self.answer_deleted()

    @extend_schema(operation_id="changes_affected_redline_uses", request=None, responses=AffectedSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def redline_uses(self, request: Request, change_pk: Any, pk: Any) -> Answer:
        """Redline every line that a product to be replaced still stands on; returns the products that came into the draft for
        it. Lines that are redlined already stay as they are. CONFLICT where the action is another.
        """
        self.get_object()
        came = uses_redline(actor=self.actor, affected_id=pk, expected_version=self.expected_version)
        rows = self.get_queryset().filter(pk__in=[entry.pk for entry in came])
        return Answer(self.written(rows, many=True, serializer_class=AffectedSerializer))
