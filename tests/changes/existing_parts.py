"""What the tests of dispositions share."""

from __future__ import annotations

from typing import Any

from changes.models import AffectedProduct, Disposition, EngineeringChange
from changes.services import disposition_add
from plm_project.core.actor import Actor


def affected_of(change: EngineeringChange) -> AffectedProduct:
    found: AffectedProduct = change.affected.get()
    return found


def add(actor: Actor, change: EngineeringChange, **values: Any) -> Disposition:
    given = {"place": "stock", "action": "scrap", **values}
    return disposition_add(actor=actor, change_id=change.pk, affected_id=affected_of(change).pk, values=given)
