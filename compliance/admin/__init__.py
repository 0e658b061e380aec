"""The compliance records in the admin: every button goes through the same services."""

from compliance.admin.records import ComplianceRecordAdmin, EvidenceAdmin
from compliance.admin.scope import ProductMarketsAdmin, RegulationAdmin

__all__ = ["ComplianceRecordAdmin", "EvidenceAdmin", "ProductMarketsAdmin", "RegulationAdmin"]
