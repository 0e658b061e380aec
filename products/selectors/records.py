"""One record by its id, or NotFound: the same answer for what does not exist, is deleted or is another tenant's."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.choices import RevisionState
from products.models import BomLine, Product, ProductRevision


def product_get(product_id: uuid.UUID) -> Product:
    """Return a live product."""
    product = Product.objects.select_related("replaced_by").filter(pk=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    return product


def revision_get(revision_id: uuid.UUID) -> ProductRevision:
    """Return a live revision of a live product, with the product."""
    rows = ProductRevision.objects.select_related("product").filter(product__is_deleted=False)
    revision = rows.filter(pk=revision_id).first()
    if revision is None:
        raise NotFound(_("There is no such revision."))
    return revision


def line_get(line_id: uuid.UUID) -> BomLine:
    """Return a live BOM line with its child, revision and parent product."""
    rows = BomLine.objects.select_related("child", "parent_revision__product")
    line = rows.filter(
        pk=line_id, parent_revision__is_deleted=False, parent_revision__product__is_deleted=False
    ).first()
    if line is None:
        raise NotFound(_("There is no such BOM line."))
    return line


def released_revision(product_id: uuid.UUID) -> tuple[ProductRevision, str | None, list[BomLine]]:
    """Return a product's released revision, the label of the one it followed, and its lines with their children.

    Raises NotFound for a product without a released revision.
    """
    rows = ProductRevision.objects.select_related("product").filter(product_id=product_id)
    revision = rows.filter(state=RevisionState.RELEASED).first()
    if revision is None:
        raise NotFound(_("This product has no released revision."))
    earlier = rows.filter(sequence__lt=revision.sequence, released_at__isnull=False).order_by("-sequence")
    before = earlier.values_list("label", flat=True).first()
    lines = revision.lines.select_related("child").order_by("find_number", "id")
    return revision, before, list(lines)


def current_bom(product: Product) -> tuple[ProductRevision | None, list[BomLine]]:
    """Return the revision that counts now (the released one, else the latest) with its lines by find number."""
    revisions = product.revisions.order_by("-sequence")
    revision = revisions.filter(state=RevisionState.RELEASED).first() or revisions.first()
    if revision is None:
        return None, []
    return revision, list(revision.lines.order_by("find_number", "id"))
