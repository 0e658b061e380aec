"""Writes of the collaboration context. Each: permission → lock → guard → change → history → event, in one transaction."""

from collaboration.services.discussions import (
    comment_add,
    comment_edit,
    comment_remove,
    thread_reopen,
    thread_resolve,
    thread_start,
)
from collaboration.services.links import change_link_add, change_link_remove, product_link_add, product_link_remove
from collaboration.services.moving import session_end, session_start
from collaboration.services.notice_mail import mails_send_again, mails_send_due, mails_send_due_all
from collaboration.services.notices import (
    Target,
    Wish,
    approvals_settle,
    notice_mark,
    notice_preferences_update,
    notice_send,
    notices_read_all,
    notices_read_all_undo,
)
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
    "Target",
    "Wish",
    "approvals_settle",
    "change_link_add",
    "change_link_remove",
    "comment_add",
    "comment_edit",
    "comment_remove",
    "mails_send_again",
    "mails_send_due",
    "mails_send_due_all",
    "notice_mark",
    "notice_preferences_update",
    "notice_send",
    "notices_read_all",
    "notices_read_all_undo",
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
    "thread_reopen",
    "thread_resolve",
    "thread_start",
    "update_store",
]
