"""Votes, and what the rules ask, on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from changes.choices import ChangeStatus, Decision, Meaning, Quorum, RuleWeight
from changes.content import void_votes
from changes.models import EngineeringChange
from changes.policy.standing import required_by, tally_of
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField

COUNTED = (ChangeStatus.SUBMITTED, ChangeStatus.APPROVED)


class ConditionSerializer(PlmSerializer):
    """One comparison of an attribute of the change."""

    attribute = serializers.CharField()
    operator = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class LeftOutSerializer(PlmSerializer):
    """A rule that was not asked, because it does not count on the fast track."""

    code = serializers.CharField()
    name = serializers.CharField()
    why = serializers.CharField(help_text="Why it would have applied.")


class FastTrackSerializer(PlmSerializer):
    """That a round went the fast track, as it was decided when the change was submitted."""

    round = serializers.IntegerField()
    why = serializers.CharField()
    conditions = serializers.ListField(
        child=ConditionSerializer(many=True), help_text="Those of the policy then: alternatives."
    )
    left_out = LeftOutSerializer(many=True)


class PersonSerializer(PlmSerializer):
    """A person."""

    user_id = serializers.UUIDField(source="pk")
    name = serializers.CharField(source="get_full_name")
    email = serializers.CharField()


class ApprovalRequirementSerializer(PlmSerializer):
    """What one rule asks of the running or last round, and where it stands."""

    code = serializers.CharField(help_text="Votes name it in their rules.")
    name = serializers.CharField()
    why = serializers.CharField(help_text="Why the rule applied when the change was submitted.")
    weight = serializers.ChoiceField(RuleWeight.choices)
    decides = serializers.ChoiceField(Quorum.choices)
    step = serializers.IntegerField()
    state = serializers.ChoiceField(["met", "failed", "open", "later"])
    needed = serializers.IntegerField()
    approved = serializers.IntegerField(help_text="For weight comment: how many have commented.")
    rejected = serializers.IntegerField()


def requirement_states(change: EngineeringChange) -> list[dict[str, Any]]:
    """Return the requirements of a change's running or last round with their states, in the order of their steps."""
    kept, votes = change.round_requirements(), change.round_votes()
    if not votes:
        return []
    void = {vote.pk for vote in void_votes(change)} if change.status in COUNTED else set()
    found = tally_of(kept, votes, void)
    rows = []
    for one in sorted(required_by(kept, votes), key=lambda row: row.step):
        standing = found.standings[one.code]
        kept_values = {name: getattr(one, name) for name in ("code", "why", "weight", "decides", "step")}
        counts = {name: getattr(standing, name) for name in ("state", "needed", "approved", "rejected")}
        rows.append({**kept_values, **counts, "name": one.label})
    return rows


class ApprovalSerializer(PlmSerializer):
    """One person's vote in one round."""

    approval_id = serializers.UUIDField(source="pk")
    round = serializers.IntegerField()
    approver = PersonSerializer()
    rules = serializers.ListField(child=serializers.CharField(), help_text="The rules that named the approver.")
    decision = serializers.ChoiceField(Decision.choices)
    comment = serializers.CharField()
    decided_at = UtcDateTimeField(allow_null=True)
    signed_name = serializers.CharField(help_text="The approver's name when it was signed.")
    meaning = serializers.ChoiceField(Meaning.choices, allow_blank=True)
    content_hash = serializers.CharField(help_text="SHA-256 of the content that was signed.")
    decided_by = PersonSerializer(allow_null=True, help_text="Who signed: the approver, or their deputy.")
    stand_in_rules = serializers.ListField(
        child=serializers.CharField(), help_text="Rules where they may answer for whoever is late."
    )
    is_asked = serializers.BooleanField(help_text="Whether it is, or was, waited for: a later step is not asked yet.")
    due_at = UtcDateTimeField(allow_null=True)


class SignatureSerializer(PlmSerializer):
    """The caller's own password again, and what the signature means. The password is checked and never kept."""

    password = serializers.CharField(write_only=True, max_length=4096, trim_whitespace=False)
    meaning = serializers.ChoiceField(
        Meaning.choices, required=False, default="", allow_blank=True, help_text="Default: approval or rejection."
    )


class VoteSerializer(PlmSerializer):
    """What every vote carries. The comment is kept with the signature."""

    signature = SignatureSerializer()
    on_behalf_of = serializers.UUIDField(
        required=False, allow_null=True, help_text="For a deputy: the approver whose vote it is. Default: one's own."
    )


class ApproveSerializer(VoteSerializer):
    """An approval."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class RejectSerializer(VoteSerializer):
    """A rejection, or a comment that was asked for, and why."""

    comment = serializers.CharField(max_length=2000)
