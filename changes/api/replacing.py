"""Replacing a product everywhere: what would be affected, and doing it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from changes.services import product_replace
from plm_project.api.envelope import Answer
from plm_project.api.serializers import PlainDecimalField, PlmSerializer
from plm_project.api.viewsets import PlmViewSet, one_or_not_found
from plm_project.core.exceptions import ValidationFailed
from products import permissions
from products.models import LineSubstitute, Product
from products.selectors.products import product_ids
from products.selectors.replacement import AffectedUses, Way
from products.selectors.substitutes import substitute_uses_shown


class UseLineSerializer(PlmSerializer):
    """A line that holds the product."""

    line_id = serializers.UUIDField(source="pk")
    find_number = serializers.IntegerField()
    quantity = PlainDecimalField(max_digits=15, decimal_places=6)
    unit_of_measure = serializers.CharField()
    reference_designators = serializers.ListField(child=serializers.CharField())


class AffectedUseSerializer(PlmSerializer):
    """A revision that uses the product. ``way``: edit (in work), change (released), rests (``why`` says for what)."""

    revision_id = serializers.UUIDField(source="revision.pk")
    product_id = serializers.UUIDField(source="revision.product_id")
    product_number = serializers.CharField(source="revision.product.product_number")
    product_name = serializers.CharField(source="revision.product.product_name")
    revision = serializers.CharField(source="revision.label")
    state = serializers.CharField(source="revision.state")
    version = serializers.IntegerField(source="revision.version")
    way = serializers.ChoiceField([way.value for way in Way])
    why = serializers.CharField()
    lines = UseLineSerializer(many=True)


class ChosenRevisionSerializer(PlmSerializer):
    """A chosen revision, with the version that the caller saw."""

    revision_id = serializers.UUIDField()
    version = serializers.IntegerField(required=False, min_value=0)


class ReplaceSerializer(PlmSerializer):
    """What replaces the product, and where."""

    by = serializers.UUIDField(required=False, help_text="The new product, by id.")
    by_number = serializers.CharField(required=False, max_length=50, help_text="The new product, by number.")
    factor = PlainDecimalField(
        required=False, max_digits=15, decimal_places=6, help_text="How many new ones for one old one. Default: 1."
    )
    revisions = ChosenRevisionSerializer(  # type: ignore[call-arg] # max_length is of the list that many=True makes
        many=True, required=False, max_length=50_000, help_text="Default: all that do not rest."
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    dry_run = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: Any) -> Any:
        """Check that one new product is named."""
        if len({"by", "by_number"} & set(attrs)) != 1:
            raise serializers.ValidationError({"by": [_("Name the new product, by id or by number.")]})
        return attrs


class ReplacedSerializer(PlmSerializer):
    """What was done; on a dry run what would be, and under ``problems`` everything that speaks against it."""

    edited_revisions = serializers.IntegerField(help_text="Revisions in work, edited in place.")
    released_revisions = serializers.IntegerField(help_text="Released ones, redlined in the new change.")
    lines_edited = serializers.IntegerField()
    change_id = serializers.UUIDField(allow_null=True)
    change_number = serializers.CharField()
    as_substitute = serializers.ListField(
        child=serializers.CharField(),
        help_text="Lines that stay as they are, on which the product is a substitute; the first 50.",
    )
    problems = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class ReplaceViewSet(PlmViewSet):
    """Uses of one product, for replacing it."""

    serializer_class = AffectedUseSerializer
    permission_map = {"list": permissions.PRODUCTS_READ, "create": permissions.BOM_UPDATE}

    def get_queryset(self) -> Any:
        """Return the tenant's products."""
        return Product.objects.all()

    def _product(self) -> Product:
        product: Product = one_or_not_found(self.get_queryset(), pk=self.kwargs["product_pk"])
        return product

    @extend_schema(operation_id="products_replace_preview")
    def list(self, request: Request, product_pk: Any) -> Answer:
        """List the live revisions that use the product, and how it can be replaced in each."""
        return self.answer_page(AffectedUses(self._product()))

    @extend_schema(operation_id="products_replace", request=ReplaceSerializer, responses=ReplacedSerializer)
    def create(self, request: Request, product_pk: Any) -> Answer:
        """Replace the product: revisions in work are edited, for released ones a change is drafted. All or nothing.

        VALIDATION_ERROR or CONFLICT name every reason by revision. Publishes bom_changed per edited revision.
        """
        product = self._product()
        values = self.validated(ReplaceSerializer)
        chosen = values.get("revisions")
        done = product_replace(
            actor=self.actor,
            product_id=product.pk,
            by_id=_by(values),
            factor=values.get("factor", Decimal(1)),
            revisions=None if chosen is None else {entry["revision_id"]: entry.get("version") for entry in chosen},
            reason=values.get("reason", ""),
            dry_run=values["dry_run"],
        )
        found = {
            "edited_revisions": done.edited,
            "released_revisions": done.released,
            "lines_edited": len(done.lines),
            "change_id": done.change.pk if done.change else None,
            "change_number": done.change.change_number if done.change else "",
            "as_substitute": [_place(row) for row in substitute_uses_shown(product)[0]],
            "problems": done.plan.problems,
        }
        return Answer(self.written(found, serializer_class=ReplacedSerializer))


def _place(row: LineSubstitute) -> str:
    revision = row.line.parent_revision
    return _("%(number)s %(label)s, line %(find)s") % {
        "number": revision.product.product_number,
        "label": revision.label,
        "find": row.line.find_number,
    }


def _by(values: dict[str, Any]) -> Any:
    if "by" in values:
        return values["by"]
    number = values["by_number"]
    found = product_ids([number])
    if number not in found:
        raise ValidationFailed.field("by_number", _("There is no product %(number)s.") % {"number": number})
    return found[number]
