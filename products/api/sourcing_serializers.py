"""Manufacturers, suppliers, sources, offers and rates on the wire, and the answers of the sourcing questions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from plm_project.api.serializers import ComputedField, PlainDecimalField, PlmSerializer, UtcDateTimeField
from products.api.fields import QuantityField
from products.api.filters import ResolutionQuery
from products.api.serializers import TransitionOptionSerializer
from products.choices import MissingPolicy, PartLifecycle, ResolutionMode, SourceStatus
from products.models.fields import DIGITS
from products.models.offers import MOST_BREAKS, SMALLEST_RATE
from products.selectors.quantity_rollup import MOST_QUANTITIES

CURRENCY_HELP = "Three-letter code of ISO 4217, such as EUR."
MOST_DAYS = 3650


def price_field(**kwargs: Any) -> PlainDecimalField:
    """A unit price: 0 or more, 6 decimals."""
    return PlainDecimalField(max_digits=DIGITS, decimal_places=6, min_value=Decimal(0), **kwargs)


def currency_field(**kwargs: Any) -> serializers.RegexField:
    """A currency's code."""
    return serializers.RegexField(r"^[A-Z]{3}$", help_text=CURRENCY_HELP, **kwargs)


class Recorded(PlmSerializer):
    """What every record says of itself."""

    created_at = UtcDateTimeField(read_only=True)
    updated_at = UtcDateTimeField(read_only=True)
    version = serializers.IntegerField(read_only=True)


class PartnerSerializer(Recorded):
    """A company outside."""

    code = serializers.CharField(min_length=2, max_length=20)
    name = serializers.CharField(min_length=2, max_length=200)
    website = serializers.URLField(required=False, allow_blank=True, max_length=500)
    contact = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    is_active = serializers.BooleanField(required=False, help_text="Nothing is bought of or through an inactive one.")


class ManufacturerSerializer(PartnerSerializer):
    """Who makes a part."""

    manufacturer_id = serializers.UUIDField(source="pk", read_only=True)


class SupplierSerializer(PartnerSerializer):
    """Who sells a part."""

    supplier_id = serializers.UUIDField(source="pk", read_only=True)


class PartnerQuery(PlmSerializer):
    """What a list of companies is narrowed by."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words that each occur in name or code.")
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)


class ManufacturerPartSerializer(Recorded):
    """One part number of one manufacturer."""

    manufacturer_part_id = serializers.UUIDField(source="pk", read_only=True)
    manufacturer_id = serializers.UUIDField()
    manufacturer = serializers.CharField(source="manufacturer.name", read_only=True)
    mpn = serializers.CharField(max_length=100, help_text="Once per manufacturer, whatever the case.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)
    lifecycle = serializers.ChoiceField(PartLifecycle.choices, required=False)
    link = serializers.URLField(required=False, allow_blank=True, max_length=500)


class ManufacturerPartQuery(PlmSerializer):
    """What a list of manufacturer parts is narrowed by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that each occur in number, description or manufacturer."
    )
    manufacturer_id = serializers.UUIDField(required=False)


class SourceCreateSerializer(PlmSerializer):
    """A manufacturer part for the product's AML; it starts as potential."""

    manufacturer_part_id = serializers.UUIDField()
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="First day it counts no more.")


class SourceChangeSerializer(PlmSerializer):
    """What may be changed of a source; its status moves by transitions."""

    is_preferred = serializers.BooleanField(
        required=False, help_text="At most one of a product, and approved; the others lose it."
    )
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)


class SourceSerializer(Recorded):
    """A row of a product's approved manufacturer list."""

    source_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    manufacturer_part_id = serializers.UUIDField()
    manufacturer = serializers.CharField(source="manufacturer_part.manufacturer.name")
    mpn = serializers.CharField(source="manufacturer_part.mpn")
    lifecycle = serializers.ChoiceField(PartLifecycle.choices, source="manufacturer_part.lifecycle")
    status = serializers.ChoiceField(SourceStatus.choices)
    status_reason = serializers.CharField()
    is_preferred = serializers.BooleanField()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)


class SourceTransitionsSerializer(PlmSerializer):
    """Where a source stands and where it can go."""

    status = serializers.ChoiceField(SourceStatus.choices)
    transitions = TransitionOptionSerializer(many=True)


