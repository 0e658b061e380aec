"""What a session can be about, found by the numbers that people type."""

from __future__ import annotations

from django.utils.translation import gettext as _

from changes.models import EngineeringChange
from plm_project.core.exceptions import ValidationFailed
from products.models import Product


def product_numbered(number: str, *, field: str) -> Product:
    """Return a product by its number, whatever its case; raise ValidationFailed naming ``field``."""
    found: Product | None = Product.objects.filter(product_number__iexact=number).order_by("id").first()
    if found is None:
        raise ValidationFailed.field(field, _("There is no product %(number)s.") % {"number": number})
    return found


def change_numbered(number: str, *, field: str) -> EngineeringChange:
    """Return a change by its number, whatever its case; raise ValidationFailed naming ``field``."""
    found: EngineeringChange | None = EngineeringChange.objects.filter(change_number__iexact=number).first()
    if found is None:
        raise ValidationFailed.field(field, _("There is no change %(number)s.") % {"number": number})
    return found
