"""How many units an order is for."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from products.forms.base import PlmForm, decimal_field

ONE = Decimal(1)


class OrderForm(PlmForm):
    """The number of units."""

    units = decimal_field(_("Units"), places=6, min_value=Decimal("0.000001"), required=False)

    def quantity(self) -> Decimal:
        """Return the units asked for; one where none or nonsense is asked for, which the form then shows."""
        self.is_valid()
        return self.cleaned_data.get("units") or ONE
