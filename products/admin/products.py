"""The item master."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import (
    HistoryPart,
    ReadOnlyInline,
    RecordAdmin,
    RecordForm,
    Step,
    StepForm,
    StepsMixin,
    WordsField,
    badge,
    moment,
    name_choices,
    on_page,
    plain_number,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options
from products import permissions
from products.choices import EDITABLE_STATES, LifecyclePhase, RevisionState
from products.models import BomLine, Product, ProductRevision
from products.services import product_create, product_delete, product_lifecycle_change, product_update, revision_create
from products.units import unit_choices

NEW_REVISION = "new-revision"
PHASE_STEPS = {str(phase): _("Move to: %s") % phase.label for phase in LifecyclePhase}

name_choices(Product, str)


class ProductForm(RecordForm):
    """A product's own fields. Number, phase and revision have ways of their own."""

    unit_of_measure = forms.ChoiceField(label=_("Unit"), choices=unit_choices, initial="each")
    tags = WordsField(label=_("Tags"), help_text=_("Several are separated by commas."), max_length=2600)

    class Meta:
        model = Product
        exclude: ClassVar = ["tenant"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("target_cost", "current_cost", "mass_kg"):
            if name in self.fields:
                self.initial[name] = plain(getattr(self.instance, name))


class RevisionInline(ReadOnlyInline):
    """The revisions of a product, newest first."""

    model = ProductRevision
    needs: ClassVar = {"view": permissions.PRODUCTS_READ}
    fields = ("revision_link", "state_badge", "line_count", "effective_from", "effective_to", "released")
    readonly_fields = fields
    verbose_name_plural = _("revisions")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the lines in the same query."""
        live = Count("lines", filter=Q(lines__is_deleted=False))
        rows = super().get_queryset(request).select_related("product", "released_by")
        return rows.annotate(live_lines=live).order_by("-sequence")

    @admin.display(description=_("revision"))
    def revision_link(self, obj: ProductRevision) -> str:
        """The label, leading to the revision."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:products_productrevision_change", args=[obj.pk]), obj.label
        )

    @admin.display(description=_("state"))
    def state_badge(self, obj: ProductRevision) -> str:
        """The state."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("lines"))
    def line_count(self, obj: Any) -> int:
        """How many lines its bill of materials has."""
        return int(obj.live_lines)

    @admin.display(description=_("released"))
    def released(self, obj: ProductRevision) -> str:
        """When and by whom."""
        return f"{moment(obj.released_at)} · {obj.released_by}" if obj.released_at else "–"


@admin.register(Product)
class ProductAdmin(StepsMixin, RecordAdmin):
    """Products with their revisions, lifecycle steps and history."""

    needs: ClassVar = {
        "view": permissions.PRODUCTS_READ,
        "add": permissions.PRODUCTS_CREATE,
        "change": permissions.PRODUCTS_UPDATE,
        "delete": permissions.PRODUCTS_DELETE,
    }
    form = ProductForm
    inlines = (RevisionInline,)
    list_display = ("product_number", "product_name", "product_type", "phase", "revision", "unit_of_measure", "cost")
    list_filter = ("lifecycle_phase", "product_type", "status")
    search_fields = ("product_number", "product_name")
    search_help_text = _("Number or name")
    ordering = ("product_number",)
    autocomplete_fields = ("replaced_by",)
    change_list_template = "admin/plm/product_list.html"
    readonly_fields = ("product_number", "phase", "revision", "manufacturing_status", "digital_twin_id", "audit_created",
                       "audit_changed")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The number is given once."""
        return [name for name in self.readonly_fields if obj is not None or name != "product_number"]

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """What is asked for a new product, and what a stored one shows."""
        own: list[Any] = ["product_name", "product_type", "unit_of_measure", "product_description"]
        costs = ("target_cost", "current_cost", "mass_kg")
        more = ["tags", "custom_attributes"]
        if obj is None:
            return [(None, {"fields": ["product_number", *own, costs, *more]})]
        return [
            (_("State"), {"fields": [("product_number", "phase", "revision")]}),
            (_("Product"), {"fields": [*own, "status", costs, *more, "replaced_by"]}),
            (_("Elsewhere"), {"fields": [("manufacturing_status", "digital_twin_id")]}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    # --- list ----------------------------------------------------------------------------------------------------------
    @admin.display(description=_("lifecycle phase"), ordering="lifecycle_phase")
    def phase(self, obj: Product) -> str:
        """The phase."""
        return badge(obj.lifecycle_phase, obj.get_lifecycle_phase_display())

    @admin.display(description=_("own cost"), ordering="current_cost")
    def cost(self, obj: Product) -> str:
        """The product's own cost."""
        return plain_number(obj.current_cost)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Offer the import beside the list."""
        may_import = request.actor.may(permissions.PRODUCTS_IMPORT)  # type: ignore[attr-defined]
        address = on_page("products:product-import") if may_import else ""
        return super().changelist_view(request, {"import_address": address, **(extra_context or {})})

    # --- one product ---------------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> Any:
        """The tenant's live products; one product's page also names the people and the replacement."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is not None and match.url_name == "products_product_change":
            return rows.select_related("replaced_by", "created_by", "updated_by")
        return rows

    def page_links(self, request: HttpRequest, obj: Product) -> list[tuple[str, str]]:
        """Where the structure is looked at."""
        return [
            (_now("Product page"), on_page("products:product-detail", obj.pk)),
            (_now("Explosion"), on_page("products:product-explosion", obj.pk)),
            (_now("Where-used"), on_page("products:product-where-used", obj.pk)),
        ]

    def history_parts(self, obj: Product) -> list[HistoryPart]:
        """The product's own history, and its revisions' and their lines'."""
        revisions = ProductRevision.all_objects.filter(product_id=obj.pk).order_by().values("pk")
        return [
            HistoryPart(_now("Product"), Product.history.filter(id=obj.pk)),
            HistoryPart(_now("Revision"), ProductRevision.history.filter(product_id=obj.pk)),
            HistoryPart(_now("Line"), BomLine.history.filter(parent_revision_id__in=revisions)),
        ]

    def create_record(self, actor: Actor, form: Any) -> Product:
        """By the service."""
        return product_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Product, form: Any) -> Product:
        """By the service."""
        return product_update(
            actor=actor,
            product_id=obj.pk,
            changes=form.service_data(only_changed=True),
            expected_version=form.version_seen,
            reason=form.why,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        product_delete(actor=actor, product_id=obj.pk, reason=reason, expected_version=expected_version)

    def steps(self, request: HttpRequest, obj: Product) -> list[Step]:
        """The next revision, then the phases."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        options = transition_options(obj, "lifecycle_phase", actor)
        grave = (LifecyclePhase.OBSOLETE, LifecyclePhase.DISCONTINUED)
        return [_revision_step(obj, actor), *steps_from_options(options, PHASE_STEPS, grave=grave)]

    def take_step(self, actor: Actor, obj: Product, name: str, data: dict[str, Any]) -> str | None:
        """By the service of the step."""
        if name == NEW_REVISION:
            revision = revision_create(actor=actor, product_id=obj.pk, description=data["reason"])
            return _now("Revision %(label)s is in work.") % {"label": revision.label}
        product_lifecycle_change(
            actor=actor, product_id=obj.pk, to=name, reason=data["reason"], expected_version=data["expected_version"]
        )
        return None


def _revision_step(product: Product, actor: Actor) -> Step:
    """Making the next revision: what the service would refuse is said beforehand."""
    why: tuple[str, ...] = ()
    if not actor.may(permissions.REVISIONS_CREATE):
        why = (_now("You need the permission %s for this.") % permissions.REVISIONS_CREATE,)
    else:
        states = (*EDITABLE_STATES, RevisionState.IN_REVIEW)
        label = product.revisions.filter(state__in=states).values_list("label", flat=True).first()
        if label:
            why = (_now("Revision %s is in work already.") % label,)
    return Step(
        NEW_REVISION,
        _now("New revision"),
        why,
        form_class=NewRevisionForm,
        reason_label=_now("What is going to change?"),
    )


class NewRevisionForm(StepForm):
    """What the next revision is for."""
