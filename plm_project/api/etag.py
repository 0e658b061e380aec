"""ETags from a record's version: two people cannot overwrite each other (If-Match), nor fetch the same twice."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request

from plm_project.core.exceptions import PreconditionFailed, ValidationFailed

# Proxies that compress turn "3" into W/"3". The tag names the record's version, not the bytes, so both mean the same.
_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
_LIST = re.compile(rf"\s*{_TAG.pattern}(?:\s*,\s*{_TAG.pattern})*\s*")


def etag_of(record: Any) -> str:
    """Return the ETag of a versioned record: ``"3"`` with the quotes."""
    return f'"{record.version}"'


def expected_version(request: Request | HttpRequest) -> int | None:
    """Return the version the caller's If-Match insists on; None without one, or for ``*``.

    Services take it as ``expected_version`` and compare again under the row lock. Raises ValidationFailed for a header
    that is no ETag, PreconditionFailed for one that never was ours.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = tags_in(header)
    if tags is None:
        raise ValidationFailed.field("If-Match", _("This is not an ETag. Send it as it came, with its quotes."))
    if len(tags) > 1:
        raise ValidationFailed.field("If-Match", _("Send one ETag."))
    if not re.fullmatch(r"[0-9]{1,9}", tags[0], re.ASCII):
        raise stale()
    return int(tags[0])


def require_match(request: Request | HttpRequest, record: Any) -> None:
    """Raise PreconditionFailed when the record is no longer the version that If-Match names."""
    version = expected_version(request)
    if version is not None and version != record.version:
        raise stale()


def stale() -> PreconditionFailed:
    """Return the refusal of an edit that is based on an old version."""
    return PreconditionFailed(_("The record was changed since you read it. Read it again, then repeat your change."))


def not_modified(request: Request | HttpRequest, record: Any) -> bool:
    """Return whether the caller's copy (If-None-Match) is still right."""
    header = request.headers.get("If-None-Match")
    if header is None or request.method not in ("GET", "HEAD"):
        return False
    if header.strip() == "*":
        return True
    return str(record.version) in (tags_in(header) or [])


def tags_in(header: str) -> list[str] | None:
    """Return the opaque parts of a list of ETags; None when it is none."""
    if not _LIST.fullmatch(header):
        return None
    return _TAG.findall(header)
