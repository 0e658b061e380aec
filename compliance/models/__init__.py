"""Regulation, ProductMarkets, ComplianceRecord, Evidence: one file an aggregate."""

from compliance.models.evidence import Evidence
from compliance.models.markets import ProductMarkets
from compliance.models.record import ComplianceRecord
from compliance.models.regulation import Regulation

__all__ = ["ComplianceRecord", "Evidence", "ProductMarkets", "Regulation"]
