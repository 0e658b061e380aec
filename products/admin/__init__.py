"""Products, revisions, BOM lines, options, documents and sourcing for PLM managers. A door: the services do every write."""

from products.admin.baselines import BaselineAdmin
from products.admin.documents import DocumentAdmin, DocumentRevisionAdmin
from products.admin.lines import BomLineAdmin
from products.admin.options import (
    ConfigurationAdmin,
    OptionChoiceAdmin,
    OptionFamilyAdmin,
    OptionRuleAdmin,
    ProductOptionAdmin,
)
from products.admin.policy import ProductPolicyAdmin
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
    "ConfigurationAdmin",
    "DocumentAdmin",
    "DocumentRevisionAdmin",
    "ExchangeRateAdmin",
    "ManufacturerAdmin",
    "ManufacturerPartAdmin",
    "OptionChoiceAdmin",
    "OptionFamilyAdmin",
    "OptionRuleAdmin",
    "ProductAdmin",
    "ProductOptionAdmin",
    "ProductPolicyAdmin",
    "ProductRevisionAdmin",
    "SupplierAdmin",
    "SupplierOfferAdmin",
]
