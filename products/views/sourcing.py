"""The sourcing tab of a product: its AML, its offers, what building it costs by quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.tenancy.states import TransitionOption, transition_options
from products import permissions
from products.choices import MissingPolicy, SourceStatus
from products.exceptions import StructureCycle
from products.forms.sourcing import (
    OfferForm,
    QuantitiesForm,
    RemoveForm,
    SourceAddForm,
    SourceEditForm,
    SourceStepForm,
    offer_values,
)
from products.models import ApprovedSource, Manufacturer, Product, Supplier, SupplierOffer
from products.selectors.alternates import alternates_of, other_of
from products.selectors.quantity_rollup import QuantityRollup, quantity_rollup
from products.selectors.records import product_get
from products.selectors.resolution import Resolution
from products.selectors.sourcing import (
    manufacturer_list,
    offer_get,
    offer_list,
    partner_named,
    source_get,
    source_list,
    supplier_list,
)
from products.services.approved_sources import source_add, source_remove, source_step, source_update
from products.services.partners import manufacturer_part_named
from products.services.supplier_offers import offer_create, offer_remove, offer_update
from products.views.base import ProductPage, ServicePage, actor_of, page_of

SHOWN = 200  # sources or offers of one product on the page
SUGGESTED = 500
MISSING_SHOWN = 20


@dataclass(frozen=True)
class SourceRow:
    """A source with the verdicts the signed-in person can give."""

    source: ApprovedSource
    options: list[TransitionOption]


class SourcingPage(ProductPage):
    """A page about a product's sourcing."""

    permission = permissions.SOURCING_READ
    tab = "sourcing"

    def get_success_url(self) -> str:
        """Back to the tab."""
        return sourcing_url(self.product)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the tab is."""
        return super().get_context_data(sourcing_url=sourcing_url(self.product), **kwargs)


def sourcing_url(product: Product) -> str:
    """Return the address of the tab."""
    return reverse("products:product-sourcing", args=[product.pk])


class ProductSourcingView(SourcingPage, TemplateView):
    """AML, offers, cost by quantity."""

    template_name = "products/sourcing/tab.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add all three, with what the signed-in person may do."""
        actor = actor_of(self.request)
        asked = self.request.GET.copy()
        asked.setdefault("quantities", "1, 10, 100, 1000")
        form = QuantitiesForm(asked)
        rollup, cycle = self._rollup(form)
        sources = [
            SourceRow(source, [o for o in transition_options(source, "status", actor) if o.possible])
            for source in source_list(self.product)[:SHOWN]
        ]
        return super().get_context_data(
            form=form,
            rollup=rollup,
            cycle=cycle,
            chart=chart_of(rollup) if rollup else None,
            lines=page_of(rollup.costs[0].lines, self.request) if rollup else None,
            missing_shown=rollup.missing[:MISSING_SHOWN] if rollup else (),
            missing_more=max(len(rollup.missing) - MISSING_SHOWN, 0) if rollup else 0,
            own_cost=form.policy() == MissingPolicy.OWN_COST,
            sources=sources,
            alternates=[(row, other_of(row, self.product)) for row in alternates_of(self.product)[:SHOWN]],
            may_edit_product=actor.may(permissions.PRODUCTS_UPDATE),
            offers=list(offer_list(self.product)[:SHOWN]),
            may_update=actor.may(permissions.SOURCING_UPDATE),
            **kwargs,
        )

    def _rollup(self, form: QuantitiesForm) -> tuple[QuantityRollup | None, StructureCycle | None]:
        quantities, as_of = form.wanted(), form.cleaned_data.get("as_of")
        try:
            return quantity_rollup(self.product, Resolution.of(None, as_of), quantities, policy=form.policy()), None
        except StructureCycle as cycle:
            return None, cycle


def chart_of(rollup: QuantityRollup) -> dict[str, Any]:
    """Return the cost of one unit over the build quantities, as the chart takes it."""
    return {
        "labels": [plain(cost.quantity) for cost in rollup.costs],
        "series": [{"name": _("Cost of one unit"), "values": [plain(cost.unit_cost) for cost in rollup.costs]}],
    }


