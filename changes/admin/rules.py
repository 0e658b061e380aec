"""The tenant's approval policy: which rules are in force, when they apply, who decides, in which order and until when."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.choices import RuleCode
from changes.models import ApprovalRule, Delegation, RuleApprover
from changes.policy.attributes import ATTRIBUTES
from changes.policy.conditions import ConditionFault, conditions_read, conditions_text
from changes.services import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_update,
    delegation_add,
    delegation_end,
)
from plm_project.accounts.models import Membership, User
from plm_project.accounts.permissions import holders
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import RecordAdmin, RecordForm, badge

VALUES = (
    "name", "is_enabled", "effective_from", "effective_to", "conditions", "threshold", "role", "weight", "decides",
    "quorum", "step", "bars_author", "bars_release", "on_fast_track", "deadline_days", "remind_days", "escalation_role",
)  # fmt: skip


def members() -> Any:
    """Return the people of the tenant."""
    return User.objects.filter(pk__in=Membership.objects.values("user_id"))


def approving_roles() -> list[tuple[str, Any]]:
    """Return the roles that may approve at all."""
    allowed = holders(permissions.CHANGES_APPROVE)
    return [(value, label) for value, label in Role.choices if value in allowed]


class ConditionsField(forms.CharField):
    """Conditions as people write them, one a line; the value is as they are kept."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        """Read what was written."""
        try:
            return conditions_read(str(super().to_python(value) or ""))
        except ConditionFault as fault:
            raise forms.ValidationError(str(fault)) from fault

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what the lines say, not their spaces."""
        return _lines(data) != _lines(initial)


def _lines(text: Any) -> list[str]:
    return [" ".join(line.split()) for line in str(text or "").splitlines() if line.strip()]


