"""The mails of notices as Celery tasks."""

from __future__ import annotations

import uuid

from celery import shared_task

from collaboration.services import notice_mail


@shared_task(name="notices.send_due_of")
def send_due_of(tenant_id: str) -> None:
    """Send one tenant's mails that are due; asked for after a commit."""
    notice_mail.mails_send_due(uuid.UUID(tenant_id))


@shared_task(name="notices.send_due")
def send_due() -> None:
    """Sweep every tenant: what a server did not take, or a crash left behind."""
    notice_mail.mails_send_due_all()
