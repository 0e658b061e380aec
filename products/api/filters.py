"""Query parameters of products and their structure."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from plm_project.api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from plm_project.api.serializers import PlmSerializer
from products.api.fields import AmountField
from products.choices import LifecyclePhase, ProductStatus, ProductType, ResolutionMode
from products.effectivity import HIGHEST_SERIAL
from products.selectors.history import RECORDS
from products.selectors.products import SORT_FIELDS, SORT_ORDERS

DEEPEST = 1000


class ProductQuery(PlmSerializer):
    """What a list of products is narrowed and sorted by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that must each occur in number, name or description."
    )
    product_type = serializers.ListField(
        child=serializers.ChoiceField(ProductType.choices), required=False, help_text="Any of these; repeatable."
    )
    lifecycle_phase = serializers.ListField(
        child=serializers.ChoiceField(LifecyclePhase.choices), required=False, help_text="Any of these; repeatable."
    )
    status = serializers.ListField(
        child=serializers.ChoiceField(ProductStatus.choices), required=False, help_text="Any of these; repeatable."
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        max_length=20,
        help_text="All of these; repeatable.",
    )
    cost_min = AmountField(required=False, help_text="Lowest current_cost.")
    cost_max = AmountField(required=False, help_text="Highest current_cost.")
    sort_by = serializers.ChoiceField(SORT_FIELDS, required=False, help_text="Default: created_at.")
    sort_order = serializers.ChoiceField(SORT_ORDERS, required=False, help_text="Default: desc.")


class ResolutionQuery(PlmSerializer):
    """Which revisions and lines a structure question takes."""

    as_of = serializers.DateField(required=False, help_text="The day that effectivity is judged by. Default: today.")
    mode = serializers.ChoiceField(
        ResolutionMode.choices,
        required=False,
        help_text="effective (default): the released revision effective on the day, else the latest. released: the "
        "same without falling back. latest: latest revisions. as_stored: the same, and lines whatever their dates.",
    )
    serial = serializers.IntegerField(
        required=False, min_value=1, max_value=HIGHEST_SERIAL, help_text="The unit. Default: the newest."
    )
    end_item = serializers.CharField(
        required=False,
        max_length=50,
        help_text="Number of the product whose units are counted. Default: the one asked.",
    )
    options = serializers.CharField(
        required=False,
        max_length=4000,
        help_text="Chosen options, family:choice, parted by commas; none for no choice. Default: all lines (150 %).",
    )
    configuration = serializers.CharField(
        required=False,
        max_length=40,
        help_text="Code or id of a saved configuration of the end item, in place of options.",
    )
    optional = serializers.BooleanField(required=False, default=False, help_text="Count optional lines too.")


class RollupQuery(ResolutionQuery):
    """A roll-up, of one revision or out of one baseline where given."""

    revision = serializers.CharField(required=False, max_length=10, help_text="Label of the product's own revision.")
    baseline = serializers.CharField(
        required=False, max_length=100, help_text="Name or id of a baseline of the product; nothing else beside it."
    )


class PageQuery(PlmSerializer):
    """Described here for answers that are an object with a page inside; ``PagePagination`` reads them."""

    page = serializers.IntegerField(required=False, min_value=1, max_value=999_999_999, default=1)
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=DEFAULT_PAGE_SIZE, help_text="Lines a page."
    )


class ExplainField(serializers.BooleanField):
    """Whether each indented line says what it was chosen over."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = "Say what each indented line and its revision were chosen over, and why (``passed_over``)."
        super().__init__(**{"required": False, "default": False, "help_text": help_text, **kwargs})


class ExplosionQuery(RollupQuery):
    """An explosion: indented, or flat totals."""

    explain = ExplainField()
    depth = serializers.IntegerField(
        required=False, min_value=1, max_value=DEEPEST, help_text="Levels below the root. Default: all."
    )
    flat = serializers.BooleanField(
        required=False, default=False, help_text="Totals per product instead of the indented tree, by product number."
    )


class ExplosionStartQuery(RollupQuery):
    """The beginning of an indented explosion."""

    explain = ExplainField()

    rows = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE, default=MAX_PAGE_SIZE)


class WhereUsedQuery(ResolutionQuery):
    """A where-used question."""

    depth = serializers.IntegerField(
        required=False, min_value=1, max_value=DEEPEST, help_text="Levels above the product. Default: all."
    )


class WhereUsedEdgesQuery(WhereUsedQuery):
    """A where-used question that may ask for the graph too."""

    edges = serializers.BooleanField(
        required=False, default=False, help_text="Say also what is directly in what (``edges``, not paged)."
    )


class CycleQuery(PlmSerializer):
    """Two product numbers."""

    parent = serializers.CharField(  # type: ignore[assignment]
        max_length=50, help_text="Number of the product that would get the line."
    )
    child = serializers.CharField(max_length=50, help_text="Number of the product that would stand on it.")


class HistoryQuery(PlmSerializer):
    """Which records' history."""

    record = serializers.ChoiceField(list(RECORDS), required=False, help_text="One kind of record. Default: all.")


class CompareQuery(PlmSerializer):
    """Two sides: revisions of the product, baselines, or what a question finds; even of another product."""

    levels = serializers.ChoiceField(
        ("all", "1"), required=False, default="all", help_text="Everything below too (default), or their own lines."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add the fields of both sides; ``from`` is a word of Python's own."""
        sides: dict[str, Any] = {}
        for prefix, which in (("from", "compared with"), ("to", "that may differ")):
            sides[prefix] = serializers.CharField(
                required=False, max_length=10, help_text=f"Label of the revision {which}."
            )
            sides[f"{prefix}_product"] = serializers.CharField(
                required=False, max_length=50, help_text="Number of the product. Default: the one in the address."
            )
            sides[f"{prefix}_baseline"] = serializers.CharField(
                required=False,
                max_length=100,
                help_text="Name or id of a baseline; nothing else of this side beside it.",
            )
            asked = ResolutionQuery().get_fields()
            sides |= {f"{prefix}_{name}": field for name, field in asked.items()}
        return {**sides, **super().get_fields()}
