"""Writes of the collaboration context. Each: permission → lock → guard → change → event, in one transaction."""

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

__all__ = [
    "Target",
    "Wish",
    "approvals_settle",
    "mails_send_again",
    "mails_send_due",
    "mails_send_due_all",
    "notice_mark",
    "notice_preferences_update",
    "notice_send",
    "notices_read_all",
    "notices_read_all_undo",
]
