"""Compliance records with their steps and evidence, and evidence in a list of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance import permissions
from compliance.choices import LAPSING, ComplianceStatus
from compliance.models import ComplianceRecord, Evidence
from compliance.services import evidence_remove, record_move
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import (
    HistoryPart,
    PlmAdmin,
    ReadOnlyInline,
    RecordAdmin,
    RecordForm,
    Step,
    StepForm,
    StepsMixin,
    badge,
    moment,
    name_choices,
    on_page,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options

STEPS = {
    ComplianceStatus.IN_PROGRESS: _("Start or reopen the assessment"),
    ComplianceStatus.COMPLIANT: _("Compliant"),
    ComplianceStatus.NON_COMPLIANT: _("Non-compliant"),
    ComplianceStatus.WAIVED: _("Waive"),
}

name_choices(ComplianceRecord, str)


class LastDayForm(StepForm):
    """A reason, and the last valid day."""

    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last valid day. Empty: without end."),
    )


class EvidenceInline(ReadOnlyInline):
    """What the finding stands on. It is attached on the record's page, where files are taken."""

    model = Evidence
    needs: ClassVar = {"view": permissions.COMPLIANCE_READ}
    fields: ClassVar = ("title", "issuer", "valid_from", "valid_until", "download")
    readonly_fields = fields

    @admin.display(description=_("file"))
    def download(self, obj: Evidence) -> str:
        """The file."""
        return _link(obj)


@admin.register(ComplianceRecord)
class ComplianceRecordAdmin(StepsMixin, PlmAdmin):
    """One per revision and regulation. They start by themselves, and move by steps."""

    needs: ClassVar = {"view": permissions.COMPLIANCE_READ}
    list_display = ("product", "revision_label", "regulation", "status_badge", "valid_until", "assessor")
    list_filter = ("status", "regulation__is_binding")
    search_fields = ("revision__product__product_number", "regulation__code")
    list_select_related = ("revision__product", "regulation", "assessor")
    fields = (("product", "revision_label", "regulation"), ("status_badge", "valid_until"), "reason",
              ("assessor", "assessed"), ("audit_created", "audit_changed"))  # fmt: skip
    readonly_fields = ("product", "revision_label", "regulation", "status_badge", "valid_until", "reason", "assessor",
                       "assessed", "audit_created", "audit_changed")  # fmt: skip
    inlines = (EvidenceInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With all that a row names."""
        related = ("revision__product", "regulation", "assessor", "created_by", "updated_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=_("product"), ordering="revision__product__product_number")
    def product(self, obj: ComplianceRecord) -> str:
        """Its number."""
        return obj.revision.product.product_number

    @admin.display(description=_("revision"))
    def revision_label(self, obj: ComplianceRecord) -> str:
        """Its label."""
        return obj.revision.label

    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, obj: ComplianceRecord) -> str:
        """The status as it reads today."""
        return badge(obj.status_now, obj.status_now_label)

    @admin.display(description=_("assessed"))
    def assessed(self, obj: ComplianceRecord) -> str:
        """When."""
        return moment(obj.assessed_at)

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its own page, where evidence is attached."""
        return [(_now("Page of the record"), on_page("compliance:record-detail", obj.pk))]

    def history_parts(self, obj: ComplianceRecord) -> list[HistoryPart]:
        """The record's own history, and that of its evidence."""
        return [
            HistoryPart(_now("Record"), ComplianceRecord.history.filter(id=obj.pk)),
            HistoryPart(_now("Evidence"), Evidence.history.filter(record_id=obj.pk)),
        ]

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The steps of the machine."""
        options = transition_options(obj, "status", request.actor)  # type: ignore[attr-defined]
        return steps_from_options(
            options,
            {str(status): label for status, label in STEPS.items()},
            grave=(ComplianceStatus.NON_COMPLIANT,),
            forms_=dict.fromkeys(map(str, LAPSING), LastDayForm),
        )

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        record_move(
            actor=actor,
            record_id=obj.pk,
            to=name,
            reason=data["reason"],
            valid_until=data.get("valid_until"),
            expected_version=data["expected_version"],
        )


class EvidenceForm(RecordForm):
    """Nothing of an evidence is edited: another version is another evidence."""

    class Meta:
        model = Evidence
        fields: ClassVar[list[str]] = []


@admin.register(Evidence)
class EvidenceAdmin(RecordAdmin):
    """All evidence, to look at, download and take out of sight."""

    needs: ClassVar = {"view": permissions.COMPLIANCE_READ, "delete": permissions.COMPLIANCE_ASSESS}
    form = EvidenceForm
    list_display = ("title", "issuer", "about", "valid_until", "download")
    search_fields = ("title", "issuer", "record__revision__product__product_number")
    date_hierarchy = "valid_until"
    fields = ("title", "issuer", "about", ("valid_from", "valid_until"), "download", "sha256",
              ("audit_created", "audit_changed"))  # fmt: skip
    readonly_fields = ("title", "issuer", "about", "valid_from", "valid_until", "download", "sha256",
                       "audit_created", "audit_changed")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        """With all that a row names."""
        related = ("record__revision__product", "record__regulation", "created_by", "updated_by")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=_("record"))
    def about(self, obj: Evidence) -> str:
        """The record it stands on."""
        return str(obj.record)

    @admin.display(description=_("file"))
    def download(self, obj: Evidence) -> str:
        """The file."""
        return _link(obj)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        evidence_remove(actor=actor, evidence_id=obj.pk, reason=reason, expected_version=expected_version)


def _link(evidence: Evidence) -> str:
    return format_html('<a href="{}" download>{}</a>', evidence.get_absolute_url(), evidence.file_name)
