"""Product, ProductRevision, BomLine, and where parts come from: one file an aggregate."""

from products.models.bom_line import BomLine
from products.models.offers import ExchangeRate, PriceBreak, SupplierOffer
from products.models.partners import Manufacturer, Supplier
from products.models.product import Product
from products.models.revision import ProductRevision
from products.models.sources import ApprovedSource, ManufacturerPart

__all__ = [
    "ApprovedSource",
    "BomLine",
    "ExchangeRate",
    "Manufacturer",
    "ManufacturerPart",
    "PriceBreak",
    "Product",
    "ProductRevision",
    "Supplier",
    "SupplierOffer",
]
