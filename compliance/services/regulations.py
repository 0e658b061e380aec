"""Regulations: create, change, delete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import ComplianceStatus
from compliance.exceptions import RegulationInUse
from compliance.models import ComplianceRecord, Regulation
from compliance.services.starting import records_start
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.locks import Lock, take
from products.services.inputs import apply, clean

CHANGEABLE = frozenset(
    {
        "code",
        "title",
        "edition",
        "description",
        "link",
        "effective_from",
        "effective_to",
        "product_types",
        "markets",
        "is_binding",
    }
)
# What decides whom it reaches.
SCOPE = frozenset({"effective_from", "effective_to", "product_types", "markets"})


@transaction.atomic
def regulation_create(*, actor: Actor, data: Mapping[str, Any]) -> Regulation:
    """Enter a regulation; tracking starts at once for every product that it reaches, in sets.

    Raises ValidationFailed by field, and Conflict when there is this version already.
    """
    actor.require(permissions.REGULATIONS_MANAGE)
    take(Lock.COMPLIANCE, actor.tenant_id)
    refused = sorted(set(data) - CHANGEABLE)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be set."), details={name: [_("Cannot be set.")] for name in refused}
        )
    regulation = Regulation(tenant_id=actor.tenant_id, **data)
    _tidy(regulation)
    clean(regulation)
    _refuse_second(regulation)
    regulation.save_as(actor, reason=_("entered"))
    _start(actor, regulation)
    return regulation


@transaction.atomic
def regulation_update(
    *,
    actor: Actor,
    regulation_id: uuid.UUID,
    changes: Mapping[str, Any],
    reason: str = "",
    expected_version: int | None = None,
) -> Regulation:
    """Change a regulation. When its scope changes, tracking starts for whom it reaches now; records of products that it
    does not reach any more stay, and read as not applicable. Raises as ``regulation_create``, NotFound, PreconditionFailed.
    """
    actor.require(permissions.REGULATIONS_MANAGE)
    regulation = _locked(actor, regulation_id)
    regulation.expect_version(expected_version)
    differences = apply(regulation, changes, allowed=CHANGEABLE)
    if not differences:
        return regulation
    _tidy(regulation)
    clean(regulation)
    _refuse_second(regulation)
    text = reason or _("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))}
    regulation.save_as(actor, reason=text)
    if SCOPE & set(differences):
        _start(actor, regulation)
    return regulation


@transaction.atomic
def regulation_delete(
    *, actor: Actor, regulation_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Regulation:
    """Take a regulation out of sight, under which nothing was assessed yet. Raises RegulationInUse otherwise."""
    actor.require(permissions.REGULATIONS_MANAGE)
    regulation = _locked(actor, regulation_id)
    regulation.expect_version(expected_version)
    if ComplianceRecord.objects.filter(regulation=regulation).exclude(status=ComplianceStatus.NOT_ASSESSED).exists():
        raise RegulationInUse(regulation.code)
    return regulation.soft_delete_as(actor, reason=reason or _("deleted"))


def _locked(actor: Actor, regulation_id: uuid.UUID) -> Regulation:
    take(Lock.COMPLIANCE, actor.tenant_id)
    regulation = Regulation.objects.select_for_update().filter(pk=regulation_id).first()
    if regulation is None:
        raise NotFound(_("There is no such regulation."))
    return regulation


def _tidy(regulation: Regulation) -> None:
    """Codes of markets are written in capitals, each list without repeats."""
    if isinstance(regulation.markets, list) and all(isinstance(code, str) for code in regulation.markets):
        regulation.markets = list(dict.fromkeys(code.strip().upper() for code in regulation.markets))
    regulation.code, regulation.edition = regulation.code.strip(), regulation.edition.strip()


def _refuse_second(regulation: Regulation) -> None:
    same = Regulation.objects.filter(code__iexact=regulation.code, edition__iexact=regulation.edition)
    if same.exclude(pk=regulation.pk).exists():
        message = _("There is %(regulation)s already. Give this one another version.") % {"regulation": regulation}
        raise Conflict(message, details={"code": [message]})


def _start(actor: Actor, regulation: Regulation) -> None:
    if regulation.holds_on(clock.today()):
        system = Actor.system(actor.tenant_id, actor.label, request_id=actor.request_id)
        records_start(actor=system, regulations=[regulation])
