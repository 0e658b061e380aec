"""Fields that the rows of lines and of substitutes share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.admin import WordsField
from products.importing.designators import designators_written
from products.units import unit_choices


def units_or_own() -> list[tuple[Any, Any]]:
    """Return the units; empty is the part's own."""
    return [("", _("as the part")), *unit_choices()]


class DesignatorsField(WordsField):
    """Designators, shown with their ranges."""

    def prepare_value(self, value: Any) -> Any:
        """Show the list as text."""
        return designators_written(value) if isinstance(value, (list, tuple)) else value
