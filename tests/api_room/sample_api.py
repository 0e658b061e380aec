"""A small real API on a real model (API tokens), to see the room at work through every door it guards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import django_filters
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpResponse
from django.urls import include, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from plm_project.accounts.models import ApiToken
from plm_project.accounts.permissions import MEMBERS_READ, TOKENS_MANAGE
from plm_project.api import urls as api_urls
from plm_project.api.envelope import Answer
from plm_project.api.etag import stale
from plm_project.api.router import PlmRouter, either_slash
from plm_project.api.serializers import PlainDecimalField, PlainJSONField, PlmModelSerializer, PlmSerializer
from plm_project.api.viewsets import PlmView, PlmViewSet, ReadActions
from plm_project.core import exceptions
from plm_project.tenancy.scope import TenantScopeMissing


class TokenSerializer(PlmModelSerializer):
    class Meta:
        model = ApiToken
        fields = ("id", "name", "expires_at", "permissions", "version")
        read_only_fields = ("id", "expires_at", "permissions", "version")


class LineSerializer(PlmSerializer):
    part = serializers.CharField(max_length=20)
    quantity = PlainDecimalField(max_digits=30, decimal_places=15, min_value=Decimal("0.000001"))


class StructureSerializer(PlmSerializer):
    name = serializers.CharField(max_length=20)
    structure = LineSerializer(many=True, required=False)
    attributes = PlainJSONField(required=False)


class TokenFilter(django_filters.FilterSet):
    expires_before = django_filters.IsoDateTimeFilter(field_name="expires_at", lookup_expr="lt")

    class Meta:
        model = ApiToken
        fields = ("name",)


def rename(*, actor: Any, token: ApiToken, name: str, expected_version: int | None) -> ApiToken:
    """Rename a token: the shape of a context's service."""
    fresh = ApiToken.objects.select_for_update().get(pk=token.pk)
    if expected_version is not None and fresh.version != expected_version:
        raise stale()
    fresh.name = name
    return fresh.save_as(actor, reason="renamed", update_fields=["name"])


class TokenViewSet(ReadActions, PlmViewSet):
    """API tokens of the tenant."""

    serializer_class = TokenSerializer
    filterset_class = TokenFilter
    permission_map = {
        "list": MEMBERS_READ,
        "retrieve": MEMBERS_READ,
        "create": TOKENS_MANAGE,
        "partial_update": TOKENS_MANAGE,
        "destroy": TOKENS_MANAGE,
        "structure": MEMBERS_READ,
        "numbers": MEMBERS_READ,
        "unordered": MEMBERS_READ,
        "refused": TOKENS_MANAGE,
        "faults": MEMBERS_READ,
        "fail": TOKENS_MANAGE,
    }

    def get_queryset(self) -> Any:
        return ApiToken.objects.order_by("name")

    @extend_schema(examples=[OpenApiExample("A token", value={"name": "press line"})])
    def create(self, request: Any) -> Answer:
        values = self.validated()
        if ApiToken.objects.filter(name=values["name"]).exists():
            raise exceptions.Conflict("A token of this name exists already.")
        token = ApiToken(
            user_id=self.actor.user_id,
            name=values["name"],
            digest=f"{self.actor.tenant_id} {values['name']}"[:64],
            expires_at=timezone.now() + dt.timedelta(days=1),
        )
        token.save_as(self.actor, reason="created")
        return self.answer_created(token, message="Created.")

    def partial_update(self, request: Any, pk: Any) -> Answer:
        token = self.get_object()
        renamed = rename(
            actor=self.actor, token=token, expected_version=self.expected_version, **self.validated(partial=True)
        )
        return self.answer_one(renamed)

    def destroy(self, request: Any, pk: Any) -> Answer:
        self.get_object().soft_delete_as(self.actor, reason="deleted")
        return self.answer_deleted()

    @extend_schema(request=StructureSerializer, responses=StructureSerializer)
    @action(detail=False, methods=["post"], serializer_class=StructureSerializer)
    def structure(self, request: Any) -> Answer:
        return Answer(self.validated())

    @extend_schema(responses=LineSerializer(many=True))
    @action(detail=False)
    def numbers(self, request: Any) -> Answer:
        return self.answer_page(Numbers(), serializer_class=LineSerializer)

    @action(detail=False)
    def unordered(self, request: Any) -> Answer:
        return self.answer_page(ApiToken.objects.order_by())

    @extend_schema(request=None, responses={200: None})
    @action(detail=True, methods=["post"])
    def refused(self, request: Any, pk: Any) -> Answer:
        """Writes, then answers a refusal without raising."""
        token = self.get_object()
        token.name = "written and refused"
        token.save_as(self.actor, reason="no")
        return Answer({"never": "seen"}, status=400)

    @extend_schema(request=None, responses={200: None})
    @action(detail=True, methods=["post"])
    def fail(self, request: Any, pk: Any) -> Answer:
        """Writes, then fails."""
        token = self.get_object()
        token.name = "written and failed"
        token.save_as(self.actor, reason="no")
        raise ZeroDivisionError("password=hunter2 is an internal matter")

    @extend_schema(responses={200: None})
    @action(detail=False, url_path=r"faults/<str:name>")
    def faults(self, request: Any, name: str) -> Answer:
        raise FAULTS[name]()

    @extend_schema(responses={200: None})
    @action(detail=False)
    def undeclared(self, request: Any) -> Answer:
        return Answer("nobody may read this")


