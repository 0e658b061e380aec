"""Rows under lock, or NotFound. The order is always structure lock (where one is needed)
→ product → revision → line, so nobody waits in a circle."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from products.exceptions import RevisionFrozen, RevisionResting
from products.models import BomLine, Product, ProductRevision


def product_locked(product_id: uuid.UUID) -> Product:
    """Return the product, locked to the end of the transaction."""
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    return product


def revision_locked(revision_id: uuid.UUID) -> ProductRevision:
    """Return the revision with its product, both locked."""
    known = ProductRevision.objects.filter(pk=revision_id).values_list("product_id", flat=True).first()
    if known is None:
        raise NotFound(_("There is no such revision."))
    product = product_locked(known)
    revision = ProductRevision.objects.select_for_update().get(pk=revision_id)
    revision.product = product
    return revision


def revision_editable(revision_id: uuid.UUID) -> ProductRevision:
    """Return the revision, locked, if its lines may be edited; raise RevisionFrozen or RevisionResting if not."""
    revision = revision_locked(revision_id)
    if revision.is_frozen:
        raise RevisionFrozen(revision.product.product_number, revision.label)
    if not revision.is_editable:
        raise RevisionResting(revision.product.product_number, revision.label)
    return revision


def line_locked(line_id: uuid.UUID) -> BomLine:
    """Return a live line, locked, with its revision and product locked and the revision editable."""
    revision_id = BomLine.objects.filter(pk=line_id).values_list("parent_revision_id", flat=True).first()
    if revision_id is None:
        raise NotFound(_("There is no such BOM line."))
    revision = revision_editable(revision_id)
    line = BomLine.objects.select_related("child").select_for_update(of=("self",)).filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("There is no such BOM line."))
    line.parent_revision = revision
    return line
