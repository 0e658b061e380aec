"""Documents for PLM managers: records, their revisions and files, links. A door: every write goes through the services."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.tenancy.admin import (
    HistoryPart,
    PlmAdmin,
    ReadOnlyInline,
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
from products import permissions
from products.choices import RevisionState
from products.models import Document, DocumentLink, DocumentRevision, DocumentVersion
from products.services.document_files import document_break_check_out
from products.services.document_revisions import document_revision_move
from products.services.documents import document_create, document_delete, document_update

BREAK = "break-check-out"
STEPS = {
    RevisionState.IN_REVIEW: _("Submit for review"),
    RevisionState.IN_WORK: _("Return for rework"),
    RevisionState.RELEASED: _("Release"),
    RevisionState.OBSOLETE: _("Make obsolete"),
}


class DocumentForm(RecordForm):
    """What is written on the record; the number is given by the tenant's sequence here."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field

    class Meta:
        model = Document
        fields: ClassVar = ["title", "document_type", "description"]


class DocumentRevisionInline(ReadOnlyInline):
    """The revisions of a document, newest first."""

    model = DocumentRevision
    needs: ClassVar = {"view": permissions.DOCUMENTS_READ}
    fields = ("revision_link", "state_badge", "released")
    readonly_fields = fields
    verbose_name_plural = _("revisions")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their documents and people."""
        return super().get_queryset(request).select_related("document", "released_by").order_by("-sequence")

    @admin.display(description=_("revision"))
    def revision_link(self, obj: DocumentRevision) -> str:
        """The label, leading to the revision."""
        address = reverse("admin:products_documentrevision_change", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', address, obj.label)

    @admin.display(description=_("state"))
    def state_badge(self, obj: DocumentRevision) -> str:
        """The state."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("released"))
    def released(self, obj: DocumentRevision) -> str:
        """When and by whom."""
        return f"{moment(obj.released_at)} · {obj.released_by}" if obj.released_at else "–"


