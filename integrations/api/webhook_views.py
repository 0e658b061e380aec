"""Webhooks: thin doors."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from integrations import permissions
from integrations.api.serializers import (
    TrySerializer,
    WebhookChange,
    WebhookFields,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)
from integrations.models import Webhook
from integrations.selectors import webhook_list
from integrations.services import (
    webhook_create,
    webhook_ping,
    webhook_remove,
    webhook_secret_change,
    webhook_update,
)
from plm_project.api.envelope import Answer
from plm_project.api.viewsets import PlmViewSet


class WebhookViewSet(PlmViewSet):
    """Who is told of events, and how it fares."""

    serializer_class = WebhookSerializer
    etag_covers_answer = False  # how it fares moves without it
    permission_map = {
        "list": permissions.INTEGRATIONS_READ,
        "retrieve": permissions.INTEGRATIONS_READ,
        "create": permissions.INTEGRATIONS_MANAGE,
        "update": permissions.INTEGRATIONS_MANAGE,
        "destroy": permissions.INTEGRATIONS_MANAGE,
        "secret": permissions.INTEGRATIONS_MANAGE,
        "ping": permissions.INTEGRATIONS_MANAGE,
    }

    def get_queryset(self) -> QuerySet[Webhook]:
        """Return the tenant's."""
        return webhook_list()

    @extend_schema(responses=WebhookSerializer(many=True))
    def list(self, request: Request) -> Answer:
        """List webhooks by name."""
        return self.answer_page(webhook_list())

    def retrieve(self, request: Request, pk: Any) -> Answer:
        """Read a webhook."""
        return self.answer_one(self.get_object())

    @extend_schema(request=WebhookFields, responses={201: WebhookWithSecretSerializer})
    def create(self, request: Request) -> Answer:
        """Enter a webhook. The answer holds its secret, this once."""
        webhook, secret = webhook_create(actor=self.actor, **self.validated(WebhookFields))
        answer = self.answer_created(_with(webhook, secret), serializer_class=WebhookWithSecretSerializer)
        answer.told_once = (secret,)
        return answer

    @extend_schema(request=WebhookChange)
    def update(self, request: Request, pk: Any) -> Answer:
        """Change a webhook, or switch it on or off. What is left out takes its default."""
        self.get_object()
        given = self.validated(WebhookChange)
        webhook_update(actor=self.actor, webhook_id=pk, expected_version=self.expected_version, **given)
        return self.answer_one(self.get_object())

    @extend_schema(responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, pk: Any) -> Answer:
        """Take it away. CONFLICT while something waits for it."""
        self.get_object()
        webhook_remove(actor=self.actor, webhook_id=pk)
        return self.answer_deleted()

    @extend_schema(request=None, responses=WebhookWithSecretSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: Any) -> Answer:
        """Give it a new secret, told this once. The old one signs beside it for 24 hours."""
        self.get_object()
        webhook, secret = webhook_secret_change(actor=self.actor, webhook_id=pk)
        answer = Answer(self.written(_with(webhook, secret), serializer_class=WebhookWithSecretSerializer))
        answer.told_once = (secret,)
        return answer

    @extend_schema(request=None, responses=TrySerializer)
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: Any) -> Answer:
        """Send a signed ping now, and say how it went."""
        self.get_object()
        is_there, words = webhook_ping(actor=self.actor, webhook_id=pk)
        return Answer(self.written({"is_there": is_there, "message": words}, serializer_class=TrySerializer))


def _with(webhook: Webhook, secret: str) -> Webhook:
    webhook.secret = secret  # type: ignore[attr-defined] # of this answer alone
    return webhook
