"""The tenant's approval rules: which are in force, who decides, from which amount on."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.models import ApprovalRule, RuleApprover
from changes.services import approval_rule_update
from plm_project.accounts.models import Membership, User
from plm_project.accounts.permissions import holders
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import RecordAdmin, RecordForm, badge, plain_number

VALUES = ("is_enabled", "role", "threshold")


def members() -> Any:
    """Return the people of the tenant."""
    return User.objects.filter(pk__in=Membership.objects.values("user_id"))


def approving_roles() -> list[tuple[str, Any]]:
    """Return the roles that may approve at all."""
    allowed = holders(permissions.CHANGES_APPROVE)
    return [(value, label) for value, label in Role.choices if value in allowed]


class RuleForm(RecordForm):
    """Role, people, threshold."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
    role = forms.ChoiceField(label=_("Role"), choices=approving_roles)
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
        if "people" in self.fields:
            people: Any = self.fields["people"]
            people.queryset = members()
            self.initial["people"] = list(self.instance.people.values_list("user_id", flat=True))
        if "threshold" in self.fields:
            self.initial["threshold"] = plain(self.instance.threshold)
            self.fields["threshold"].help_text = _("Counts for the financial rule: it applies above this amount.")


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(RecordAdmin):
    """Four rules come with every tenant; they are switched and filled, never added or deleted."""

    needs: ClassVar = {"view": permissions.CHANGES_CONFIGURE, "change": permissions.CHANGES_CONFIGURE}
    form = RuleForm
    actions = ()
    list_display = ("code", "in_force", "role", "people", "above")
    readonly_fields = ("code", "audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["code", "is_enabled", "role", "people", "threshold"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people they name."""
        return (
            super().get_queryset(request).select_related("created_by", "updated_by").prefetch_related("people__user")
        )

    @admin.display(description=_("in force"), ordering="is_enabled")
    def in_force(self, obj: ApprovalRule) -> str:
        """Whether it counts."""
        return badge("active", _now("in force")) if obj.is_enabled else badge("inactive", _now("switched off"))

    @admin.display(description=_("people"))
    def people(self, obj: ApprovalRule) -> str:
        """Whom it names."""
        return ", ".join(str(entry.user) for entry in obj.people.all()) or _now("everybody with the role")

    @admin.display(description=_("above"))
    def above(self, obj: ApprovalRule) -> str:
        """The amount, for the rule that has one."""
        return plain_number(obj.threshold) if obj.code == "financial" else "–"

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ApprovalRule:
        """By the service."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in VALUES}
        people = [user.pk for user in form.cleaned_data["people"]] if "people" in form.changed_data else None
        return approval_rule_update(
            actor=actor, rule_id=obj.pk, changes=changes, people=people, expected_version=form.version_seen
        )
