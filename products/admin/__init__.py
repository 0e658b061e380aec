"""Products, revisions, BOM lines, documents and sourcing for PLM managers. A door: every write goes through the services."""

from products.admin.baselines import BaselineAdmin
from products.admin.documents import DocumentAdmin, DocumentRevisionAdmin
from products.admin.lines import BomLineAdmin
from products.admin.products import ProductAdmin
from products.admin.revisions import ProductRevisionAdmin
from products.admin.sourcing import (
    ApprovedSourceAdmin,
    ExchangeRateAdmin,
    ManufacturerAdmin,
    ManufacturerPartAdmin,
    SupplierAdmin,
    SupplierOfferAdmin,
)

__all__ = [
    "ApprovedSourceAdmin",
    "BaselineAdmin",
    "BomLineAdmin",
    "DocumentAdmin",
    "DocumentRevisionAdmin",
    "ExchangeRateAdmin",
    "ManufacturerAdmin",
    "ManufacturerPartAdmin",
    "ProductAdmin",
    "ProductRevisionAdmin",
    "SupplierAdmin",
    "SupplierOfferAdmin",
]
