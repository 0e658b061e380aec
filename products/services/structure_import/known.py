"""What the database knows of the numbers in a file: products, the revision to edit, its lines. Few queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from plm_project.tenancy.references import CHUNK
from products.models import BomLine, LineSubstitute, Product, ProductRevision
from products.selectors.id_sets import in_ids


@dataclass
class Known:
    """``revisions``: the latest of each product. ``lines``: the live lines of the revisions that get some.
    ``substitutes``: those of these lines, where the file names any."""

    products: dict[str, Product] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    revisions: dict[uuid.UUID, ProductRevision] = field(default_factory=dict)
    lines: dict[uuid.UUID, list[BomLine]] = field(default_factory=dict)
    substitutes: dict[uuid.UUID, list[LineSubstitute]] = field(default_factory=dict)


def known_load(numbers: Iterable[str], parents: Iterable[str], *, with_substitutes: bool = False) -> Known:
    """Read what is known of ``numbers``, and revisions with lines of ``parents``."""
    known = Known()
    for chunk in chunked(sorted(set(numbers))):
        for product in Product.all_objects.filter(product_number__in=chunk):
            if product.is_deleted:
                known.deleted.add(product.product_number)
            else:
                known.products[product.product_number] = product
    parent_ids = [known.products[number].pk for number in set(parents) if number in known.products]
    for chunk in chunked(parent_ids):
        for revision in ProductRevision.objects.filter(product_id__in=chunk).order_by("sequence"):
            known.revisions[revision.product_id] = revision
    by_id = {product.pk: product for product in known.products.values()}
    for product_id, revision in known.revisions.items():
        revision.product = by_id[product_id]
    revision_ids = {revision.pk: revision for revision in known.revisions.values()}
    for chunk in chunked(list(revision_ids)):
        for line in BomLine.objects.filter(parent_revision_id__in=chunk).select_related("child"):
            line.parent_revision = revision_ids[line.parent_revision_id]
            known.lines.setdefault(line.parent_revision_id, []).append(line)
    if with_substitutes:
        lines = {line.pk: line for rows in known.lines.values() for line in rows}
        for row in LineSubstitute.objects.filter(in_ids("line_id", lines)):
            row.line = lines[row.line_id]
            known.substitutes.setdefault(row.line_id, []).append(row)
    return known


def chunked(items: list[Any]) -> Iterator[list[Any]]:
    """Yield lists short enough for one IN."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
