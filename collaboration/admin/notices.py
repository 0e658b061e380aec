"""Notices and settings, to look at; a mail that was given up can be sent again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from collaboration.choices import MailState
from collaboration.models import Notice, NoticePreference
from collaboration.notice_wording import wording_of
from collaboration.permissions import NOTICES_MANAGE
from collaboration.services import mails_send_again
from plm_project.tenancy.admin import PlmAdmin, badge, moment

MOST_AT_ONCE = 200
TONES = {MailState.SENT: "active", MailState.DUE: "waiting", MailState.FAILED: "given_up"}


@admin.register(Notice)
class NoticeAdmin(PlmAdmin):
    """Who was told what, and whether the mail went out. What somebody has read is their own affair."""

    needs: ClassVar = {"view": NOTICES_MANAGE, "send": NOTICES_MANAGE}
    list_display = ("when", "person", "title", "priority", "mail", "mail_attempts", "mail_error")
    list_display_links = ("when", "title")
    list_filter = ("mail_state", "kind", "priority")
    search_fields = ("recipient__email", "recipient__full_name", "=subject_id")
    search_help_text = _("Name or address of the person, or id of the change or session")
    ordering = ("-created_at", "-id")
    fields = ("when", "person", "kind", "priority", "title", "detail", "mail", "sent", "next_attempt", "mail_attempts",
              "mail_error")  # fmt: skip
    readonly_fields = fields
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("recipient")

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether the caller may have mails sent again."""
        return self.may(request, "send")

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        """Have the mails that were given up sent again; the others stay as they are."""
        count = mails_send_again(actor=request.actor, notices=list(queryset[:MOST_AT_ONCE]))  # type: ignore[attr-defined]
        text = ngettext("%s mail is sent again.", "%s mails are sent again.", count) % count
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    @admin.display(description=_("when"), ordering="created_at")
    def when(self, obj: Notice) -> str:
        """When it was told."""
        return moment(obj.created_at)

    @admin.display(description=_("person"), ordering="recipient__email")
    def person(self, obj: Notice) -> str:
        """Who was told."""
        return obj.recipient.get_full_name()

    @admin.display(description=_("notice"))
    def title(self, obj: Notice) -> str:
        """What was told."""
        return wording_of(obj.kind, obj.facts).title

    @admin.display(description=_("detail"))
    def detail(self, obj: Notice) -> str:
        """What it was about."""
        return wording_of(obj.kind, obj.facts).detail or "–"

    @admin.display(description=_("mail"), ordering="mail_state")
    def mail(self, obj: Notice) -> str:
        """How the mail fares."""
        return badge(TONES.get(MailState(obj.mail_state), "inactive"), obj.get_mail_state_display())

    @admin.display(description=_("sent"))
    def sent(self, obj: Notice) -> str:
        """When the server took it."""
        return moment(obj.mail_sent_at)

    @admin.display(description=_("next attempt"))
    def next_attempt(self, obj: Notice) -> str:
        """When it is tried again."""
        return moment(obj.mail_due_at)


@admin.register(NoticePreference)
class NoticePreferenceAdmin(PlmAdmin):
    """What people chose. Only they change it; whoever is not listed has the defaults."""

    needs: ClassVar = {"view": NOTICES_MANAGE}
    list_display = ("person", "kind", "in_page", "by_mail", "audit_changed")
    list_filter = ("kind", "by_mail")
    list_select_related = ("person", "updated_by")
    search_fields = ("person__email", "person__full_name")
    fields = ("person", "kind", "in_page", "by_mail", "audit_created", "audit_changed")
    readonly_fields = fields
    actions = None
