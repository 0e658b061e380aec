"""Products, revisions, BOM lines and documents for PLM managers. A door: every write goes through the services."""

from products.admin.documents import DocumentAdmin, DocumentRevisionAdmin
from products.admin.lines import BomLineAdmin
from products.admin.products import ProductAdmin
from products.admin.revisions import ProductRevisionAdmin

__all__ = ["BomLineAdmin", "DocumentAdmin", "DocumentRevisionAdmin", "ProductAdmin", "ProductRevisionAdmin"]
