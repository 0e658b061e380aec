"""What a person is told, and how they want to be told."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collaboration.choices import MailChoice, MailState, NoticeKind, NoticePriority
from plm_project.core import clock
from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory


class Notice(TenantScoped):
    """One person is told one thing, once: recipient, kind and source are unique together.

    A machine row like the events it is made from: nobody edits it, it is only read and mailed, so it keeps no history
    (the event does). It holds facts and no text; the words are made when somebody reads them, in their language. Where
    it leads is the name of a route with its arguments, which outlives a change of addresses.

    ``source`` is the event or record that gave rise to it, ``subject_id`` the record it is about. ``mail_due_at`` is
    the next attempt; while a mail is being sent it lies ahead, so that nobody else sends it as well. What ``is_bundled``
    goes out in one mail with whatever else is due to the same person then.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=30, choices=NoticeKind)
    priority = models.CharField(_("priority"), max_length=10, choices=NoticePriority, default=NoticePriority.NORMAL)
    source = models.UUIDField()
    subject_id = models.UUIDField()
    facts = models.JSONField(default=dict)
    target_route = models.CharField(max_length=100)
    target_args = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)
    in_page = models.BooleanField(_("shown in the page"), default=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_state = models.CharField(_("mail"), max_length=12, choices=MailState, default=MailState.NOT_WANTED)
    is_bundled = models.BooleanField(_("in the daily mail"), default=False)
    mail_due_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    mail_sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    mail_attempts = models.PositiveIntegerField(_("attempts"), default=0)
    mail_error = models.CharField(_("reason"), max_length=500, blank=True, default="")

    class Meta(TenantScoped.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "recipient", "kind", "source"], name="collaboration_told_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "recipient", "-created_at", "-id"], name="collaboration_notices_newest"),
            models.Index(
                fields=["tenant", "recipient"],
                name="collaboration_notices_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(fields=["tenant", "subject_id"], name="collaboration_notices_about"),
            models.Index(
                fields=["tenant", "mail_due_at"],
                name="collaboration_mails_due",
                condition=models.Q(mail_state="due"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_high(self) -> bool:
        """Whether it is told with high priority."""
        return self.priority == NoticePriority.HIGH


class NoticePreference(TenantRecord):
    """How one person wants one kind of notice. Without a row the kind's defaults hold (notice_kinds.py)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=30, choices=NoticeKind)
    in_page = models.BooleanField(_("in the page"), default=True)
    by_mail = models.CharField(_("by mail"), max_length=10, choices=MailChoice, default=MailChoice.AT_ONCE)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("notice setting")
        verbose_name_plural = _("notice settings")
        ordering: ClassVar = ["person", "kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "person", "kind"], name="collaboration_one_setting_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind}"
