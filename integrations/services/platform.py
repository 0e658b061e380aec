"""Making ourselves known to the platform, and asking whether what we depend on is there and speaks our contracts."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any, Literal

import structlog
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.capability import capability_record
from integrations.choices import Outcome
from integrations.clients.call import CallAnswer, Endpoint, call
from integrations.contracts.registry import contracts_of
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.models import Target
from integrations.neighbours import neighbours
from integrations.services.targets import ANY_STATUS, HEALTH_PATH, TRY_SECONDS
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict

log = structlog.get_logger(__name__)

REGISTER_PATH = "/api/v1/capabilities"
CONTRACTS_PATH = "/api/v1/contracts"
HOLDS_SECONDS = 3600  # a registration is renewed after this
AGREED = "integrations:registered"

Reach = Literal["not_configured", "off", "reachable", "unreachable"]
Fit = Literal["unknown", "compatible", "incompatible"]


@dataclass(frozen=True)
class Dependency:
    """One of the twelve: whether it answers, and whether it knows the versions of our contracts with it.

    ``contracts`` is unknown where the other side does not say (no answer at GET /api/v1/contracts).
    """

    key: str
    state: Reach
    contracts: Fit
    message: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether something has to be mended. What is not configured is none: nobody asked for it."""
        return self.state == "unreachable" or self.contracts == "incompatible"

    def as_dict(self) -> dict[str, Any]:
        """Return it for a command's answer."""
        return asdict(self)


def capability_register() -> dict[str, Any]:
    """Tell the platform who we are. The same registration twice is one. Returns the record with its ``status``.

    Raises Conflict where no platform is configured (PLATFORM_URL), CallFailed, BreakerOpen.
    """
    if not settings.PLATFORM_URL:
        raise Conflict(_("No platform is configured (PLATFORM_URL); nothing was registered."))
    record = capability_record()
    answer = call(
        _platform(),
        method="POST",
        path=REGISTER_PATH,
        payload=record,
        success=ANY_STATUS,
        idempotency_key=f"{record['capability_id']}:{record['version']}",
        reads_answer=False,
    )
    cache.set(AGREED, record["version"], HOLDS_SECONDS)
    log.info("capability_registered", status=answer.status, version=record["version"])
    return {"status": answer.status, **record}


def capability_keep_registered() -> bool:
    """Register where that is due; a platform that is away is tried again at the next time. Returns whether it was done."""
    if not settings.PLATFORM_URL or cache.get(AGREED) == settings.SPECTACULAR_SETTINGS["VERSION"]:
        return False
    try:
        capability_register()
    except CallFailed as failure:
        log.warning("capability_not_registered", outcome=failure.outcome, text=failure.text[:300])
        return False
    except BreakerOpen:
        return False
    return True


def dependencies_check(*, actor: Actor) -> list[Dependency]:
    """Ask each of the tenant's twelve neighbours whether it is there and knows our contracts. Makes up to 24 calls."""
    actor.require(permissions.INTEGRATIONS_READ)
    targets = {target.neighbour_key: target for target in Target.objects.all()}
    return [_dependency(neighbour.key, targets.get(neighbour.key)) for neighbour in neighbours()]


def _dependency(key: str, target: Target | None) -> Dependency:
    if target is None:
        return Dependency(key, "not_configured", "unknown")
    if not target.is_enabled:
        return Dependency(key, "off", "unknown")
    endpoint = target.endpoint(private_allowed=settings.INTEGRATIONS_ALLOW_PRIVATE)
    try:
        call(endpoint, method="GET", path=HEALTH_PATH, success=ANY_STATUS, seconds=TRY_SECONDS, reads_answer=False)
    except CallFailed as failure:
        return Dependency(key, "unreachable", "unknown", f"{Outcome(failure.outcome).label}: {failure.text[:200]}")
    except BreakerOpen as waiting:
        return Dependency(key, "unreachable", "unknown", _("Failed too often; next try in %d s.") % waiting.seconds)
    fit, message = _fit(key, endpoint)
    return Dependency(key, "reachable", fit, message)


def _fit(key: str, endpoint: Endpoint) -> tuple[Fit, str]:
    """Compare the versions of our contracts with what the other side says it takes."""
    try:
        answer = call(endpoint, method="GET", path=CONTRACTS_PATH, success=ANY_STATUS, seconds=TRY_SECONDS)
    except (CallFailed, BreakerOpen):
        return "unknown", ""
    taken = _versions(answer)
    wrong = [
        f"{entry.key}/{entry.version}"
        for entry in contracts_of(key)
        if entry.key in taken and entry.version not in taken[entry.key]
    ]
    known = [entry for entry in contracts_of(key) if entry.key in taken]
    if wrong:
        return "incompatible", _("It does not take %(contracts)s.") % {"contracts": ", ".join(wrong)}
    return ("compatible", "") if known else ("unknown", "")


def _versions(answer: CallAnswer) -> dict[str, list[Any]]:
    listed = answer.body.get("contracts") if isinstance(answer.body, dict) else None
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return {
        str(row.get("key")): row["versions"] if isinstance(row.get("versions"), list) else [row.get("version")]
        for row in rows
    }


def _platform() -> Endpoint:
    """The platform is the installation's own neighbour: its operator has named it, so it may be inside the network."""
    return Endpoint(
        neighbour="platform",
        base_url=settings.PLATFORM_URL.rstrip("/"),
        tenant_id=uuid.UUID(int=0),
        token=settings.PLATFORM_TOKEN,
        allow_private=True,
    )
