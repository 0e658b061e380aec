"""Engineering changes: list, draft with redlines in place, votes and steps, the difference in colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes import permissions
from changes.admin.disposition_rows import DispositionInline
from changes.admin.fast_track_rows import FastTrackInline
from changes.admin.rows import AffectedInline, ApprovalInline, DocumentInline, RedlineInline
from changes.choices import ChangeStatus
from changes.line_said import more_said, serial_numbers
from changes.models import AffectedProduct, Approval, Disposition, EngineeringChange, Redline
from changes.policy.standing import comments_only, required_by
from changes.selectors import AffectedDifference, DifferenceRow, change_difference, vote_of
from changes.services import (
    Signature,
    change_approve,
    change_cancel,
    change_close,
    change_comment,
    change_create,
    change_delete,
    change_implement,
    change_reject,
    change_reopen,
    change_submit,
    change_update,
    change_withdraw,
)
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.tenancy.admin import (
    HistoryPart,
    RecordAdmin,
    RecordForm,
    Step,
    StepForm,
    StepsMixin,
    badge,
    moment,
    on_page,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options

APPROVE, REJECT, COMMENT = "approve", "reject", "comment"
STEPS = {
    ChangeStatus.SUBMITTED: _("Submit for approval"),
    ChangeStatus.IMPLEMENTED: _("Implement"),
    ChangeStatus.CLOSED: _("Close"),
    ChangeStatus.DRAFT: _("Reopen as a draft"),
    ChangeStatus.WITHDRAWN: _("Withdraw"),
    ChangeStatus.CANCELLED: _("Cancel the change"),
}
# The service of each step, and what it calls the text that comes with it.
SERVICES: dict[str, tuple[Any, str]] = {
    APPROVE: (change_approve, "comment"),
    REJECT: (change_reject, "comment"),
    COMMENT: (change_comment, "comment"),
    ChangeStatus.SUBMITTED: (change_submit, "comment"),
    ChangeStatus.IMPLEMENTED: (change_implement, "comment"),
    ChangeStatus.CLOSED: (change_close, "reason"),
    ChangeStatus.DRAFT: (change_reopen, "reason"),
    ChangeStatus.WITHDRAWN: (change_withdraw, "reason"),
    ChangeStatus.CANCELLED: (change_cancel, "reason"),
}
SIGNS = {"added": ("+", _("added")), "removed": ("−", _("removed")), "changed": ("±", _("changed"))}
SHOWN = ("find_number", "product_number", "product_name", "quantity", "unit_of_measure", "reference_designators")


class CommentForm(StepForm):
    """A comment, as long as a vote may be."""

    reason = forms.CharField(
        label=_("Comment"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class VoteForm(CommentForm):
    """A comment, and the password that signs the vote."""

    password = forms.CharField(
        label=_("Your password, to sign"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangeForm(RecordForm):
    """A draft's own fields."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field

    class Meta:
        model = EngineeringChange
        fields: ClassVar = ["change_title", "change_type", "priority", "urgency", "cost_impact", "effective_from",
                            "change_description", "reason_for_change", "business_impact"]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "cost_impact" in self.fields:
            self.initial["cost_impact"] = plain(self.instance.cost_impact)


@dataclass(frozen=True)
class Cell:
    """One value of a line in the difference."""

    old: str
    new: str
    changed: bool


