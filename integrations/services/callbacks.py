"""Taking in what neighbours tell us: signed, once, all or nothing."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from integrations import permissions
from integrations.callbacks.registry import callback_kind
from integrations.models import CallbackReceipt, Target
from integrations.neighbours import neighbour
from integrations.sealing import seal
from integrations.services.webhooks import BOTH_SIGN
from integrations.signing import signature_fault
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import NotFound, PlmError, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

LARGEST = 1_000_000  # bytes of a callback
PREFIX = "cbsec_"


@dataclass(frozen=True)
class Reply:
    """What to answer: an HTTP status and a body. ``repeated``: it was carried out before."""

    status: int
    body: dict[str, Any]
    repeated: bool = False


# One answer for everything that is not certain to come from the neighbour: nobody learns which tenants there are.
STRANGER = Reply(401, {"error": "The signature does not hold."})


@transaction.atomic
def callback_secret_change(*, actor: Actor, neighbour_key: str) -> str:
    """Give a neighbour a new secret to sign its callbacks with; it is told this once. The old one holds for a day more.

    Raises NotFound for a neighbour that is not configured.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    neighbour(neighbour_key)
    target = Target.objects.select_for_update().filter(neighbour_key=neighbour_key).first()
    if target is None:
        raise NotFound(_("This neighbour is not configured."))
    secret = PREFIX + secrets.token_urlsafe(32)
    target.sealed_callback_before = target.sealed_callback_secret
    target.callback_before_until = clock.now() + BOTH_SIGN
    target.sealed_callback_secret = seal(secret)
    target.save_as(actor, reason=_("new secret for callbacks"))
    return secret


def callback_take(tenant_slug: str, neighbour_key: str, signature: str, body: bytes) -> Reply:
    """Judge and carry out one callback.

    401 for whatever is not signed by a neighbour that is switched on; 400 for what is no such message, 422 for one that
    fits none of our records: nothing is kept of either, so it may be put right and sent again under the same id; 200
    with what was done.
    """
    tenant = Tenant.objects.filter(slug=tenant_slug, is_active=True).first()
    if tenant is None:
        return STRANGER
    actor = Actor.system(tenant.pk, f"callback of {neighbour_key}"[:100])
    with acting_as(actor), tenant_scope(tenant.pk):
        try:
            with transaction.atomic():
                return _take(actor, neighbour_key, signature, body)
        except PlmError as error:
            log.warning("callback_refused", neighbour=neighbour_key, reason=str(error.message))
            return Reply(422, {"error": str(error.message), "details": error.details})


def _take(actor: Actor, neighbour_key: str, signature: str, body: bytes) -> Reply:
    # Callbacks of one neighbour wait for each other: the same one twice at once is carried out once.
    target = Target.objects.select_for_update().filter(neighbour_key=neighbour_key, is_enabled=True).first()
    moment = clock.now()
    held = target.callback_secrets(moment) if target is not None else []
    fault = signature_fault(signature, held or ["nobody"], body, int(moment.timestamp()))
    if target is None or not held or fault:
        log.warning("callback_not_signed", neighbour=neighbour_key, reason=fault)
        return STRANGER
    message = _message(body)
    if message is None:
        return Reply(400, {"error": _("The body is no JSON object.")})
    kind = callback_kind(neighbour_key, str(message.get("kind")))
    if kind is None:
        return Reply(400, {"error": _("Unknown kind."), "details": {"kind": [str(message.get("kind"))[:60]]}})
    faults = [
        f"{error.json_path.removeprefix('$.')}: {error.message[:200]}"
        for error, _n in zip(Draft202012Validator(kind.schema).iter_errors(message), range(20), strict=False)
    ]
    if faults:
        return Reply(400, {"error": _("The message is not as agreed."), "details": {kind.kind: faults}})
    known = CallbackReceipt.objects.filter(target=target, callback_id=message["callback_id"]).first()
    if known is not None:
        if known.payload != message:
            raise ValidationFailed.field("callback_id", _("Another message came under this id before."))
        return Reply(200, known.answer, repeated=True)
    answer = {"callback_id": message["callback_id"], **kind.apply(actor, message)}
    CallbackReceipt(
        target=target, callback_id=message["callback_id"], kind=kind.kind, payload=message, answer=answer
    ).save()
    return Reply(200, answer)


def _message(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
