"""The board follows the log: each step is applied in the transaction that stores it."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from collaboration.models import BoardItem, CollaborationSession
from collaboration.payloads import BoardStep, ItemAdd, ItemEdit, ItemMove
from plm_project.accounts.models import User
from plm_project.core.exceptions import Conflict, NotFound

MOST_ITEMS = 500


def board_apply(session: CollaborationSession, user: User, step: BoardStep, sequence: int) -> None:
    """Change the board; the session is locked. Raises NotFound for an item that is not there (any more), Conflict for
    an id that was used already or a full board."""
    if isinstance(step, ItemAdd):
        _add(session, user, step, sequence)
        return
    item = BoardItem.objects.filter(session=session, item_id=step.id, is_removed=False).first()
    if item is None:
        raise NotFound(_("There is no such item on the board."))
    if isinstance(step, ItemMove):
        item.x, item.y = step.x, step.y
    elif isinstance(step, ItemEdit):
        item.text = item.text if step.text is None else step.text
        item.color = item.color if step.color is None else step.color
    else:
        item.is_removed = True
    item.last_sequence = sequence
    item.session = session
    item.save(update_fields=["x", "y", "text", "color", "is_removed", "last_sequence"])


def _add(session: CollaborationSession, user: User, step: ItemAdd, sequence: int) -> None:
    if _is_used(session, step.id):
        raise Conflict(_("There is, or was, an item with this id already."))
    if BoardItem.objects.filter(session=session, is_removed=False).count() >= MOST_ITEMS:
        raise Conflict(_("The board is full: it holds %(limit)d items.") % {"limit": MOST_ITEMS})
    BoardItem(
        tenant_id=session.tenant_id,
        session=session,
        item_id=step.id,
        type=step.type,
        x=step.x,
        y=step.y,
        text=step.text,
        color=step.color,
        user=user,
        last_sequence=sequence,
    ).save()


def _is_used(session: CollaborationSession, item_id: uuid.UUID) -> bool:
    return BoardItem.objects.filter(session=session, item_id=item_id).exists()
