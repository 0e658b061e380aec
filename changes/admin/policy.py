"""What the tenant asks of its changes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.admin.rules import ConditionsField
from changes.models import ChangePolicy
from changes.policy.attributes import ATTRIBUTES
from changes.policy.conditions import conditions_text
from changes.services import change_policy_update
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import RecordAdmin, RecordForm, badge


class PolicyForm(RecordForm):
    """The switches, and what is small."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
    fast_track_conditions = ConditionsField(label=_("Fast track when"), required=False)

    class Meta:
        model = ChangePolicy
        fields: ClassVar = ["dispositions_required", "children_released", "fast_track_conditions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "fast_track_conditions" in self.fields:
            self.initial["fast_track_conditions"] = conditions_text(self.instance.fast_track)
            self.fields["fast_track_conditions"].help_text = _(
                "What is small, one condition a line, such as “cost_impact at most 500” or “affected_products at most 2”; all "
                "of them must hold. A line “or” begins an alternative. Such a change is asked only of the rules that are "
                "marked “also on the fast track”. Empty: there is no fast track. Attributes: %(names)s, attribute.NAME."
            ) % {"names": ", ".join(ATTRIBUTES)}


@admin.register(ChangePolicy)
class ChangePolicyAdmin(RecordAdmin):
    """One row comes with every tenant; it is switched, never added or deleted."""

    needs: ClassVar = {"view": permissions.CHANGES_CONFIGURE, "change": permissions.CHANGES_CONFIGURE}
    form = PolicyForm
    actions = ()
    list_display = ("name", "required", "children", "small")
    readonly_fields = ("audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["dispositions_required", "children_released"]}),
        (_("Fast track"), {"fields": ["fast_track_conditions"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people of its record."""
        return super().get_queryset(request).select_related("created_by", "updated_by")

    @admin.display(description=_("policy"))
    def name(self, obj: ChangePolicy) -> str:
        """What it is."""
        return str(obj)

    @admin.display(description=_("dispositions required"), ordering="dispositions_required")
    def required(self, obj: ChangePolicy) -> str:
        """Whether every product needs a decision."""
        return badge("active", _now("required")) if obj.dispositions_required else badge("inactive", _now("optional"))

    @admin.display(description=_("parts released first"), ordering="children_released")
    def children(self, obj: ChangePolicy) -> str:
        """Whether parts must be released."""
        return badge("active", _now("required")) if obj.children_released else badge("inactive", _now("optional"))

    @admin.display(description=_("fast track when"))
    def small(self, obj: ChangePolicy) -> str:
        """Which changes are small."""
        lines = conditions_text(obj.fast_track).splitlines()
        return format_html_join("\n", "{}<br>", ((line,) for line in lines)) or _now("never")

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ChangePolicy:
        """By the service."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        return change_policy_update(actor=actor, policy_id=obj.pk, changes=changes, expected_version=form.version_seen)
