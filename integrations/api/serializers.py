"""Neighbours, contracts and deliveries on the wire. No token ever goes out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.choices import DeliveryState, Outcome
from integrations.contracts.base import Contract
from integrations.models import Delivery
from integrations.selectors import Standing, delivery_decisions
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.ops.logging import masked

HEALTH = ("unconfigured", "off", "good", "busy", "trouble")
BREAKER = ("closed", "open", "half_open")


class ContractSerializer(PlmSerializer):
    """A contract without its schemas."""

    key = serializers.CharField()
    version = serializers.IntegerField()
    neighbour = serializers.CharField()
    title = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField()
    triggers = serializers.ListField(child=serializers.CharField(), help_text="Event types after which it is kept.")
    success = serializers.ListField(child=serializers.IntegerField(), help_text="HTTP statuses that mean: taken.")


class ContractDetailSerializer(ContractSerializer):
    """A contract with everything the other side needs."""

    validations = serializers.ListField(child=serializers.CharField())
    mapping = serializers.SerializerMethodField(help_text="Our field and theirs.")
    schema = serializers.JSONField(help_text="JSON Schema of what is sent.")
    answer_schema = serializers.JSONField(help_text="JSON Schema of the answer.")

    def get_mapping(self, entry: Contract) -> list[dict[str, str]]:
        """Return the pairs."""
        return [{"ours": ours, "theirs": theirs} for ours, theirs in entry.mapping]


class DryRunRequest(PlmSerializer):
    """What to try a contract on."""

    entity_id = serializers.UUIDField(help_text="The product, or whatever the contract is about.")


class FaultSerializer(PlmSerializer):
    """Why something is not fit to send."""

    code = serializers.CharField()
    where = serializers.CharField()
    message = serializers.CharField()


class PayloadChangeSerializer(PlmSerializer):
    """A leaf that differs from what the other side last got."""

    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    now = serializers.JSONField(allow_null=True)


class DryRunSerializer(PlmSerializer):
    """What would be sent; ``changes`` is null where nothing was delivered before."""

    payload = serializers.JSONField()
    faults = FaultSerializer(many=True)
    changes = PayloadChangeSerializer(many=True, allow_null=True)


class NeighbourSerializer(PlmSerializer):
    """One of the twelve: how it is configured and how it fares."""

    key = serializers.CharField(source="neighbour.key")
    name = serializers.CharField(source="neighbour.name")
    health = serializers.ChoiceField(HEALTH)
    base_url = serializers.SerializerMethodField()
    has_token = serializers.SerializerMethodField()
    is_enabled = serializers.SerializerMethodField()
    allow_private = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField(help_text="For expected_version; 0 where it is not configured.")
    contracts = serializers.SerializerMethodField(help_text="Keys of its contracts.")
    breaker = serializers.ChoiceField(BREAKER, source="breaker.state")
    waiting = serializers.IntegerField()
    review = serializers.IntegerField()
    delivered = serializers.IntegerField()
    last_success = UtcDateTimeField(allow_null=True)
    oldest_waiting_since = UtcDateTimeField(source="oldest", allow_null=True)
    calls_last_hour = serializers.IntegerField(source="calls")
    failed_last_hour = serializers.IntegerField(source="failures")

    def get_base_url(self, card: Standing) -> str:
        """Return the address, "" where none is given."""
        return card.target.base_url if card.target else ""

    def get_has_token(self, card: Standing) -> bool:
        """Return whether calls carry a token."""
        return bool(card.target and card.target.has_token)

    def get_is_enabled(self, card: Standing) -> bool:
        """Return whether anything is sent."""
        return bool(card.target and card.target.is_enabled)

    def get_allow_private(self, card: Standing) -> bool:
        """Return whether it may be inside our network."""
        return bool(card.target and card.target.allow_private)

    def get_version(self, card: Standing) -> int:
        """Return the version of the configuration."""
        return card.target.version if card.target else 0

    def get_contracts(self, card: Standing) -> list[str]:
        """Return the keys."""
        return [entry.key for entry in card.contracts]


class FiguresSerializer(PlmSerializer):
    """How the deliveries to one neighbour fare."""

    is_enabled = serializers.BooleanField()
    breaker = serializers.ChoiceField(BREAKER)
    waiting = serializers.IntegerField()
    review = serializers.IntegerField()
    delivered = serializers.IntegerField()
    last_success = UtcDateTimeField(allow_null=True)
    oldest_waiting_since = UtcDateTimeField(allow_null=True)
    calls_last_hour = serializers.IntegerField()
    failed_last_hour = serializers.IntegerField()


class HealthSerializer(PlmSerializer):
    """How integrations fare (SPEC §7)."""

    status = serializers.ChoiceField(("healthy", "degraded", "unhealthy"))
    timestamp = UtcDateTimeField()
    dependencies = serializers.DictField(child=serializers.CharField(), help_text="The word of each neighbour's card.")
    integrations = serializers.DictField(child=FiguresSerializer(), help_text="Of those that are configured.")
    error_counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Failed calls of the last hour by outcome."
    )


class CapabilitySerializer(PlmSerializer):
    """What this installation is, needs and offers (SPEC §7)."""

    capability_id = serializers.CharField()
    version = serializers.CharField()
    composition_type = serializers.CharField()
    depends_on = serializers.ListField(child=serializers.CharField())
    provides = serializers.ListField(child=serializers.CharField())
    service = serializers.DictField(child=serializers.CharField(), help_text="Addresses by what they are for.")
    contracts = serializers.ListField(child=serializers.JSONField())


class NeighbourFields(PlmSerializer):
    """How to reach a neighbour."""

    base_url = serializers.CharField(max_length=500)
    token = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=4000, write_only=True, trim_whitespace=False,
        help_text="Left out or null keeps the one there is, an empty text takes it away.",
    )  # fmt: skip
    is_enabled = serializers.BooleanField(default=True)
    allow_private = serializers.BooleanField(default=False)
    expected_version = serializers.IntegerField(required=False, min_value=1)


class CallbackSecretSerializer(PlmSerializer):
    """A new secret for callbacks, and where they go."""

    secret = serializers.CharField()
    url = serializers.CharField()


class TrySerializer(PlmSerializer):
    """How trying a neighbour went."""

    is_there = serializers.BooleanField()
    message = serializers.CharField()


class AttemptSerializer(PlmSerializer):
    """One call."""

    number = serializers.IntegerField()
    started_at = UtcDateTimeField()
    milliseconds = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status; null without an answer.")
    outcome = serializers.ChoiceField(Outcome.choices)
    text = serializers.CharField(help_text="What came back, secrets masked.")


class DecisionSerializer(PlmSerializer):
    """What a person did about a delivery."""

    when = UtcDateTimeField()
    who = serializers.CharField()
    what = serializers.CharField()
    state = serializers.CharField(help_text="How it stood after that, in words.")


class DeliverySerializer(PlmSerializer):
    """A delivery in a list."""

    delivery_id = serializers.UUIDField(source="pk")
    neighbour = serializers.CharField(source="target.neighbour_key")
    contract = serializers.CharField(source="contract_key")
    contract_version = serializers.IntegerField()
    event_id = serializers.UUIDField()
    event_type = serializers.CharField()
    entity_id = serializers.UUIDField()
    entity_label = serializers.CharField()
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts_made = serializers.IntegerField(source="attempt_count")
    next_try_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    delivered_at = UtcDateTimeField(allow_null=True)
    reason = serializers.CharField()
    assignee_id = serializers.UUIDField(allow_null=True)


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with what was sent and every attempt."""

    idempotency_key = serializers.CharField()
    payload = serializers.SerializerMethodField(help_text="As sent; null until it is made. Secrets are masked.")
    answer = serializers.SerializerMethodField(help_text="What the other side said in the end.")
    attempts = AttemptSerializer(many=True)
    decisions = serializers.SerializerMethodField(help_text="What people decided about it, newest first.")

    @extend_schema_field(DecisionSerializer(many=True))
    def get_decisions(self, delivery: Delivery) -> Any:
        """Return who did what."""
        return DecisionSerializer(delivery_decisions(delivery), many=True).data

    def get_payload(self, delivery: Delivery) -> Any:
        """Return what was sent."""
        return masked(delivery.payload)

    def get_answer(self, delivery: Delivery) -> Any:
        """Return the answer."""
        return masked(delivery.answer)