class FormPage(SourcingPage, ServicePage):
    """A form of the sourcing tab: its heading, what its button says, and whether it takes something away."""

    template_name = "products/sourcing/form.html"
    panel_title: Any = ""
    submit_label: Any = ""
    danger = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three."""
        shared = {name: getattr(self, name) for name in ("panel_title", "submit_label", "danger")}
        return super().get_context_data(**{**shared, **kwargs})


class SourceAddView(FormPage):
    """A manufacturer part for the AML; one that is not on record is made."""

    permission = permissions.SOURCING_UPDATE
    form_class = SourceAddForm
    renamed_fields: ClassVar[dict[str, str]] = {"manufacturer_part_id": "mpn"}
    panel_title = gettext_lazy("Add a source")
    submit_label = gettext_lazy("Add source")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the suggestions."""
        makers = manufacturer_list(active=True).values_list("name", flat=True)[:SUGGESTED]
        return super().get_context_data(manufacturers=list(makers), **kwargs)

    def perform(self, form: SourceAddForm) -> ApprovedSource:
        """Add it."""
        given = dict(form.cleaned_data)
        maker = company_named(Manufacturer, given.pop("manufacturer"), "manufacturer")
        part = manufacturer_part_named(self.actor, maker, given.pop("mpn").strip())
        source = source_add(actor=self.actor, product_id=self.product.pk, manufacturer_part_id=part.pk, data=given)
        messages.success(self.request, _("%(part)s is on the list as a potential source.") % {"part": part})
        return source


def company_named(model: Any, text: str, field: str) -> Any:
    """Return the company that somebody typed; one that is not there is a fault of the field."""
    found = partner_named(model, text.strip())
    if found is None:
        raise ValidationFailed.field(field, _("There is no such company on record. Add it to the list first."))
    return found


class OneSourcePage(FormPage):
    """A page about the source in the address."""

    @cached_property
    def source(self) -> ApprovedSource:
        """The source; another tenant's is not found."""
        return source_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return product_get(self.source.product_id)

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.source.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        part = self.source.manufacturer_part
        return super().get_context_data(subject=f"{part.manufacturer.name} {part.mpn}", **kwargs)


