"""Changes, affected products, redlines and approvals on the wire. They parse and shape; the services decide."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from changes.api.affected_serializers import AffectedSerializer
from changes.api.line_settings import (
    LineSettingFields,
    RedlineAttributesSerializer,
    RedlineEffectivitySerializer,
    RedlineSubstituteSerializer,
)
from changes.api.vote_serializers import (
    ApprovalRequirementSerializer,
    ApprovalSerializer,
    FastTrackSerializer,
    PersonSerializer,
    requirement_states,
)
from changes.choices import ChangeStatus, ChangeType, Priority, RedlineOperation, RequestStatus, Urgency
from changes.content import void_votes
from plm_project.api.serializers import PlainDecimalField, PlainJSONField, PlmSerializer, UtcDateTimeField

MAX_TEXT = 5000
VOTED = (ChangeStatus.SUBMITTED, ChangeStatus.APPROVED)
LARGEST_FIND_NUMBER = 2_147_483_647


def _text(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=MAX_TEXT, **kwargs)


class ChangeFields(PlmSerializer):
    """What an author sets of a change (SPEC §5)."""

    change_title = serializers.CharField(min_length=3, max_length=200)
    change_description = _text()
    change_type = serializers.ChoiceField(ChangeType.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    urgency = serializers.ChoiceField(Urgency.choices, required=False)
    cost_impact = PlainDecimalField(
        max_digits=15, decimal_places=4, required=False, help_text="In the tenant's currency; negative for a saving."
    )
    reason_for_change = _text(help_text="Needed before it can be submitted.")
    business_impact = _text()
    effective_from = serializers.DateField(
        required=False, allow_null=True, help_text="Planned first day. Default: the day of implementing."
    )


class ChangeCreateSerializer(ChangeFields):
    """A new change."""

    affected_products = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=500, help_text="Ids of the products that change."
    )


class ChangeDocumentSerializer(PlmSerializer):
    """A document that belongs to the change."""

    link_id = serializers.UUIDField(source="pk")
    document_id = serializers.UUIDField()
    document_number = serializers.CharField(source="document.document_number")
    title = serializers.CharField(source="document.title")
    document_type = serializers.CharField(source="document.document_type")
    version = serializers.IntegerField()


class ChangeDocumentCreateSerializer(PlmSerializer):
    """A document to be linked to a draft."""

    document_id = serializers.UUIDField()


class ChangeRowSerializer(PlmSerializer):
    """A change in a list."""

    change_id = serializers.UUIDField(source="pk")
    change_number = serializers.CharField()
    change_title = serializers.CharField()
    change_description = serializers.CharField()
    change_type = serializers.ChoiceField(ChangeType.choices)
    priority = serializers.ChoiceField(Priority.choices)
    urgency = serializers.ChoiceField(Urgency.choices)
    cost_impact = PlainDecimalField(max_digits=15, decimal_places=4)
    reason_for_change = serializers.CharField()
    business_impact = serializers.CharField()
    effective_from = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(ChangeStatus.choices)
    round = serializers.IntegerField(help_text="How often it was submitted.")
    on_fast_track = serializers.BooleanField(
        default=False, help_text="Whether what was submitted last went the fast track; false for a draft."
    )
    author = PersonSerializer(source="created_by", allow_null=True)
    submitted_at = UtcDateTimeField(allow_null=True)
    decided_at = UtcDateTimeField(allow_null=True)
    implemented_at = UtcDateTimeField(allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class RequestOfChangeSerializer(PlmSerializer):
    """A change request that the change answers."""

    request_id = serializers.UUIDField(source="pk")
    request_number = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(RequestStatus.choices)
    requester = PersonSerializer(source="created_by", allow_null=True)


class ChangeSerializer(ChangeRowSerializer):
    """A change with its products and votes."""

    implemented_by = PersonSerializer(allow_null=True)
    affected_products = AffectedSerializer(source="affected.all", many=True)
    approvals = ApprovalSerializer(source="approvals.all", many=True, help_text="Of all rounds, the last first.")
    requirements = serializers.SerializerMethodField(help_text="What the rules ask of the running or last round.")
    fast_track = FastTrackSerializer(
        source="round_fast_track",
        allow_null=True,
        help_text="Of the running or last round; null where it did not go it.",
    )
    requests = RequestOfChangeSerializer(source="requests.all", many=True, help_text="The change requests it answers.")
    void_approvals = serializers.SerializerMethodField(
        help_text="Votes of the running round that were given to another content than the change has now: they do not count."
    )

    @extend_schema_field(ApprovalRequirementSerializer(many=True))
    def get_requirements(self, change: Any) -> Any:
        """Each with what it still needs."""
        return ApprovalRequirementSerializer(requirement_states(change), many=True).data

    def get_void_approvals(self, change: Any) -> list[uuid.UUID]:
        """The ids of the votes that the content has left behind."""
        return [vote.pk for vote in void_votes(change)] if change.status in VOTED else []


class RedlineFields(LineSettingFields):
    """The values of a redline, as far as its operation takes them."""

    child_id = serializers.UUIDField(required=False, allow_null=True, help_text="add, replace: the part, by id.")
    child_number = serializers.CharField(required=False, max_length=50, help_text="add, replace: the part, by number.")
    quantity = PlainDecimalField(
        max_digits=15, decimal_places=6, required=False, allow_null=True, help_text="Above 0, in the part's unit."
    )
    unit_of_measure = serializers.CharField(required=False, allow_null=True, max_length=20, help_text="Code or name.")
    find_number = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_FIND_NUMBER)
    reference_designators = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, allow_null=True
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)

    def validate(self, attrs: Any) -> Any:
        """Check that the part is named once."""
        if "child_id" in attrs and "child_number" in attrs:
            raise serializers.ValidationError({"child_id": [_("Name the part by id or by number, not by both.")]})
        return attrs


class RedlineCreateSerializer(RedlineFields):
    """A new redline: on a line of an affected product's base revision, or an addition to an affected product."""

    operation = serializers.ChoiceField(RedlineOperation.choices)
    line_id = serializers.UUIDField(required=False, help_text="Every operation but add.")
    affected_id = serializers.UUIDField(required=False, help_text="add: the affected product that gets the line.")


