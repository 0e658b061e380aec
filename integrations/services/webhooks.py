"""Webhooks: who is told of which events, and with which secret."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.choices import OPEN_STATES, Outcome
from integrations.clients.breaker import Breaker
from integrations.clients.call import call
from integrations.contracts import webhook as contract
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.models import Target, Webhook
from integrations.neighbours import WEBHOOK
from integrations.sealing import seal
from integrations.services.targets import TRY_SECONDS, check_address
from integrations.services.webhook_health import signer
from integrations.workers import send_after_commit
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.ids import uuid7

PREFIX = "whsec_"  # tells a reader of a leaked text what it is
BOTH_SIGN = dt.timedelta(hours=24)  # after a change of the secret
MOST = 50  # webhooks of one tenant


@transaction.atomic
def webhook_create(
    *, actor: Actor, name: str, url: str, event_types: Sequence[str] = (), allow_private: bool = False
) -> tuple[Webhook, str]:
    """Enter a webhook, switched on; return it with its secret, which is told this once.

    Raises ValidationFailed naming the field, Conflict beyond ``MOST``.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    _check(name, url, event_types, allow_private)
    if Webhook.objects.count() >= MOST:
        raise Conflict(_("There are %(most)d webhooks already.") % {"most": MOST})
    secret = _new_secret()
    target = Target(
        tenant_id=actor.tenant_id, neighbour_key=WEBHOOK.key, base_url=url.strip(), allow_private=allow_private
    )
    target.save_as(actor, reason=_("webhook"))
    webhook = Webhook(
        tenant_id=actor.tenant_id,
        target=target,
        name=name.strip(),
        event_types=sorted(set(event_types)),
        sealed_secret=seal(secret),
    )
    webhook.save_as(actor, reason=_("created"))
    return webhook, secret


@transaction.atomic
def webhook_update(
    *,
    actor: Actor,
    webhook_id: uuid.UUID,
    name: str,
    url: str,
    event_types: Sequence[str] = (),
    allow_private: bool = False,
    is_enabled: bool = True,
    expected_version: int | None = None,
) -> Webhook:
    """Change a webhook, or switch it on or off. Switched on again it goes on with what waits.

    Raises NotFound, ValidationFailed naming the field, PreconditionFailed when stale.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    webhook = _locked(webhook_id)
    webhook.expect_version(expected_version)
    _check(name, url, event_types, allow_private)
    target = webhook.target
    if target.base_url != url.strip() or (is_enabled and not target.is_enabled):
        transaction.on_commit(Breaker(actor.tenant_id, target.breaker_key).reset)
        webhook.failed_in_row, webhook.failing_since, webhook.off_reason = 0, None, ""
    target.base_url, target.allow_private, target.is_enabled = url.strip(), allow_private, is_enabled
    webhook.name, webhook.event_types = name.strip(), sorted(set(event_types))
    said = _("switched on: %(url)s") if is_enabled else _("switched off: %(url)s")
    target.save_as(actor, reason=said % {"url": target.base_url})
    webhook.save_as(actor, reason=said % {"url": target.base_url})
    if is_enabled:
        send_after_commit(actor.tenant_id, [(target.pk, WEBHOOK.key)])
    return webhook


@transaction.atomic
def webhook_secret_change(*, actor: Actor, webhook_id: uuid.UUID) -> tuple[Webhook, str]:
    """Give it a new secret, told this once. The old one signs beside it for a day."""
    actor.require(permissions.INTEGRATIONS_MANAGE)
    webhook = _locked(webhook_id)
    secret = _new_secret()
    webhook.sealed_before, webhook.before_until = webhook.sealed_secret, clock.now() + BOTH_SIGN
    webhook.sealed_secret = seal(secret)
    webhook.save_as(actor, reason=_("new secret"))
    return webhook, secret


@transaction.atomic
def webhook_remove(*, actor: Actor, webhook_id: uuid.UUID, reason: str = "") -> None:
    """Take a webhook away with its secrets; what was delivered stays on record. Raises Conflict while something waits."""
    actor.require(permissions.INTEGRATIONS_MANAGE)
    webhook = _locked(webhook_id)
    if webhook.target.deliveries.filter(state__in=OPEN_STATES).exists():
        raise Conflict(_("Something still waits for it. Discard it first, or only switch it off."))
    webhook.sealed_secret = webhook.sealed_before = ""
    webhook.save_as(actor, reason=_("secret taken away"))
    webhook.soft_delete_as(actor, reason=reason or _("removed"))
    webhook.target.soft_delete_as(actor, reason=reason or _("removed"))


def webhook_ping(*, actor: Actor, webhook_id: uuid.UUID) -> tuple[bool, str]:
    """Send a signed ping now and say how it went: (was it taken, in words). Raises NotFound."""
    actor.require(permissions.INTEGRATIONS_MANAGE)
    webhook = Webhook.objects.select_related("target").filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(_("There is no such webhook."))
    moment, ping_id = clock.now(), str(uuid7())
    try:
        answer = call(
            webhook.target.endpoint(private_allowed=settings.INTEGRATIONS_ALLOW_PRIVATE),
            method="POST",
            path="",
            payload={"event_id": ping_id, "event_type": contract.PING, "timestamp": moment.isoformat()},
            success=contract.CONTRACT.success,
            idempotency_key=ping_id,
            headers={"X-Event-ID": ping_id},
            seconds=TRY_SECONDS,
            sign=signer(webhook),
            reads_answer=False,
        )
    except CallFailed as failure:
        return False, f"{Outcome(failure.outcome).label}: {failure.text[:300]}"
    except BreakerOpen as waiting:
        return False, _("It failed too often lately; next try in %(seconds)d s.") % {"seconds": waiting.seconds}
    said = {"status": answer.status, "milliseconds": answer.milliseconds}
    return True, _("It answers %(status)d, in %(milliseconds)d ms.") % said


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _check(name: str, url: str, event_types: Sequence[str], allow_private: bool) -> None:
    faults: dict[str, list[str]] = {}
    if not name.strip() or len(name.strip()) > 100:
        faults["name"] = [_("A name of at most 100 characters.")]
    faults |= check_address(url.strip(), allow_private, field="url")
    if unknown := sorted(set(event_types) - set(contract.CONTRACT.triggers)):
        faults["event_types"] = [_("No such events: %(names)s") % {"names": ", ".join(unknown)[:200]}]
    if faults:
        raise ValidationFailed(_("Please check the marked fields."), details=faults)


def _locked(webhook_id: uuid.UUID) -> Any:
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("target")
    webhook = rows.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound(_("There is no such webhook."))
    return webhook
