"""One file an aggregate: products with revisions and lines, documents with revisions, versions and links."""

from products.models.bom_line import BomLine
from products.models.document import Document
from products.models.document_link import DocumentLink
from products.models.document_revision import DocumentRevision
from products.models.document_version import DocumentVersion, ModelPreparation
from products.models.product import Product
from products.models.revision import ProductRevision

__all__ = [
    "BomLine",
    "Document",
    "DocumentLink",
    "DocumentRevision",
    "DocumentVersion",
    "ModelPreparation",
    "Product",
    "ProductRevision",
]