class Numbers:
    """A sequence that knows its length and makes rows only where it is sliced."""

    def __len__(self) -> int:
        return 45

    def __getitem__(self, rows: slice) -> list[dict[str, Any]]:
        return [{"part": f"P{i}", "quantity": Decimal(i) + Decimal("0.50")} for i in range(*rows.indices(45))]


def broken_unique() -> Exception:
    return IntegrityError("UNIQUE constraint failed: accounts_apitoken.digest")


def broken_check() -> Exception:
    return IntegrityError("CHECK constraint failed: secret_internal_name")


FAULTS: dict[str, Any] = {
    "not_found": lambda: exceptions.NotFound("No such thing."),
    "http404": lambda: Http404("internal text"),
    "conflict": lambda: exceptions.Conflict("Taken."),
    "stale": stale,
    "rate": lambda: exceptions.RateLimited("Slow down."),
    "invalid": lambda: exceptions.ValidationFailed.field("name", "Too odd."),
    "denied": lambda: exceptions.PermissionDenied("No."),
    "unique": broken_unique,
    "check": broken_check,
    "locked": lambda: OperationalError("database is locked"),
    "scope": lambda: TenantScopeMissing("internal"),
    "crash": lambda: KeyError("internal"),
}


class MethodView(PlmView):
    """A plain view with one method declared and one not."""

    permission_map = {"get": MEMBERS_READ}

    @extend_schema(responses={200: None})
    def get(self, request: Any) -> Answer:
        return Answer({"user": request.user.email, "actor": request.auth.kind})

    @extend_schema(request=None, responses={200: None})
    def delete(self, request: Any) -> Answer:
        return Answer("must never be reached")


def page(_request: Any) -> HttpResponse:
    """A page outside the API."""
    return HttpResponse("page")


def reset(_request: Any, uid: str, token: str) -> HttpResponse:
    """A page with a secret in its address."""
    return HttpResponse("reset")


router = PlmRouter()
router.register("tokens", TokenViewSet, basename="tokens")

urlpatterns = [
    path("", include("plm_project.ops.urls")),
    path("page/", page),
    path("reset/<str:uid>/<str:token>/", reset),
    path("api/v1/plm/", include(router.urls)),
    path("api/v1/plm/", include([either_slash("method/", MethodView.as_view(), name="method")])),
    path("api/v1/plm/", include(api_urls)),
    path("api/", include((api_urls.unknown, "unknown"))),
]
