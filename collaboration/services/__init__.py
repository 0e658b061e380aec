"""Writes of the collaboration context. Each: permission → lock → guard → change → history → event, in one transaction."""

from collaboration.services.links import change_link_add, change_link_remove, product_link_add, product_link_remove
from collaboration.services.moving import session_end, session_start
from collaboration.services.participants import (
    participant_add,
    participant_leave,
    participant_remove,
    participant_role_change,
)
from collaboration.services.presence import presence_enter, presence_leave, presence_renew, presence_sweep
from collaboration.services.sessions import session_create, session_delete, session_update
from collaboration.services.updates import update_store

__all__ = [
    "change_link_add",
    "change_link_remove",
    "participant_add",
    "participant_leave",
    "participant_remove",
    "participant_role_change",
    "presence_enter",
    "presence_leave",
    "presence_renew",
    "presence_sweep",
    "product_link_add",
    "product_link_remove",
    "session_create",
    "session_delete",
    "session_end",
    "session_start",
    "session_update",
    "update_store",
]
