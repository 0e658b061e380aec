"""Products, options, documents and where parts come from: one file an aggregate."""

from products.models.alternate import Alternate
from products.models.baseline import Baseline, BaselineItem, BaselineLine
from products.models.bom_line import BomLine
from products.models.configuration import Configuration
from products.models.document import Document
from products.models.document_link import DocumentLink
from products.models.document_revision import DocumentRevision
from products.models.document_version import DocumentVersion, ModelPreparation
from products.models.offers import ExchangeRate, PriceBreak, SupplierOffer
from products.models.options import OptionChoice, OptionFamily, OptionRule, ProductOption
from products.models.partners import Manufacturer, Supplier
from products.models.policy import ProductPolicy
from products.models.product import Product
from products.models.revision import ProductRevision
from products.models.sources import ApprovedSource, ManufacturerPart
from products.models.substitute import LineSubstitute

__all__ = [
    "Alternate",
    "ApprovedSource",
    "Baseline",
    "BaselineItem",
    "BaselineLine",
    "BomLine",
    "Configuration",
    "Document",
    "DocumentLink",
    "DocumentRevision",
    "DocumentVersion",
    "ExchangeRate",
    "LineSubstitute",
    "Manufacturer",
    "ManufacturerPart",
    "ModelPreparation",
    "OptionChoice",
    "OptionFamily",
    "OptionRule",
    "PriceBreak",
    "Product",
    "ProductOption",
    "ProductPolicy",
    "ProductRevision",
    "Supplier",
    "SupplierOffer",
]
