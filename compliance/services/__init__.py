"""Writes of the compliance context. Each: permission → lock → guard → change → history → event, in one transaction."""

from compliance.services.assessing import record_move, records_expire
from compliance.services.evidence import evidence_add, evidence_remove
from compliance.services.markets import product_markets_set
from compliance.services.regulations import regulation_create, regulation_delete, regulation_update
from compliance.services.starting import records_start

__all__ = [
    "evidence_add",
    "evidence_remove",
    "product_markets_set",
    "record_move",
    "records_expire",
    "records_start",
    "regulation_create",
    "regulation_delete",
    "regulation_update",
]
