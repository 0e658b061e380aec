"""What people say about an engineering change, each thread anchored to what it is about."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collaboration.choices import AnchorKind, ThreadState
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory

MAX_COMMENT = 4000


class DiscussionThread(TenantRecord):
    """One question or remark about a change, with the answers to it, until somebody resolves it.

    It is about the change as a whole, one affected product, one line of that product's base revision, or one redline
    that adds a line. ``said`` keeps in words what stood there when the thread was begun, so that it stays readable when
    the redline is deleted, the line removed or the change rebased (ADR 0024).

    A thread that ``is_blocking`` must be resolved before the change is released; one that is not is a note.
    """

    change = models.ForeignKey(
        "changes.EngineeringChange", on_delete=models.PROTECT, related_name="threads", verbose_name=_("change")
    )
    anchor = models.CharField(_("about"), max_length=10, choices=AnchorKind, default=AnchorKind.CHANGE)
    affected = models.ForeignKey(
        "changes.AffectedProduct", null=True, blank=True, on_delete=models.PROTECT, related_name="threads"
    )
    line = models.ForeignKey(
        "products.BomLine", null=True, blank=True, on_delete=models.PROTECT, related_name="threads"
    )
    redline = models.ForeignKey(
        "changes.Redline", null=True, blank=True, on_delete=models.PROTECT, related_name="threads"
    )
    said = models.JSONField(_("what it said"), default=dict, blank=True, editable=False)
    is_blocking = models.BooleanField(_("must be resolved before release"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=ThreadState, default=ThreadState.OPEN)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True, editable=False)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("discussion thread")
        verbose_name_plural = _("discussion threads")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(anchor=AnchorKind.CHANGE, affected=None, line=None, redline=None)
                | models.Q(anchor=AnchorKind.PRODUCT, affected__isnull=False, line=None, redline=None)
                | models.Q(anchor=AnchorKind.LINE, affected__isnull=False, line__isnull=False, redline=None)
                | models.Q(anchor=AnchorKind.REDLINE, affected__isnull=False, line=None, redline__isnull=False),
                name="collaboration_thread_has_its_anchor",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ThreadState.OPEN, resolved_at=None)
                | models.Q(state=ThreadState.RESOLVED, resolved_at__isnull=False),
                name="collaboration_thread_resolved_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "change", "state"], name="collaboration_threads_of"),
        ]

    def __str__(self) -> str:
        return f"{self.get_anchor_display()} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has resolved it yet."""
        return self.state == ThreadState.OPEN


class Comment(TenantRecord):
    """What one person says in a thread. Its author edits or removes it; a removed one keeps its place without its text.

    ``edited_at`` is when the text last became another; what it said before is in the history.
    """

    thread = models.ForeignKey(
        "collaboration.DiscussionThread", on_delete=models.PROTECT, related_name="comments", verbose_name=_("thread")
    )
    text = models.TextField(_("text"), max_length=MAX_COMMENT)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return "" if self.is_deleted else self.text[:60]