class RuleForm(RecordForm):
    """All of a rule."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
    conditions = ConditionsField(label=_("Applies when"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=approving_roles)
    escalation_role = forms.ChoiceField(
        label=_("Escalate to"), required=False, choices=lambda: [("", "–"), *approving_roles()]
    )
    people = forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=User.objects.none(),
        required=False,
        widget=AutocompleteSelectMultiple(RuleApprover._meta.get_field("user"), admin.site),
        help_text=_("If empty, everybody who has the role decides."),
    )

    class Meta:
        model = ApprovalRule
        fields: ClassVar = list(VALUES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        if "people" in self.fields:
            people: Any = self.fields["people"]
            people.queryset = members()
            self.initial["people"] = list(rule.people.values_list("user_id", flat=True)) if rule.pk else []
        if "threshold" in self.fields:
            self.initial["threshold"] = plain(rule.threshold)
            self.fields["threshold"].help_text = _("What “threshold” stands for in a condition on cost_impact.")
        if "conditions" in self.fields:
            self.initial["conditions"] = conditions_text(rule.alternatives)
            self.fields["conditions"].help_text = _(
                "One condition a line, such as “cost_impact above threshold” or “change_type in safety, regulatory”; all of "
                "them must hold. A line “or” begins an alternative. Empty: always. Attributes: %(names)s, attribute.NAME."
            ) % {"names": ", ".join(ATTRIBUTES)}
        if "name" in self.fields:
            self.fields["name"].required = rule.code not in RuleCode.values
            self.fields["name"].help_text = _("A standard rule has its own where this is empty.")

    def values(self, names: Any) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in names if name in VALUES and name in self.cleaned_data}


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(RecordAdmin):
    """Four rules come with every tenant and are switched on and off; those it adds can be deleted."""

    needs: ClassVar = dict.fromkeys(("view", "add", "change", "delete"), permissions.CHANGES_CONFIGURE)
    form = RuleForm
    list_display = ("step", "label", "in_force", "applies", "who", "how")
    list_display_links = ("label",)
    list_filter = ("is_enabled", "weight")
    search_fields = ("name", "code")
    readonly_fields = ("code", "audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["name", "code", ("is_enabled", "effective_from", "effective_to")]}),
        (_("When it applies"), {"fields": ["conditions", "threshold", "on_fast_track"]}),
        (_("Who decides"), {"fields": ["role", "people", ("weight", "decides", "quorum"), "step"]}),
        (_("Separation of duties"), {"fields": [("bars_author", "bars_release")]}),
        (_("Until when"), {"fields": [("deadline_days", "remind_days", "escalation_role")]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people they name."""
        return (
            super().get_queryset(request).select_related("created_by", "updated_by").prefetch_related("people__user")
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A standard rule is switched off, not deleted."""
        return super().has_delete_permission(request, obj) and getattr(obj, "code", "") not in RuleCode.values

    @admin.display(description=_("rule"), ordering="code")
    def label(self, obj: ApprovalRule) -> str:
        """Its name."""
        return obj.label

    @admin.display(description=_("in force"), ordering="is_enabled")
    def in_force(self, obj: ApprovalRule) -> str:
        """Whether it counts."""
        return badge("active", _now("in force")) if obj.is_enabled else badge("inactive", _now("switched off"))

    @admin.display(description=_("applies when"))
    def applies(self, obj: ApprovalRule) -> str:
        """Its conditions."""
        text = conditions_text(obj.alternatives).replace("threshold", plain(obj.threshold))
        return format_html_join("\n", "{}<br>", ((line,) for line in text.splitlines())) or _now("always")

    @admin.display(description=_("who"))
    def who(self, obj: ApprovalRule) -> str:
        """Whom it names."""
        named = ", ".join(str(entry.user) for entry in obj.people.all())
        return named or str(Role(obj.role).label)

    @admin.display(description=_("how"))
    def how(self, obj: ApprovalRule) -> str:
        """What it takes."""
        amount = f" ({obj.quorum})" if obj.quorum else ""
        return f"{obj.get_weight_display()}: {obj.get_decides_display()}{amount}"

    def create_record(self, actor: Actor, form: Any) -> ApprovalRule:
        """By the service."""
        people = [user.pk for user in form.cleaned_data["people"]]
        return approval_rule_add(actor=actor, data=form.values(VALUES), people=people)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ApprovalRule:
        """By the service."""
        people = [user.pk for user in form.cleaned_data["people"]] if "people" in form.changed_data else None
        return approval_rule_update(
            actor=actor,
            rule_id=obj.pk,
            changes=form.values(form.changed_data),
            people=people,
            expected_version=form.version_seen,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        approval_rule_remove(actor=actor, rule_id=obj.pk, reason=reason, expected_version=expected_version)


class DelegationForm(RecordForm):
    """Who stands in for whom, and when."""

    class Meta:
        model = Delegation
        fields: ClassVar = ["person", "deputy", "first_day", "last_day", "note"]


@admin.register(Delegation)
class DelegationAdmin(RecordAdmin):
    """Deputies of people who are away. A delegation is not edited: it is ended, and another one made."""

    needs: ClassVar = {
        "view": permissions.CHANGES_CONFIGURE,
        "add": permissions.CHANGES_CONFIGURE,
        "delete": permissions.CHANGES_CONFIGURE,
    }
    form = DelegationForm
    list_display = ("person", "deputy", "first_day", "last_day", "note")
    list_filter = (("first_day", admin.DateFieldListFilter),)
    search_fields = ("person__email", "deputy__email", "person__full_name", "deputy__full_name")
    autocomplete_fields = ("person", "deputy")
    readonly_fields = ("audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": [("person", "deputy"), ("first_day", "last_day"), "note"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("person", "deputy", "created_by", "updated_by")

    def create_record(self, actor: Actor, form: Any) -> Delegation:
        """By the service."""
        return delegation_add(actor=actor, **form.service_data(only_changed=False))

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """End it, by the service."""
        delegation_end(actor=actor, delegation_id=obj.pk, reason=reason, expected_version=expected_version)