@admin.register(EngineeringChange)
class EngineeringChangeAdmin(StepsMixin, RecordAdmin):
    """Engineering changes."""

    needs: ClassVar = {
        "view": permissions.CHANGES_READ,
        "add": permissions.CHANGES_CREATE,
        "change": permissions.CHANGES_UPDATE,
        "delete": permissions.CHANGES_UPDATE,
    }
    form = ChangeForm
    list_display = (
        "change_number",
        "change_title",
        "status_badge",
        "change_type",
        "priority_badge",
        "author",
        "submitted",
    )
    list_filter = ("status", "change_type", "priority", "urgency")
    search_fields = ("change_number", "change_title")
    search_help_text = _("Number or title")
    date_hierarchy = "created_at"
    list_select_related = ("created_by",)
    readonly_fields = ("change_number", "status_badge", "round", "submitted", "decided", "implemented", "audit_created",
                       "audit_changed")  # fmt: skip

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """A stored change also says where it stands."""
        own = [
            "change_title",
            ("change_type", "priority", "urgency"),
            ("cost_impact", "effective_from"),
            "change_description",
            "reason_for_change",
            "business_impact",
        ]
        if obj is None:
            return [(None, {"fields": own})]
        return [
            (
                _("State"),
                {"fields": [("change_number", "status_badge", "round"), ("submitted", "decided", "implemented")]},
            ),
            (_("Change"), {"fields": own}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """One change's page also names its people."""
        return super().get_queryset(request).select_related("created_by", "updated_by", "implemented_by")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new change first names its products; redlines are drawn on what is stored."""
        if obj is None:
            return [AffectedInline]
        redlines = [RedlineInline] if obj.is_draft else []
        quick = [FastTrackInline] if obj.round and obj.fast_tracks.exists() else []
        return [AffectedInline, DocumentInline, *redlines, DispositionInline, *quick, ApprovalInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft is edited."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft nobody else has seen; the rest is cancelled."""
        return super().has_delete_permission(request, obj) and (obj is None or (obj.is_draft and not obj.round))

    # --- list ----------------------------------------------------------------------------------------------------------
    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, obj: EngineeringChange) -> str:
        """The status."""
        return badge(obj.status, obj.get_status_display())

    @admin.display(description=_("priority"), ordering="priority")
    def priority_badge(self, obj: EngineeringChange) -> str:
        """The priority."""
        return badge(obj.priority, obj.get_priority_display())

    @admin.display(description=_("author"), ordering="created_by__email")
    def author(self, obj: EngineeringChange) -> str:
        """Who wrote it."""
        return str(obj.created_by or "–")

    @admin.display(description=_("submitted"), ordering="submitted_at")
    def submitted(self, obj: EngineeringChange) -> str:
        """When it was last submitted."""
        return moment(obj.submitted_at)

    @admin.display(description=_("decided"))
    def decided(self, obj: EngineeringChange) -> str:
        """When the round was decided."""
        return moment(obj.decided_at)

    @admin.display(description=_("implemented"))
    def implemented(self, obj: EngineeringChange) -> str:
        """When and by whom."""
        return f"{moment(obj.implemented_at)} · {obj.implemented_by}" if obj.implemented_at else "–"

    # --- one change ----------------------------------------------------------------------------------------------------
    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """The change's own page, where its reach is shown."""
        return [
            (_now("Change page"), on_page("changes:change-detail", obj.pk)),
        ]

    def notices(self, request: HttpRequest, obj: Any) -> list[str]:
        """Why it cannot be edited, and that a vote is waited for."""
        found = []
        if vote_of(obj, request.actor) is not None:  # type: ignore[attr-defined]
            found.append(_now("Your decision is waited for."))
        if not obj.is_draft:
            found.append(_now("Only a draft is edited. This one is to look at."))
        return found

    def panels(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The difference that the redlines make."""
        return {**super().panels(request, obj), "difference": [_shown(entry) for entry in change_difference(obj)]}

    def history_parts(self, obj: EngineeringChange) -> list[HistoryPart]:
        """The change's own history, and that of all that hangs on it."""
        return [
            HistoryPart(_now("Change"), EngineeringChange.history.filter(id=obj.pk)),
            HistoryPart(_now("Affected product"), AffectedProduct.history.filter(change_id=obj.pk)),
            HistoryPart(_now("Redline"), Redline.history.filter(change_id=obj.pk)),
            HistoryPart(_now("Existing parts"), Disposition.history.filter(change_id=obj.pk)),
            HistoryPart(_now("Approval"), Approval.history.filter(change_id=obj.pk)),
        ]

    def create_record(self, actor: Actor, form: Any) -> EngineeringChange:
        """By the service."""
        return change_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> EngineeringChange:
        """By the service. It checks the version seen also when only rows are edited: they count it up too."""
        return change_update(
            actor=actor,
            change_id=obj.pk,
            changes=form.service_data(only_changed=True),
            expected_version=form.version_seen,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        change_delete(actor=actor, change_id=obj.pk, reason=reason, expected_version=expected_version)

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The actor's vote, then the steps of the machine."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        options = transition_options(obj, "status", actor)
        found = steps_from_options(
            options,
            {str(status): label for status, label in STEPS.items()},
            grave=(ChangeStatus.CANCELLED,),
            forms_=dict.fromkeys((ChangeStatus.SUBMITTED, ChangeStatus.IMPLEMENTED), CommentForm),
        )
        return [*_votes(obj, actor), *found]

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service of the step."""
        service, text = SERVICES[name]
        said = {text: data["reason"]}
        if "password" in data:
            said["signature"] = Signature(data["password"])
        service(actor=actor, change_id=obj.pk, expected_version=data["expected_version"], **said)


def _votes(change: EngineeringChange, actor: Actor) -> list[Step]:
    """Return approve and reject, or comment for who is asked for that alone. They are votes of a person, not transitions:
    the last vote that is needed moves the change.
    """
    why: tuple[str, ...] = ()
    vote = vote_of(change, actor)
    if change.status != ChangeStatus.SUBMITTED:
        why = (_now("Votes are cast on a submitted change."),)
    elif not actor.may(permissions.CHANGES_APPROVE):
        why = (_now("You need the permission %s for this.") % permissions.CHANGES_APPROVE,)
    elif vote is None:
        why = (_now("You are not one of its approvers, are not asked yet, or have decided already."),)
    elif comments_only(vote, required_by(change.round_requirements(), [vote])):
        return [Step(COMMENT, _now("Comment"), why, needs_reason=True, form_class=VoteForm)]
    return [
        Step(APPROVE, _now("Approve"), why, form_class=VoteForm),
        Step(REJECT, _now("Reject"), why, needs_reason=True, is_grave=True, form_class=VoteForm),
    ]


def _shown(part: AffectedDifference) -> dict[str, Any]:
    """Return one affected product's changed lines as the template shows them."""
    numbers = serial_numbers(part.changed_rows)
    return {
        "affected": part.affected,
        "changed_rows": part.changed_rows,
        "shown": [_row(row) | {"more": list(more_said(row, numbers))} for row in part.changed_rows],
    }


def _row(row: DifferenceRow) -> dict[str, Any]:
    sign, word = SIGNS[row.kind]
    cells = [
        Cell(_text(row.old(name)), _text(row.values.get(name)), name in row.changed_fields and row.kind == "changed")
        for name in SHOWN
    ]
    return {"kind": row.kind, "sign": sign, "word": word, "cells": cells}


def _text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(value) or "–"
    return "–" if value in (None, "") else str(value)