class RedlineSerializer(PlmSerializer):
    """One proposed edit of a BOM line. Values the operation leaves alone are null; of effectivity and attributes those are
    named that it says.
    """

    redline_id = serializers.UUIDField(source="pk")
    affected_id = serializers.UUIDField()
    parent_number = serializers.CharField(source="affected.product.product_number")
    position = serializers.IntegerField()
    operation = serializers.ChoiceField(RedlineOperation.choices)
    line_id = serializers.UUIDField(allow_null=True)
    child_id = serializers.UUIDField(allow_null=True)
    child_number = serializers.SerializerMethodField()
    quantity = PlainDecimalField(max_digits=15, decimal_places=6, allow_null=True)
    unit_of_measure = serializers.CharField(allow_null=True)
    find_number = serializers.IntegerField(allow_null=True)
    reference_designators = serializers.ListField(child=serializers.CharField(), allow_null=True)
    effectivity = RedlineEffectivitySerializer(source="settings.effectivity", default=None, allow_null=True)
    attributes = RedlineAttributesSerializer(source="settings.attributes", default=None, allow_null=True)
    substitutes = RedlineSubstituteSerializer(
        source="settings.substitutes", many=True, default=None, allow_null=True, help_text="All that it is to have."
    )
    note = serializers.CharField()
    before = PlainJSONField(
        help_text="What the line said when the redline was drawn or submitted; of effectivity, attributes and substitutes "
        "what is not ordinary."
    )
    conflicts = PlainJSONField(
        help_text="What rebasing could not decide: field, key (the name of an attribute, the product of a substitute), base, "
        "theirs, mine, and the change that released theirs."
    )
    resulting_line_id = serializers.SerializerMethodField(help_text="The line that implementing made of it.")
    version = serializers.IntegerField()

    def get_resulting_line_id(self, redline: Any) -> uuid.UUID | None:
        """The line it has become; a redline just drawn has none."""
        found: uuid.UUID | None = getattr(redline, "resulting_line_id", None)
        return found

    def get_child_number(self, redline: Any) -> str | None:
        """The number of the part it adds or puts in place."""
        return redline.child.product_number if redline.child else None


