"""Which contracts there are. A new one is a module beside this and a line here."""

from __future__ import annotations

from django.utils.translation import gettext as _

from integrations.contracts import (
    as_built,
    assets,
    audit,
    costs,
    digital_twin,
    documents,
    federated,
    manufacturing_bom,
    notification,
    permission_check,
    purchasing,
    sessions,
    suggestion,
    webhook,
)
from integrations.contracts.base import Contract
from plm_project.core.exceptions import NotFound

_CONTRACTS: tuple[Contract, ...] = (
    manufacturing_bom.CONTRACT,
    digital_twin.CONTRACT,
    audit.CONTRACT,
    documents.CONTRACT,
    notification.CONTRACT,
    assets.CONTRACT,
    as_built.CONTRACT,
    sessions.CONTRACT,
    costs.PRODUCT_COST,
    costs.CHANGE_COST,
    purchasing.CONTRACT,
    permission_check.CONTRACT,
    suggestion.CONTRACT,
    federated.CONTRACT,
    webhook.CONTRACT,
)
_BY_KEY = {contract.key: contract for contract in _CONTRACTS}


def contracts() -> tuple[Contract, ...]:
    """Return every contract."""
    return _CONTRACTS


def contract(key: str) -> Contract:
    """Return one by its key; raise NotFound."""
    found = _BY_KEY.get(key)
    if found is None:
        raise NotFound(_("There is no such contract."))
    return found


def contracts_of(neighbour: str) -> tuple[Contract, ...]:
    """Return those with one neighbour."""
    return tuple(entry for entry in _CONTRACTS if entry.neighbour == neighbour)


def contracts_triggered_by(event_type: str) -> tuple[Contract, ...]:
    """Return those that an event of the type sets off."""
    return tuple(entry for entry in _CONTRACTS if event_type in entry.triggers)


def trigger_types() -> tuple[str, ...]:
    """Return every event type that sets a contract off."""
    return tuple(sorted({event_type for entry in _CONTRACTS for event_type in entry.triggers}))