class SourceTransitionSerializer(PlmSerializer):
    """A verdict."""

    to = serializers.CharField(max_length=20, help_text="approved, disqualified or potential.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class BreakSerializer(PlmSerializer):
    """The price of one unit from a quantity on."""

    from_quantity = QuantityField(min_value=Decimal("0.000001"))
    unit_price = price_field()


class OfferChangeSerializer(PlmSerializer):
    """An offer as a caller gives it. Quantities are in the product's unit; 0 is no minimum and no package."""

    supplier_id = serializers.UUIDField()
    supplier_part_number = serializers.CharField(required=False, allow_blank=True, max_length=100)
    currency = currency_field()
    minimum_quantity = QuantityField(required=False, min_value=0)
    order_multiple = QuantityField(required=False, min_value=0)
    lead_time_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_DAYS, help_text="Calendar days; null is unknown."
    )
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="First day it holds no more.")
    breaks = BreakSerializer(many=True, allow_empty=False, max_length=MOST_BREAKS)  # type: ignore[call-arg]


class OfferCreateSerializer(OfferChangeSerializer):
    """A new offer: for the manufacturer part named, or without one for the product itself."""

    manufacturer_part_id = serializers.UUIDField(required=False, allow_null=True)


class OfferSerializer(Recorded):
    """What one supplier asks for a manufacturer part, or for the product itself."""

    offer_id = serializers.UUIDField(source="pk")
    supplier_id = serializers.UUIDField()
    supplier = serializers.CharField(source="supplier.name")
    product_id = serializers.UUIDField(allow_null=True)
    manufacturer_part_id = serializers.UUIDField(allow_null=True)
    manufacturer = serializers.CharField(source="manufacturer_part.manufacturer.name", default="")
    mpn = serializers.CharField(source="manufacturer_part.mpn", default="")
    supplier_part_number = serializers.CharField()
    currency = serializers.CharField()
    minimum_quantity = QuantityField()
    order_multiple = QuantityField()
    lead_time_days = serializers.IntegerField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    breaks = serializers.SerializerMethodField()

    def get_breaks(self, offer: Any) -> list[dict[str, str]]:
        """Its prices by rising quantity."""
        rising = sorted(offer.breaks.all(), key=lambda entry: entry.from_quantity)
        return list(BreakSerializer(rising, many=True).data)


class ExchangeRateSerializer(Recorded):
    """What one unit of a currency is worth in the tenant's own, from a day on."""

    rate_id = serializers.UUIDField(source="pk", read_only=True)
    currency = currency_field()
    rate = PlainDecimalField(max_digits=DIGITS, decimal_places=10, min_value=SMALLEST_RATE)
    valid_from = serializers.DateField()


class ExchangeRateQuery(PlmSerializer):
    """What a list of rates is narrowed by."""

    currency = currency_field(required=False)


# --- questions --------------------------------------------------------------------------------------------------------
class QuantityCostQuery(ResolutionQuery):
    """A cost by quantity."""

    quantity = serializers.ListField(
        child=PlainDecimalField(max_digits=DIGITS, decimal_places=6, min_value=Decimal("0.000001")),
        required=False,
        max_length=MOST_QUANTITIES,
        help_text="Units to build, repeatable; the lines are those of the first. Default: 1.",
    )
    missing = serializers.ChoiceField(
        MissingPolicy.choices,
        required=False,
        help_text="listed (default): a part without a price is named and not counted. own_cost: it takes its own cost.",
    )


class BidSerializer(PlmSerializer):
    """One way to buy a part. ``offer_total`` is in the offer's currency, ``total`` in the tenant's."""

    offer_id = serializers.UUIDField()
    supplier = serializers.CharField()
    part = serializers.CharField(help_text="Manufacturer and number; empty for an offer for the product itself.")
    supplier_part_number = serializers.CharField()
    preferred = serializers.BooleanField()
    currency = serializers.CharField()
    rate = ComputedField()
    unit_price = ComputedField()
    bought_quantity = ComputedField()
    excess_quantity = ComputedField()
    excess_cost = ComputedField()
    offer_total = ComputedField()
    total = ComputedField()
    lead_time_days = serializers.IntegerField(allow_null=True)


