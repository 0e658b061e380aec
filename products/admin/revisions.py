"""Revisions with their bill of materials in place."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.tenancy.admin import (
    DatedStepForm,
    HistoryPart,
    RecordAdmin,
    RecordForm,
    Step,
    StepsMixin,
    badge,
    moment,
    name_choices,
    on_page,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options
from products import permissions
from products.admin.lines import LineInline
from products.choices import RevisionState
from products.forms.base import serials_field
from products.models import BomLine, ProductRevision
from products.services import revision_obsolete, revision_release, revision_return, revision_submit, revision_update

# More rows than this are edited in the list of lines, page by page: one form of all of them would be slow to load.
MOST_IN_PLACE = 200
# Superseded is what releasing the next one does; nobody does it by hand.
STEPS = {
    RevisionState.IN_REVIEW: _("Hand over for review"),
    RevisionState.IN_WORK: _("Return for rework"),
    RevisionState.RELEASED: _("Release"),
    RevisionState.OBSOLETE: _("Withdraw from use"),
}

name_choices(ProductRevision, str)


class RevisionForm(RecordForm):
    """What may be said of a revision before it is released."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
    serials = serials_field()

    class Meta:
        model = ProductRevision
        fields: ClassVar = ["description", "effective_from", "serials"]


@admin.register(ProductRevision)
class ProductRevisionAdmin(StepsMixin, RecordAdmin):
    """Revisions. A new one is made on the product's page; a released one only has steps and history."""

    needs: ClassVar = {"view": permissions.PRODUCTS_READ, "change": permissions.REVISIONS_CREATE}
    form = RevisionForm
    inlines = (LineInline,)
    actions = ()
    list_display = ("name", "product_name", "state_badge", "line_count", "effective_from", "effective_to", "released")
    list_filter = ("state",)
    linked = frozenset({"product__id__exact"})
    search_fields = ("product__product_number", "product__product_name")
    search_help_text = _("Number or name of the product")
    ordering = ("product__product_number", "-sequence")
    readonly_fields = (
        "product_link",
        "label",
        "state_badge",
        "released",
        "effective_to",
        "audit_created",
        "audit_changed",
    )
    fieldsets = (
        (_("State"), {"fields": [("product_link", "label", "state_badge"), ("released", "effective_to")]}),
        (_("Revision"), {"fields": ["description", "effective_from", "serials"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Live revisions of live products."""
        rows = super().get_queryset(request).filter(product__is_deleted=False)
        rows = rows.select_related("product", "released_by", "created_by", "updated_by")
        match = request.resolver_match
        if match is not None and match.url_name == "autocomplete":
            return rows
        return rows.annotate(live_lines=Count("lines", filter=Q(lines__is_deleted=False)))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not once it is released, and not while it is reviewed."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_editable)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Leave a long bill of materials to the list of lines."""
        if obj is not None and obj.live_lines > MOST_IN_PLACE:
            return []
        return list(super().get_inline_instances(request, obj))

    # --- list ----------------------------------------------------------------------------------------------------------
    @admin.display(description=_("revision"), ordering="product__product_number")
    def name(self, obj: ProductRevision) -> str:
        """Number and label."""
        return str(obj)

    @admin.display(description=_("product"), ordering="product__product_name")
    def product_name(self, obj: ProductRevision) -> str:
        """What the product is called."""
        return obj.product.product_name

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: ProductRevision) -> str:
        """The state."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("lines"))
    def line_count(self, obj: Any) -> int:
        """How many lines its bill of materials has."""
        return int(obj.live_lines)

    @admin.display(description=_("released"), ordering="released_at")
    def released(self, obj: ProductRevision) -> str:
        """When and by whom."""
        return f"{moment(obj.released_at)} · {obj.released_by or '–'}" if obj.released_at else "–"

    # --- one revision --------------------------------------------------------------------------------------------------
    @admin.display(description=_("product"))
    def product_link(self, obj: ProductRevision) -> str:
        """The product, leading to its page."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:products_product_change", args=[obj.product_id]), obj.product
        )

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """The list of its lines, and the structure's pages."""
        lines = reverse("admin:products_bomline_changelist")
        return [
            (_now("Lines as a list"), f"{lines}?parent_revision__id__exact={obj.pk}"),
            (_now("Product page"), on_page("products:product-detail", obj.product_id)),
        ]

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """Why the lines cannot be edited here."""
        found = []
        if obj.is_frozen:
            found.append(
                _now("This revision was released and never changes. An engineering change makes the next one.")
            )
        elif not obj.is_editable:
            found.append(_now("This revision is in review. Return it for rework to edit it."))
        if obj.live_lines > MOST_IN_PLACE:
            text = _now("It has %(count)s lines: they are edited one by one, under “Lines as a list”.")
            found.append(text % {"count": obj.live_lines})
        return found

    def history_parts(self, obj: ProductRevision) -> list[HistoryPart]:
        """The revision's own history and its lines'."""
        return [
            HistoryPart(_now("Revision"), ProductRevision.history.filter(id=obj.pk)),
            HistoryPart(_now("Line"), BomLine.history.filter(parent_revision_id=obj.pk)),
        ]

    def update_record(self, actor: Actor, obj: ProductRevision, form: Any) -> ProductRevision:
        """By the service. It checks the version seen also when only lines are edited: they count it up too."""
        return revision_update(
            actor=actor,
            revision_id=obj.pk,
            changes=form.service_data(only_changed=True),
            expected_version=form.version_seen,
        )

    def steps(self, request: HttpRequest, obj: ProductRevision) -> list[Step]:
        """Review, rework, release, withdraw."""
        options = transition_options(obj, "state", request.actor)  # type: ignore[attr-defined]
        return steps_from_options(
            options,
            {str(state): label for state, label in STEPS.items()},
            grave=(RevisionState.OBSOLETE,),
            forms_={RevisionState.RELEASED: DatedStepForm},
        )

    def take_step(self, actor: Actor, obj: ProductRevision, name: str, data: dict[str, Any]) -> None:
        """By the service of the step."""
        common: dict[str, Any] = {
            "actor": actor,
            "revision_id": obj.pk,
            "expected_version": data["expected_version"],
        }
        if name == RevisionState.IN_REVIEW:
            revision_submit(**common)
        elif name == RevisionState.IN_WORK:
            revision_return(**common, reason=data["reason"])
        elif name == RevisionState.RELEASED:
            reason = data["reason"] or _now("released")
            revision_release(**common, reason=reason, effective_from=data["effective_from"])
        else:
            revision_obsolete(**common, reason=data["reason"])
