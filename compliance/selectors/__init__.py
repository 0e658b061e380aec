"""Reads of the compliance context."""

from compliance.selectors.applicability import (
    applicable_regulations,
    markets_of,
    reaches,
    regulation_list,
    regulations_in_force,
)
from compliance.selectors.evidence import evidence_ending, evidence_list
from compliance.selectors.history import RecordHistoryEntry, record_history
from compliance.selectors.matrix import Cell, MatrixFilter, MatrixRow, matrix_products, matrix_rows, status_counts
from compliance.selectors.records import (
    RecordFilter,
    current_records,
    product_references,
    record_get,
    record_list,
    regulation_get,
)
from compliance.selectors.structure import (
    Cause,
    StructureStatus,
    findings_of,
    structure_statuses,
)

__all__ = [
    "Cause",
    "Cell",
    "MatrixFilter",
    "MatrixRow",
    "RecordFilter",
    "RecordHistoryEntry",
    "StructureStatus",
    "applicable_regulations",
    "current_records",
    "evidence_ending",
    "evidence_list",
    "findings_of",
    "markets_of",
    "matrix_products",
    "matrix_rows",
    "product_references",
    "reaches",
    "record_get",
    "record_history",
    "record_list",
    "regulation_get",
    "regulation_list",
    "regulations_in_force",
    "status_counts",
    "structure_statuses",
]
