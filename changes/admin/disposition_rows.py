"""What happens to existing parts, to look at; it is planned and completed on the change's own page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.models import Disposition
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import ReadOnlyInline, badge


class DispositionInline(ReadOnlyInline):
    """One row for each part and place."""

    model = Disposition
    fk_name = "change"
    needs: ClassVar = {"view": permissions.CHANGES_READ}
    fields = ("part", "of", "place", "action", "amount", "planned_cost", "person", "due_on", "state")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """With all that a row names."""
        return super().get_queryset(request).select_related("product", "affected__product", "owner")

    @admin.display(description=_("part"))
    def part(self, obj: Disposition) -> str:
        """Which part."""
        return str(obj.product.product_number)

    @admin.display(description=_("affected product"))
    def of(self, obj: Disposition) -> str:
        """Which change of a product it comes from."""
        return str(obj.affected.product.product_number)

    @admin.display(description=_("quantity"))
    def amount(self, obj: Disposition) -> str:
        """How many, in the part's unit."""
        return "–" if obj.quantity is None else f"{plain(obj.quantity)} {obj.product.unit_of_measure}"

    @admin.display(description=_("cost"))
    def planned_cost(self, obj: Disposition) -> str:
        """What it is planned to cost."""
        return "–" if obj.cost is None else plain(obj.cost)

    @admin.display(description=_("owner"))
    def person(self, obj: Disposition) -> str:
        """Who does it."""
        return str(obj.owner or "–")

    @admin.display(description=_("state"))
    def state(self, obj: Disposition) -> str:
        """Whether it is done."""
        return badge("done", _now("done")) if obj.is_done else badge("open", _now("open"))
