"""Product, ProductRevision, BomLine: one file an aggregate."""

from products.models.bom_line import BomLine
from products.models.product import Product
from products.models.revision import ProductRevision

__all__ = ["BomLine", "Product", "ProductRevision"]