class SourceEditView(OneSourcePage):
    """Validity and preference."""

    permission = permissions.SOURCING_UPDATE
    form_class = SourceEditForm
    panel_title = gettext_lazy("Edit source")
    submit_label = gettext_lazy("Save")

    def get_initial(self) -> dict[str, Any]:
        """Show the source as it stands."""
        names = ("is_preferred", "valid_from", "valid_to")
        return {**super().get_initial(), **{name: getattr(self.source, name) for name in names}}

    def perform(self, form: SourceEditForm) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        source_update(actor=self.actor, source_id=self.source.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Saved."))


class SourceStepView(OneSourcePage):
    """A verdict. The machine knows the permission it takes."""

    permission = permissions.SOURCING_READ
    form_class = SourceStepForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the verdict; one that does not exist is not found."""
        to = self.kwargs["to"]
        if to not in SourceStatus.values:
            raise NotFound(_("There is no such step."))
        label = SourceStatus(to).label
        title = _("Set to: %(status)s") % {"status": label}
        return super().get_context_data(
            panel_title=title, submit_label=label, danger=to == SourceStatus.DISQUALIFIED, **kwargs
        )

    def perform(self, form: SourceStepForm) -> None:
        """Take the step."""
        given = form.cleaned_data
        source_step(
            actor=self.actor,
            source_id=self.source.pk,
            to=self.kwargs["to"],
            reason=given["reason"],
            expected_version=given["expected_version"],
        )
        messages.success(self.request, _("Saved."))


class SourceRemoveView(OneSourcePage):
    """Take a source off the list, after a question."""

    permission = permissions.SOURCING_UPDATE
    form_class = RemoveForm
    panel_title = gettext_lazy("Remove source?")
    submit_label = gettext_lazy("Remove source")
    danger = True

    def perform(self, form: RemoveForm) -> None:
        """Remove it."""
        source_remove(actor=self.actor, source_id=self.source.pk, **form.cleaned_data)
        messages.success(self.request, _("The source is removed."))


class OfferAddView(FormPage):
    """What a supplier asks for one of the sources, or for the product itself."""

    permission = permissions.SOURCING_UPDATE
    template_name = "products/sourcing/offer_form.html"
    form_class = OfferForm
    renamed_fields: ClassVar[dict[str, str]] = {"supplier_id": "supplier", "manufacturer_part_id": "item"}
    panel_title = gettext_lazy("Add an offer")
    submit_label = gettext_lazy("Add offer")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the sources of the list, then the product itself."""
        parts = [(str(source.manufacturer_part_id), str(source.manufacturer_part)) for source in self._sources]
        return {**super().get_form_kwargs(), "items": [*parts, ("", _("The product itself"))]}

    def get_initial(self) -> dict[str, Any]:
        """Take the own currency, and the source that stands first on the list."""
        first = str(self._sources[0].manufacturer_part_id) if self._sources else ""
        return {"currency": self.request.tenant.currency, "item": first}  # type: ignore[attr-defined]

    def get_form(self, form_class: Any = None) -> Any:
        """The product itself is an answer too."""
        form = super().get_form(form_class)
        form.fields["item"].required = False
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the suggestions."""
        return super().get_context_data(suppliers=suggested_suppliers(), **kwargs)

    def perform(self, form: OfferForm) -> SupplierOffer:
        """Enter it."""
        part = form.cleaned_data["item"]
        subject = {"manufacturer_part_id": part} if part else {"product_id": self.product.pk}
        supplier = company_named(Supplier, form.cleaned_data["supplier"], "supplier")
        data = {**form.offer_data(), **subject, "supplier_id": supplier.pk}
        offer = offer_create(actor=self.actor, data=data, breaks=form.cleaned_data["breaks"])
        messages.success(self.request, _("The offer of %(supplier)s is entered.") % {"supplier": supplier.name})
        return offer

    @cached_property
    def _sources(self) -> list[ApprovedSource]:
        return list(source_list(self.product)[:SHOWN])


def suggested_suppliers() -> list[str]:
    """Return names for the picker."""
    return list(supplier_list(active=True).values_list("name", flat=True)[:SUGGESTED])


class OneOfferPage(FormPage):
    """A page about the offer in the address. One of a manufacturer part shows at the first product that lists it."""

    @cached_property
    def offer(self) -> SupplierOffer:
        """The offer; another tenant's is not found."""
        return offer_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """The product it belongs to on the way here."""
        if self.offer.product_id:
            return product_get(self.offer.product_id)
        rows = source_list().filter(manufacturer_part_id=self.offer.manufacturer_part_id)
        wanted = self.request.GET.get("product", "")
        for source in rows[:SHOWN]:
            if str(source.product_id) == wanted:
                return product_get(source.product_id)
        first = rows.first()
        if first is None:
            raise NotFound(_("No product lists this part any more."))
        return product_get(first.product_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        part = self.offer.manufacturer_part or self.product
        return super().get_context_data(subject=f"{self.offer.supplier.name}: {part}", **kwargs)


class OfferEditView(OneOfferPage):
    """An offer as it stands."""

    permission = permissions.SOURCING_UPDATE
    template_name = "products/sourcing/offer_form.html"
    form_class = OfferForm
    renamed_fields: ClassVar[dict[str, str]] = {"supplier_id": "supplier"}
    panel_title = gettext_lazy("Edit offer")
    submit_label = gettext_lazy("Save")

    def get_initial(self) -> dict[str, Any]:
        """Show it."""
        return offer_values(self.offer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the suggestions."""
        return super().get_context_data(suppliers=suggested_suppliers(), **kwargs)

    def perform(self, form: OfferForm) -> None:
        """Change what differs."""
        supplier = company_named(Supplier, form.cleaned_data["supplier"], "supplier")
        offer_update(
            actor=self.actor,
            offer_id=self.offer.pk,
            changes={**form.offer_data(), "supplier_id": supplier.pk},
            breaks=form.cleaned_data["breaks"],
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("Saved."))


class OfferRemoveView(OneOfferPage):
    """Take an offer away, after a question."""

    permission = permissions.SOURCING_UPDATE
    form_class = RemoveForm
    panel_title = gettext_lazy("Remove offer?")
    submit_label = gettext_lazy("Remove offer")
    danger = True

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.offer.version}

    def perform(self, form: RemoveForm) -> None:
        """Remove it."""
        offer_remove(actor=self.actor, offer_id=self.offer.pk, **form.cleaned_data)
        messages.success(self.request, _("The offer is removed."))
