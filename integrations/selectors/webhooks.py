"""Webhooks in a list and alone."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from integrations.models import Webhook
from plm_project.core.exceptions import NotFound


def webhook_list() -> QuerySet[Webhook]:
    """Return webhooks with their targets, by name."""
    found: QuerySet[Webhook] = Webhook.objects.select_related("target").order_by("name", "id")
    return found


def webhook_get(webhook_id: uuid.UUID) -> Webhook:
    """Return one; raise NotFound."""
    webhook = webhook_list().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(_("There is no such webhook."))
    return webhook