class DocumentLinkInline(ReadOnlyInline):
    """The products that a document belongs to."""

    model = DocumentLink
    needs: ClassVar = {"view": permissions.DOCUMENTS_READ}
    fields = ("product", "product_revision")
    readonly_fields = fields
    verbose_name_plural = _("belongs to")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their products."""
        return super().get_queryset(request).select_related("product", "product_revision__product")


@admin.register(Document)
class DocumentAdmin(StepsMixin, RecordAdmin):
    """Documents; files are checked in on the document's own page or by the API."""

    needs: ClassVar = {
        "view": permissions.DOCUMENTS_READ,
        "add": permissions.DOCUMENTS_CREATE,
        "change": permissions.DOCUMENTS_UPDATE,
        "delete": permissions.DOCUMENTS_DELETE,
    }
    form = DocumentForm
    inlines = (DocumentRevisionInline, DocumentLinkInline)
    list_display = ("document_number", "title", "document_type", "holder")
    list_filter = ("document_type",)
    search_fields = ("document_number", "title")
    search_help_text = _("Number or title")
    ordering = ("document_number",)
    list_select_related = ("checked_out_by",)
    readonly_fields = ("document_number", "holder", "audit_created", "audit_changed")

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """A stored document also says who holds it."""
        own = ["title", "document_type", "description"]
        if obj is None:
            return [(None, {"fields": own})]
        return [
            (_("State"), {"fields": [("document_number", "holder")]}),
            (_("Document"), {"fields": own}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """One document's page also names its people."""
        return super().get_queryset(request).select_related("checked_out_by", "created_by", "updated_by")

    @admin.display(description=_("checked out by"))
    def holder(self, obj: Document) -> str:
        """Who holds it, and since when."""
        return f"{obj.checked_out_by} · {moment(obj.checked_out_at)}" if obj.checked_out_by_id else "–"

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Where its files are."""
        return [(_now("Document page"), on_page("products:document-detail", obj.pk))]

    def history_parts(self, obj: Document) -> list[HistoryPart]:
        """The document's own history, and that of its revisions and links."""
        return [
            HistoryPart(_now("Document"), Document.history.filter(id=obj.pk)),
            HistoryPart(_now("Revision"), DocumentRevision.history.filter(document_id=obj.pk)),
            HistoryPart(_now("Link"), DocumentLink.history.filter(document_id=obj.pk)),
        ]

    def create_record(self, actor: Actor, form: Any) -> Document:
        """By the service."""
        return document_create(actor=actor, data=form.service_data(only_changed=False))

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Document:
        """By the service."""
        return document_update(
            actor=actor,
            document_id=obj.pk,
            changes=form.service_data(only_changed=True),
            expected_version=form.version_seen,
        )

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service."""
        document_delete(actor=actor, document_id=obj.pk, reason=reason, expected_version=expected_version)

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """Ending somebody's check-out."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        why: tuple[str, ...] = ()
        if obj.checked_out_by_id is None:
            why = (_now("Nobody holds it."),)
        elif not actor.may(permissions.DOCUMENTS_MANAGE):
            why = (_now("You need the permission %s for this.") % permissions.DOCUMENTS_MANAGE,)
        return [Step(BREAK, _now("End the check-out"), why, needs_reason=True, is_grave=True)]

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        document_break_check_out(actor=actor, document_id=obj.pk, reason=data["reason"])


class VersionInline(ReadOnlyInline):
    """The files of a revision, newest first."""

    model = DocumentVersion
    needs: ClassVar = {"view": permissions.DOCUMENTS_READ}
    fields = ("number", "file_link", "file_size", "comment", "checked_in")
    readonly_fields = fields
    verbose_name_plural = _("files")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their people."""
        return super().get_queryset(request).select_related("created_by").order_by("-number")

    @admin.display(description=_("file"))
    def file_link(self, obj: DocumentVersion) -> str:
        """The name, leading to the file's page."""
        return format_html('<a href="{}">{}</a>', reverse("products:document-version", args=[obj.pk]), obj.file_name)

    @admin.display(description=_("checked in"))
    def checked_in(self, obj: DocumentVersion) -> str:
        """When and by whom."""
        return f"{moment(obj.created_at)} · {obj.created_by or '–'}"


@admin.register(DocumentRevision)
class DocumentRevisionAdmin(StepsMixin, PlmAdmin):
    """Revisions of documents with their files and steps."""

    needs: ClassVar = {"view": permissions.DOCUMENTS_READ}
    inlines = (VersionInline,)
    list_display = ("document", "label", "state_badge")
    list_filter = ("state",)
    search_fields = ("document__document_number", "document__title")
    list_select_related = ("document",)
    fields = ("document", "label", "state_badge", "description", "released")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the document and whoever holds it."""
        return super().get_queryset(request).select_related("document__checked_out_by", "released_by")

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: DocumentRevision) -> str:
        """The state."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("released"))
    def released(self, obj: DocumentRevision) -> str:
        """When and by whom."""
        return f"{moment(obj.released_at)} · {obj.released_by}" if obj.released_at else "–"

    def history_parts(self, obj: DocumentRevision) -> list[HistoryPart]:
        """The revision's own history, and that of its files."""
        return [
            HistoryPart(_now("Revision"), DocumentRevision.history.filter(id=obj.pk)),
            HistoryPart(_now("File"), DocumentVersion.history.filter(revision_id=obj.pk)),
        ]

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """The steps of the machine. Superseding happens by releasing the next one."""
        options = transition_options(obj, "state", request.actor)  # type: ignore[attr-defined]
        return steps_from_options(
            [option for option in options if option.to != RevisionState.SUPERSEDED],
            {str(state): label for state, label in STEPS.items()},
            grave=(RevisionState.OBSOLETE,),
        )

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        document_revision_move(
            actor=actor,
            revision_id=obj.pk,
            to=name,
            reason=data["reason"],
            expected_version=data["expected_version"],
        )
