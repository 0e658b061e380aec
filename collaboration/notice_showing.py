"""A notice as pages, API and sockets show it: words of the reader's language, and where it leads."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from collaboration.models import Notice
from collaboration.notice_wording import wording_of


@dataclass(frozen=True)
class ShownNotice:
    """``url`` opens what it is about and marks it read. ``is_settled``: what it asked for is no longer asked."""

    id: uuid.UUID
    kind: str
    kind_label: str
    title: str
    detail: str
    priority: str
    priority_label: str
    url: str
    timestamp: dt.datetime
    is_read: bool
    is_settled: bool

    @property
    def is_high(self) -> bool:
        """Whether to say that it is urgent: not any more, once nobody waits for it."""
        return self.priority == "high" and not self.is_settled


def shown(notice: Notice) -> ShownNotice:
    """Return a notice of the selectors in words."""
    settled: bool = notice.is_settled  # type: ignore[attr-defined] # the selectors add it
    words = wording_of(notice.kind, notice.facts, settled=settled)
    return ShownNotice(
        id=notice.pk,
        kind=notice.kind,
        kind_label=notice.get_kind_display(),
        title=words.title,
        detail=words.detail,
        priority=notice.priority,
        priority_label=notice.get_priority_display(),
        url=reverse("collaboration:notice-open", args=[notice.pk]),
        timestamp=notice.created_at,
        is_read=not notice.is_unread,  # type: ignore[attr-defined]
        is_settled=settled,
    )


def all_shown(notices: Iterable[Notice]) -> list[ShownNotice]:
    """Return several in words."""
    return [shown(notice) for notice in notices]


def target_url(notice: Notice) -> str:
    """Return the address of what the notice is about; the list of notices where that page exists no more."""
    try:
        return reverse(notice.target_route, args=notice.target_args)
    except NoReverseMatch:
        return reverse("collaboration:notice-list")
