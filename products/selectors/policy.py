"""What the running tenant has decided about its products."""

from __future__ import annotations

from products.choices import RevisionScheme
from products.models import ProductPolicy
from products.revision_labels import label_of


def revision_scheme() -> str:
    """Return how the tenant calls its revisions. One query."""
    found = ProductPolicy.objects.values_list("revision_scheme", flat=True).first()
    return found or RevisionScheme.LETTERS


def first_label() -> str:
    """Return what the tenant calls a first revision. One query."""
    return label_of(1, revision_scheme())