class CommentSerializer(PlmSerializer):
    """A comment; it is kept in the history."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class ReasonedSerializer(PlmSerializer):
    """A comment that says why."""

    comment = serializers.CharField(max_length=500)


class FieldDifferenceSerializer(PlmSerializer):
    """One value before and after."""

    field = serializers.CharField()
    old = PlainJSONField(allow_null=True)
    new = PlainJSONField(allow_null=True)


class DifferenceRowSerializer(PlmSerializer):
    """One line of the redline picture."""

    kind = serializers.ChoiceField(["unchanged", "added", "removed", "changed"])
    line_id = serializers.UUIDField(allow_null=True)
    values = PlainJSONField(help_text="The new values; of a removed line the old ones.")
    changes = FieldDifferenceSerializer(many=True)
    redline_ids = serializers.SerializerMethodField()

    def get_redline_ids(self, row: Any) -> list[str]:
        """The redlines behind the row."""
        return [str(redline.pk) for redline in row.redlines]


class DifferenceSerializer(PlmSerializer):
    """The redline picture of one affected product."""

    affected = AffectedSerializer()
    rows = DifferenceRowSerializer(many=True)


class UserOfSerializer(PlmSerializer):
    """A product that contains the affected one."""

    level = serializers.IntegerField()
    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    revision = serializers.CharField()
    total_quantity = PlainDecimalField(max_digits=None, decimal_places=None, help_text="In one of it, by all ways.")
    is_root = serializers.BooleanField()


class ImpactSerializer(PlmSerializer):
    """Where one affected product is used today: direct parents, all ancestors, and the roots among them."""

    affected = AffectedSerializer()
    direct = serializers.IntegerField(source="used.direct")
    ancestors = serializers.IntegerField(source="used.ancestors")
    roots = serializers.IntegerField(source="used.roots")
    lines = UserOfSerializer(source="used.lines", many=True)


class ChangeHistoryFieldSerializer(PlmSerializer):
    """One value before and after."""

    def get_fields(self) -> dict[str, Any]:
        """``from`` is no Python name."""
        return {
            "field": serializers.CharField(),
            "from": PlainJSONField(source="before", allow_null=True),
            "to": PlainJSONField(source="after", allow_null=True),
        }


class ChangeHistorySerializer(PlmSerializer):
    """One step: what happened to the change, an affected product, a redline or a vote."""

    record = serializers.ChoiceField(["change", "affected_product", "document", "disposition", "redline", "approval"])
    record_id = serializers.UUIDField()
    subject = serializers.CharField(help_text="Which one, for people.")
    action = serializers.ChoiceField(["created", "changed", "deleted"])
    when = UtcDateTimeField()
    who = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)
    why = serializers.CharField()
    request_id = serializers.CharField()
    changes = ChangeHistoryFieldSerializer(many=True)


class ProblemSerializer(PlmSerializer):
    """Something that keeps the change from being submitted."""

    name = serializers.CharField(help_text="The field, such as redlines[2].quantity.")
    message = serializers.CharField()
    is_conflict = serializers.BooleanField(help_text="Somebody else's work forbids it.")


class StepSerializer(PlmSerializer):
    """One transition: possible now, or why not."""

    to = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    possible = serializers.BooleanField()
    needs_reason = serializers.BooleanField(help_text="Send a comment with it.")
    reasons = serializers.ListField(child=serializers.CharField())
    permission = serializers.CharField(help_text="What the caller must hold; empty where there is no way.")


class CheckSerializer(PlmSerializer):
    """Where a change can go now, and what it still lacks."""

    status = serializers.ChoiceField(ChangeStatus.choices)
    transitions = StepSerializer(many=True)
    problems = ProblemSerializer(many=True)


class GateFindingSerializer(PlmSerializer):
    """Why a gate holds a product."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    message = serializers.CharField()
    part_number = serializers.CharField(help_text="The part behind it.")
    path = serializers.ListField(child=serializers.CharField(), help_text="Numbers from the product down to the part.")
    url = serializers.CharField(help_text="The page where it is mended.")


class GateSerializer(PlmSerializer):
    """What one release gate says of the change as it stands now."""

    key = serializers.CharField(source="gate.key")
    title = serializers.CharField(source="gate.title")
    passed = serializers.BooleanField()
    findings = GateFindingSerializer(many=True)


class SettleSerializer(PlmSerializer):
    """What a person decides about a conflict."""

    take = serializers.ChoiceField(["mine", "theirs"], help_text="Keep the redline, or take what was released.")
    field = serializers.CharField(
        required=False, max_length=50, help_text="Which conflict of the redline; needed where it has several."
    )
    key = serializers.CharField(
        required=False, max_length=500, help_text="Its key: the attribute, or the product of the substitute."
    )


class RebasedSerializer(PlmSerializer):
    """One product that the change followed to a newer revision."""

    product_number = serializers.CharField(source="affected.product.product_number")
    from_revision = serializers.CharField(source="from_label")
    to_revision = serializers.CharField(source="to_label")
    conflicts = serializers.IntegerField(help_text="Redlines that a person has to settle.")
