"""Configuring a neighbour: where it is, with which token, on or off."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.choices import OPEN_STATES, Outcome
from integrations.clients.addresses import url_fault
from integrations.clients.breaker import Breaker
from integrations.clients.call import CallAnswer, call
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.models import Target
from integrations.neighbours import neighbour
from integrations.services.access_control import ACCESS_CONTROL, access_control_note
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed

LONGEST_TOKEN = 4000
HEALTH_PATH = "/healthz"
TRY_SECONDS = 5.0
ANY_STATUS = frozenset(range(200, 300))


@transaction.atomic
def target_save(
    *,
    actor: Actor,
    neighbour_key: str,
    base_url: str,
    token: str | None = None,
    is_enabled: bool = True,
    allow_private: bool = False,
    expected_version: int | None = None,
) -> Target:
    """Configure a neighbour, or change how it is configured. ``token`` None keeps the one there is, "" takes it away.

    Another address without a new token drops the old one: a token goes to whom it was given for, nobody else.
    Raises ValidationFailed naming the field, NotFound for an unknown neighbour, PreconditionFailed when stale.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    neighbour(neighbour_key)
    base_url = base_url.strip().rstrip("/")
    _check(base_url, token, allow_private)
    target = Target.objects.select_for_update().filter(neighbour_key=neighbour_key).first()
    if target is None:
        target = Target(tenant_id=actor.tenant_id, neighbour_key=neighbour_key)
    target.expect_version(expected_version)
    moved = target.base_url != base_url
    if token is not None or moved:
        target.take_token(token or "", clock.now())
    target.base_url, target.is_enabled, target.allow_private = base_url, is_enabled, allow_private
    said = _("switched on") if is_enabled else _("switched off")
    target.save_as(actor, reason=f"{said}: {base_url}")
    if moved:
        # What the old address did says nothing of the new one.
        transaction.on_commit(Breaker(actor.tenant_id, neighbour_key).reset)
    if is_enabled:
        _send_after_commit(target)
    if neighbour_key == ACCESS_CONTROL:
        access_control_note(actor.tenant_id, target)
    return target


@transaction.atomic
def target_remove(*, actor: Actor, neighbour_key: str, reason: str = "") -> None:
    """Forget a neighbour's address and token. Raises Conflict while something has still to arrive there."""
    actor.require(permissions.INTEGRATIONS_MANAGE)
    target = _target_locked(neighbour_key)
    if target.deliveries.filter(state__in=OPEN_STATES).exists():
        raise Conflict(_("Something still waits for this neighbour. Discard it first, or only switch it off."))
    target.take_token("", None)
    target.sealed_callback_secret = target.sealed_callback_before = ""
    target.save_as(actor, reason=_("token and secrets taken away"))
    target.soft_delete_as(actor, reason=reason or _("removed"))
    if neighbour_key == ACCESS_CONTROL:
        access_control_note(actor.tenant_id, None)


def target_try(*, actor: Actor, neighbour_key: str) -> CallAnswer:
    """Ask the neighbour whether it is there (GET /healthz with our token). Raises CallFailed, BreakerOpen, NotFound.

    Somebody waits for it at a page, so it gives up early.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    target = Target.objects.filter(neighbour_key=neighbour_key).first()
    if target is None:
        raise NotFound(_("This neighbour is not configured."))
    endpoint = target.endpoint(private_allowed=settings.INTEGRATIONS_ALLOW_PRIVATE)
    return call(endpoint, method="GET", path=HEALTH_PATH, success=ANY_STATUS, seconds=TRY_SECONDS)


def try_words(actor: Actor, neighbour_key: str) -> tuple[bool, str]:
    """Try a neighbour and say how it went: (is it there, in words)."""
    try:
        answer = target_try(actor=actor, neighbour_key=neighbour_key)
    except CallFailed as failure:
        return False, f"{Outcome(failure.outcome).label}: {failure.text}"
    except BreakerOpen as waiting:
        return False, _("It failed too often lately; next try in %(seconds)d s.") % {"seconds": waiting.seconds}
    return True, _("It answers, in %(milliseconds)d ms.") % {"milliseconds": answer.milliseconds}


def _check(base_url: str, token: str | None, allow_private: bool) -> None:
    faults = check_address(base_url, allow_private, field="base_url")
    if token is not None and (len(token) > LONGEST_TOKEN or not token.isascii() or any(c.isspace() for c in token)):
        faults["token"] = [_("A token is at most %(most)d characters without spaces.") % {"most": LONGEST_TOKEN}]
    if faults:
        raise ValidationFailed(_("Please check the marked fields."), details=faults)


def check_address(url: str, allow_private: bool, *, field: str) -> dict[str, list[str]]:
    """Return what is wrong with an address, by field."""
    faults: dict[str, list[str]] = {}
    if fault := url_fault(url):
        faults[field] = [fault]
    if len(url) > 500:
        faults[field] = [_("At most %(most)d characters.") % {"most": 500}]
    if allow_private and not settings.INTEGRATIONS_ALLOW_PRIVATE:
        faults["allow_private"] = [_("This installation does not let calls into its own network.")]
    return faults


def _target_locked(neighbour_key: str) -> Any:
    target = Target.objects.select_for_update().filter(neighbour_key=neighbour_key).first()
    if target is None:
        raise NotFound(_("This neighbour is not configured."))
    return target


def _send_after_commit(target: Target) -> None:
    from integrations.workers import send_after_commit

    send_after_commit(target.tenant_id, [(target.pk, target.neighbour_key)])


def target_ids(keys: list[str]) -> dict[str, uuid.UUID]:
    """Return the configured targets among these neighbours."""
    return dict(Target.objects.filter(neighbour_key__in=keys).values_list("neighbour_key", "pk"))