class WebhookSerializer(PlmSerializer):
    """A webhook; its secret is told once, when it is made."""

    webhook_id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    url = serializers.CharField(source="target.base_url")
    event_types = serializers.ListField(child=serializers.CharField(), help_text="None: all.")
    is_enabled = serializers.BooleanField(source="target.is_enabled")
    allow_private = serializers.BooleanField(source="target.allow_private")
    off_reason = serializers.CharField(help_text="Why it was switched off by itself.")
    failing_since = UtcDateTimeField(allow_null=True)
    failed_in_row = serializers.IntegerField()
    both_sign_until = UtcDateTimeField(source="before_until", allow_null=True)
    created_at = UtcDateTimeField()
    version = serializers.IntegerField()


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook with the secret it was just given."""

    secret = serializers.CharField()


class WebhookFields(PlmSerializer):
    """What a webhook is told, and where."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=500)
    event_types = serializers.ListField(child=serializers.CharField(max_length=60), default=list, max_length=50)
    allow_private = serializers.BooleanField(default=False)


class WebhookChange(WebhookFields):
    """The same, and whether it is on."""

    is_enabled = serializers.BooleanField(default=True)


class DeliveryQuery(PlmSerializer):
    """What a list of deliveries is narrowed by."""

    q = serializers.CharField(required=False, max_length=200, help_text="In what it is about, and in the reason.")
    state = serializers.ListField(child=serializers.ChoiceField(DeliveryState.choices), required=False)
    neighbour = serializers.CharField(required=False, max_length=60)
    webhook = serializers.UUIDField(required=False)
    contract = serializers.CharField(required=False, max_length=80)
    event_type = serializers.CharField(required=False, max_length=60)
    entity = serializers.UUIDField(required=False)
    assignee = serializers.UUIDField(required=False)


