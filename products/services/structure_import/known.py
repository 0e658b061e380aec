"""What the database knows of the numbers in a file: products, the revision to edit, its lines. Few queries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from plm_project.tenancy.bulk import records_read
from plm_project.tenancy.id_sets import in_ids, in_texts
from products.models import BomLine, LineSubstitute, Product, ProductRevision


@dataclass
class Known:
    """``revisions``: the latest of each product. ``lines``: the live lines of the revisions that get some.
    ``substitutes``: those of these lines, where the file names any."""

    products: dict[str, Product] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    revisions: dict[uuid.UUID, ProductRevision] = field(default_factory=dict)
    lines: dict[uuid.UUID, list[BomLine]] = field(default_factory=dict)
    substitutes: dict[uuid.UUID, list[LineSubstitute]] = field(default_factory=dict)


# What a line has to know of the product it points to. Whole products take three times as long to read.
NAMED = ("id", "tenant_id", "product_number", "unit_of_measure", "lifecycle_phase", "is_deleted")


def known_load(
    numbers: Iterable[str], parents: Iterable[str], *, whole: Iterable[str] = (), with_substitutes: bool = False
) -> Known:
    """Read what is known of ``numbers``, and revisions with lines of ``parents``.

    Products of ``whole`` and ``parents`` are read with all their fields, the others with those of ``NAMED``.
    """
    known = Known()
    completely = {*whole, *parents}
    described = Product.all_objects.filter(in_texts("product_number", completely))
    named = Product.all_objects.filter(in_texts("product_number", set(numbers) - completely))
    for product in chain(described, records_read(named, *NAMED)):
        if product.is_deleted:
            known.deleted.add(product.product_number)
        else:
            known.products[product.product_number] = product
    parent_ids = [known.products[number].pk for number in set(parents) if number in known.products]
    for revision in ProductRevision.objects.filter(in_ids("product_id", parent_ids)).order_by("sequence"):
        known.revisions[revision.product_id] = revision
    by_id = {product.pk: product for product in known.products.values()}
    for product_id, revision in known.revisions.items():
        revision.product = by_id[product_id]
    revision_ids = {revision.pk: revision for revision in known.revisions.values()}
    for line in BomLine.objects.filter(in_ids("parent_revision_id", revision_ids)).select_related("child"):
        line.parent_revision = revision_ids[line.parent_revision_id]
        known.lines.setdefault(line.parent_revision_id, []).append(line)
    if with_substitutes:
        lines = {line.pk: line for rows in known.lines.values() for line in rows}
        for row in LineSubstitute.objects.filter(in_ids("line_id", lines)):
            row.line = lines[row.line_id]
            known.substitutes.setdefault(row.line_id, []).append(row)
    return known
