"""Signing for a webhook, and noting how its receiver fares: one that fails for long is switched off, and its tenant told."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping

import structlog
from django.utils.translation import gettext as _

from integrations import events
from integrations.models import Webhook
from integrations.signing import HEADER, signature
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.outbox.events import publish

log = structlog.get_logger(__name__)

# Both together: a receiver that is called once a day is not given up after one bad night.
LASTING = dt.timedelta(hours=24)
FAILURES = 20  # in a row


def signer(webhook: Webhook) -> Callable[[bytes], Mapping[str, str]]:
    """Return what signs a body for this webhook, at the time of the call."""

    def sign(body: bytes) -> Mapping[str, str]:
        moment = clock.now()
        return {HEADER: signature(webhook.secrets(moment), body, int(moment.timestamp()))}

    return sign


def webhook_heard(actor: Actor, target_id: uuid.UUID) -> None:
    """Forget earlier failures: it answers. Nothing happens for a target that is no webhook's."""
    failing = Webhook.objects.filter(target_id=target_id, failing_since__isnull=False)
    failing.update(failed_in_row=0, failing_since=None)


def webhook_failed(actor: Actor, target_id: uuid.UUID, text: str) -> None:
    """Count a failure; switch the webhook off when it has failed for long. Nothing happens for another target."""
    webhook = (
        Webhook.objects.select_for_update(of=("self",)).select_related("target").filter(target_id=target_id).first()
    )
    if webhook is None:
        return
    moment = clock.now()
    webhook.failed_in_row += 1
    webhook.failing_since = webhook.failing_since or moment
    gone = webhook.failed_in_row >= FAILURES and moment - webhook.failing_since >= LASTING
    if not gone or not webhook.target.is_enabled:
        kept = Webhook.objects.filter(pk=webhook.pk)
        kept.update(failed_in_row=webhook.failed_in_row, failing_since=webhook.failing_since)
        return
    since = webhook.failing_since.date().isoformat()
    said = _("It failed %(count)d times since %(day)s: %(text)s")
    webhook.off_reason = (said % {"count": webhook.failed_in_row, "day": since, "text": text})[:300]
    webhook.save_as(actor, reason=webhook.off_reason)
    webhook.target.is_enabled = False
    webhook.target.save_as(actor, reason=_("switched off: it failed for long"), update_fields=["is_enabled"])
    publish(
        actor,
        events.WEBHOOK_DISABLED,
        entity=webhook,
        data={"webhook_id": webhook.pk, "title": webhook.name, "reason": webhook.off_reason, "occurred_at": moment},
    )
    log.warning("webhook_disabled", webhook_id=str(webhook.pk), failures=webhook.failed_in_row)