class ReplayRequest(PlmSerializer):
    """How to send one again."""

    fresh = serializers.BooleanField(default=False, help_text="Make the payload anew from what is held today.")


class ReplayManyRequest(PlmSerializer):
    """Which to send again."""

    ids = serializers.ListField(child=serializers.UUIDField(), required=False, allow_empty=False, max_length=1000)
    neighbour = serializers.CharField(required=False, max_length=60)
    states = serializers.ListField(
        child=serializers.ChoiceField(["review", "delivered", "discarded"]), default=lambda: ["review"]
    )
    since = serializers.DateTimeField(required=False)


class CountSerializer(PlmSerializer):
    """How many."""

    count = serializers.IntegerField()


class DiscardRequest(PlmSerializer):
    """Why it need not arrive."""

    reason = serializers.CharField(max_length=1000)


class AsBuiltRequest(PlmSerializer):
    """Which unit."""

    product_id = serializers.UUIDField(help_text="The end item whose serial numbers are counted.")
    serial = serializers.IntegerField(min_value=1)
    built_on = serializers.DateField(required=False, help_text="Left out: today.")


class CatchUpRequest(PlmSerializer):
    """Since when."""

    since = serializers.DateTimeField(required=False, help_text="Left out: everything.")


class AssignRequest(PlmSerializer):
    """Who looks after it."""

    user_id = serializers.UUIDField(allow_null=True)
