"""The discussion of changes, to look at: it is written on the change page, each comment by its author."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from changes.permissions import CHANGES_READ
from collaboration.discussion_wording import anchor_words
from collaboration.models import Comment, DiscussionThread
from plm_project.tenancy.admin import PermittedInline, PlmAdmin, badge, moment, on_page

TONES = {"open": "waiting", "resolved": "approved"}


class CommentInline(PermittedInline, admin.TabularInline):
    """What was said, in order; a removed comment without its text."""

    needs: ClassVar = {"view": CHANGES_READ}
    model = Comment
    extra = 0
    fields = ("who", "said", "when", "edited")
    readonly_fields = fields
    verbose_name_plural = _("comments")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people, and with those that were removed."""
        return Comment.all_objects.select_related("created_by").order_by("created_at", "id")

    @admin.display(description=_("person"))
    def who(self, obj: Comment) -> str:
        """Who said it."""
        return obj.created_by.get_full_name() if obj.created_by else "–"

    @admin.display(description=_("text"))
    def said(self, obj: Comment) -> str:
        """What was said."""
        return _now("This comment was removed.") if obj.is_deleted else obj.text

    @admin.display(description=_("when"))
    def when(self, obj: Comment) -> str:
        """When it was said."""
        return moment(obj.created_at)

    @admin.display(description=_("edited"))
    def edited(self, obj: Comment) -> str:
        """When it was last edited."""
        return moment(obj.edited_at)


@admin.register(DiscussionThread)
class DiscussionThreadAdmin(PlmAdmin):
    """Threads of engineering changes."""

    needs: ClassVar = {"view": CHANGES_READ}
    list_display = ("change", "about", "state_badge", "is_blocking", "audit_created")
    list_display_links = ("change", "about")
    list_filter = ("state", "anchor", "is_blocking")
    list_select_related = ("change", "created_by", "updated_by")
    search_fields = ("change__change_number", "change__change_title")
    search_help_text = _("Number or title of the change")
    ordering = ("-created_at", "-id")
    fields = ("change", "about", "state_badge", "is_blocking", "resolved", "audit_created", "audit_changed")
    readonly_fields = fields
    inlines = (CommentInline,)
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the changes and the people."""
        return super().get_queryset(request).select_related("change", "created_by", "updated_by", "resolved_by")

    @admin.display(description=_("about"))
    def about(self, obj: DiscussionThread) -> str:
        """What it was about when it was begun."""
        return anchor_words(obj.anchor, obj.said)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: DiscussionThread) -> str:
        """Open or resolved."""
        return badge(TONES[obj.state], obj.get_state_display())

    @admin.display(description=_("resolved"))
    def resolved(self, obj: DiscussionThread) -> str:
        """When, and by whom."""
        if obj.resolved_at is None:
            return "–"
        who = obj.resolved_by.get_full_name() if obj.resolved_by else "–"
        return f"{moment(obj.resolved_at)} · {who}"

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Where it is written."""
        return [(_now("On the change page"), on_page("collaboration:discussion", obj.pk))]
