"""A notice as a mail. Links lead through the notice itself, so that opening them marks it read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail.message import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collaboration.models import Notice
from collaboration.notice_wording import wording_of

# Read by mail programs: the first by Outlook, the second by most others.
HIGH = {"X-Priority": "1 (Highest)", "Importance": "high"}


def letter_of(notice: Notice) -> EmailMessage:
    """Return the mail of a notice (with its recipient and tenant loaded), in the language that is active.

    Its Message-ID is made from the notice: sent twice, it is still one mail. Raises ValueError, LookupError or TypeError
    when the notice's facts have no wording.
    """
    words = wording_of(notice.kind, notice.facts)
    subject = _("High priority: %s") % words.title if notice.is_high else words.title
    body = render_to_string(
        "collaboration/notice_mail.txt",
        {
            "notice": notice,
            "words": words,
            "open_url": absolute("collaboration:notice-open", notice.pk),
            "settings_url": absolute("collaboration:notice-settings"),
        },
    )
    return _letter(notice, f"notice.{notice.pk.hex}", subject, body, HIGH if notice.is_high else {})


def bundle_of(notices: Sequence[Notice]) -> EmailMessage:
    """Return one mail of several notices of one person. Its Message-ID is made from the first of them. Raises as
    ``letter_of``.
    """
    first, count = notices[0], len(notices)
    told = [
        {"words": wording_of(notice.kind, notice.facts), "url": absolute("collaboration:notice-open", notice.pk)}
        for notice in notices
    ]
    text = ngettext("%(count)s notice from PLM of %(tenant)s", "%(count)s notices from PLM of %(tenant)s", count)
    body = render_to_string(
        "collaboration/notice_bundle.txt",
        {"told": told, "tenant": first.tenant, "settings_url": absolute("collaboration:notice-settings")},
    )
    return _letter(first, f"bundle.{first.pk.hex}", text % {"count": count, "tenant": first.tenant.name}, body)


def _letter(
    notice: Notice, message_id: str, subject: str, body: str, headers: Mapping[str, str] | None = None
) -> EmailMessage:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return EmailMessage(
        subject=" ".join(subject.split()),  # a title may hold a line break, a header may not
        body=body,
        to=[formataddr((notice.recipient.full_name, notice.recipient.email))],
        headers={
            "Message-ID": f"<{message_id}@{host}>",
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    )


def absolute(route: str, *args: object) -> str:
    """Return the address of a page for somebody who is not on this site."""
    return f"{settings.SITE_URL}{reverse(route, args=args)}"
