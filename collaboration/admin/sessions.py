"""Sessions: list, plan with people and links in place, start and end by buttons."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from collaboration import permissions
from collaboration.admin.rows import ChangeInline, ParticipantInline, ProductInline
from collaboration.choices import Feature, SessionStatus
from collaboration.models import CollaborationSession, SessionChange, SessionParticipant, SessionProduct
from collaboration.selectors.access import sessions_open_to
from collaboration.services import session_create, session_delete, session_end, session_start, session_update
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import (
    HistoryPart,
    PlainStepForm,
    RecordAdmin,
    RecordForm,
    Step,
    StepsMixin,
    badge,
    moment,
    on_page,
    steps_from_options,
)
from plm_project.tenancy.states import transition_options

STEPS = {SessionStatus.ACTIVE: _("Start"), SessionStatus.ENDED: _("End")}


class SessionForm(RecordForm):
    """What a host says of a session."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
    features = forms.MultipleChoiceField(
        label=_("Wanted"), required=False, choices=Feature.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = CollaborationSession
        fields: ClassVar = ["title", "description", "features", "scheduled_for"]


@admin.register(CollaborationSession)
class CollaborationSessionAdmin(StepsMixin, RecordAdmin):
    """Collaboration sessions."""

    needs: ClassVar = {
        "view": permissions.COLLABORATION_READ,
        "add": permissions.COLLABORATION_CREATE,
        "change": permissions.COLLABORATION_UPDATE,
        "delete": permissions.COLLABORATION_UPDATE,
    }
    form = SessionForm
    list_display = ("title", "status_badge", "owner", "scheduled_for", "started", "updates", "active")
    list_filter = ("status",)
    search_fields = ("title", "description")
    search_help_text = _("Title or description")
    date_hierarchy = "created_at"
    list_select_related = ("owner",)
    readonly_fields = ("status_badge", "owner", "started", "ended", "end_reason", "updates", "active", "audit_created",
                       "audit_changed")  # fmt: skip

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """A stored session also says where it stands."""
        own = ["title", "description", "features", "scheduled_for"]
        if obj is None:
            return [(None, {"fields": own})]
        return [
            (
                _("State"),
                {"fields": [("status_badge", "owner"), ("started", "ended", "end_reason"), ("updates", "active")]},
            ),
            (_("Session"), {"fields": own}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """The sessions that are open to the person."""
        rows = super().get_queryset(request).select_related("owner", "created_by", "updated_by")
        return rows.filter(pk__in=sessions_open_to(request.actor).order_by().values("pk"))  # type: ignore[attr-defined]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new session is stored first; its host is known then."""
        return [] if obj is None else [ParticipantInline, ProductInline, ChangeInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only one that has not begun; the rest is ended."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.status == SessionStatus.SCHEDULED)

    # --- what is shown -------------------------------------------------------------------------------------------------
    @admin.display(description=_("status"), ordering="status")
    def status_badge(self, obj: CollaborationSession) -> str:
        """The status."""
        return badge(obj.status, obj.get_status_display())

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, obj: CollaborationSession) -> str:
        """When it began."""
        return moment(obj.started_at)

    @admin.display(description=_("ended"))
    def ended(self, obj: CollaborationSession) -> str:
        """When it ended."""
        return moment(obj.ended_at)

    @admin.display(description=_("updates"), ordering="last_sequence")
    def updates(self, obj: CollaborationSession) -> int:
        """How many updates are stored."""
        return obj.last_sequence

    @admin.display(description=_("last active"), ordering="last_active_at")
    def active(self, obj: CollaborationSession) -> str:
        """When somebody last wrote, came or went."""
        return moment(obj.last_active_at)

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """The room, and the log."""
        return [
            (_now("Room"), on_page("collaboration:session-detail", obj.pk)),
            (
                _now("Updates"),
                f"{on_page('admin:collaboration_sessionupdate_changelist')}?session__id__exact={obj.pk}",
            ),
        ]

    def history_parts(self, obj: CollaborationSession) -> list[HistoryPart]:
        """The session's own history, and that of its people and links."""
        return [
            HistoryPart(_now("Session"), CollaborationSession.history.filter(id=obj.pk)),
            HistoryPart(_now("Participant"), SessionParticipant.history.filter(session_id=obj.pk)),
            HistoryPart(_now("Linked product"), SessionProduct.history.filter(session_id=obj.pk)),
            HistoryPart(_now("Linked change"), SessionChange.history.filter(session_id=obj.pk)),
        ]

    # --- services ------------------------------------------------------------------------------------------------------
    def create_record(self, actor: Actor, form: Any) -> CollaborationSession:
        """By the service."""
        return session_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> CollaborationSession:
        """By the service; only what changed, and nothing on one that has ended unless something was typed."""
        changes = form.service_data(only_changed=True)
        if not changes and not obj.is_open:
            return obj  # type: ignore[no-any-return] # people of an ended session are edited in the rows
        return session_update(actor=actor, session_id=obj.pk, changes=changes, expected_version=form.version_seen)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        session_delete(actor=actor, session_id=obj.pk, reason=reason, expected_version=expected_version)

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The steps of the machine."""
        options = transition_options(obj, "status", request.actor)  # type: ignore[attr-defined]
        labels = {str(status): label for status, label in STEPS.items()}
        return steps_from_options(
            options, labels, grave=(SessionStatus.ENDED,), forms_={SessionStatus.ACTIVE: PlainStepForm}
        )

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service of the step."""
        version = data["expected_version"]
        if name == SessionStatus.ACTIVE:
            session_start(actor=actor, session_id=obj.pk, expected_version=version)
        else:
            session_end(actor=actor, session_id=obj.pk, reason=data["reason"], expected_version=version)