class OfferAsideSerializer(PlmSerializer):
    """An offer that does not count, and why."""

    offer_id = serializers.UUIDField()
    supplier = serializers.CharField()
    part = serializers.CharField()
    currency = serializers.CharField()
    code = serializers.CharField()


class CostLineSerializer(PlmSerializer):
    """One bought product: what is needed, the offer taken, the others, and those that do not count."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    unit_of_measure = serializers.CharField()
    needed_quantity = ComputedField()
    cost = PlainDecimalField(max_digits=None, decimal_places=None, allow_null=True)
    by = serializers.ChoiceField(["offer", "own_cost", "missing"])
    missing = serializers.CharField()
    offer = BidSerializer(allow_null=True)
    others = BidSerializer(many=True)
    left_aside = OfferAsideSerializer(many=True)


class MissingPriceSerializer(PlmSerializer):
    """A product whose cost is not in the totals, and why."""

    product_number = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class QuantityCostSerializer(PlmSerializer):
    """The sums of one build quantity, in the tenant's currency."""

    quantity = ComputedField()
    total_cost = ComputedField()
    unit_cost = ComputedField()
    bought_cost = ComputedField()
    added_cost = ComputedField()
    excess_cost = ComputedField()
    lead_time_days = serializers.IntegerField(
        allow_null=True, help_text="Until the last bought part has arrived; null while one is unknown."
    )
    lead_time_parts = serializers.ListField(child=serializers.CharField())
    lead_time_unknown = serializers.ListField(child=serializers.CharField())


class PaginatedQuantityCostSerializer(PlmSerializer):
    """The costs of several quantities, and one page of the first one's lines."""

    product_number = serializers.CharField()
    revision = serializers.CharField()
    as_of = serializers.DateField()
    mode = serializers.ChoiceField(ResolutionMode.choices)
    currency = serializers.CharField()
    missing_policy = serializers.ChoiceField(MissingPolicy.choices)
    complete = serializers.BooleanField()
    mass_kg = ComputedField()
    missing = MissingPriceSerializer(many=True)
    quantities = QuantityCostSerializer(many=True)
    lines = CostLineSerializer(many=True)


class SingleSourceQuery(ResolutionQuery):
    """A single-source report."""

    product = serializers.CharField(
        required=False, max_length=50, help_text="Number of a product: only what it is built of. Default: all bought."
    )


class SingleSourceRowSerializer(PlmSerializer):
    """A bought product with no approved manufacturer, or one."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    manufacturers = serializers.IntegerField()
    manufacturer = serializers.CharField()
    mpns = serializers.ListField(child=serializers.CharField())
    suppliers = serializers.IntegerField()
    used_in = serializers.ListField(child=serializers.CharField(), help_text="The first five end products.")
    uses = serializers.IntegerField(help_text="End products in all.")
    alternates = serializers.ListField(
        child=serializers.CharField(), help_text="Numbers of the products that may be taken in its place, by rank."
    )


class PaginatedSingleSourceSerializer(PlmSerializer):
    """The report, with one page of its lines."""

    product_number = serializers.CharField(help_text="The product asked for; empty for the whole tenant.")
    as_of = serializers.DateField()
    checked = serializers.IntegerField()
    no_source = serializers.IntegerField()
    single_source = serializers.IntegerField()
    lines = SingleSourceRowSerializer(many=True)


class RequirementQuery(ResolutionQuery):
    """An order."""

    quantity = QuantityField(required=False, default=Decimal(1), min_value=Decimal("0.000001"), help_text="Units.")


class RequirementSerializer(PlmSerializer):
    """What an order takes of one product. ``designed``: what its units contain by design."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    unit_of_measure = serializers.CharField()
    needed = ComputedField()
    designed = ComputedField()
    is_leaf = serializers.BooleanField()


class PaginatedRequirementsSerializer(PlmSerializer):
    """What an order takes, with one page of its lines."""

    product_number = serializers.CharField()
    revision = serializers.CharField()
    as_of = serializers.DateField()
    mode = serializers.CharField()
    with_optional = serializers.BooleanField()
    quantity = ComputedField()
    lines = RequirementSerializer(many=True)
