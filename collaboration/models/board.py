"""The board as the updates so far have left it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collaboration.choices import ItemColor, ItemType
from plm_project.tenancy.base import TenantScoped

BOARD_SIZE = 1000
MAX_ITEM_TEXT = 500


class BoardItem(TenantScoped):
    """A pin or note. Written in the transaction of the update that changes it, so that it always equals the log.

    ``item_id`` is made by the client that placed it. ``x`` and ``y`` are board coordinates, 0 to 1000. A removed item
    stays as a tombstone: its id is never used again.
    """

    session = models.ForeignKey("collaboration.CollaborationSession", on_delete=models.PROTECT, related_name="board")
    item_id = models.UUIDField(_("item"))
    type = models.CharField(_("type"), max_length=10, choices=ItemType)
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    text = models.CharField(_("text"), max_length=MAX_ITEM_TEXT, blank=True, default="")
    color = models.CharField(_("colour"), max_length=10, choices=ItemColor, default=ItemColor.YELLOW)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("placed by")
    )
    is_removed = models.BooleanField(_("removed"), default=False)
    last_sequence = models.PositiveBigIntegerField(_("last update"))

    class Meta(TenantScoped.Meta):
        verbose_name = _("board item")
        verbose_name_plural = _("board items")
        ordering: ClassVar = ["session", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "item_id"], name="collab_item_once_per_session"),
            models.CheckConstraint(
                condition=models.Q(x__lte=BOARD_SIZE, y__lte=BOARD_SIZE), name="collab_item_on_the_board"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.item_id}"
