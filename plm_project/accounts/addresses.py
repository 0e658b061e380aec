"""Two addresses: the e-mail address an account is found by, and the one a request comes from. Limits count by them."""

from __future__ import annotations

import ipaddress
import unicodedata

from django.http import HttpRequest
from rest_framework.settings import api_settings


def account_address(typed: str) -> str:
    """Return an e-mail address as accounts are found by it: another spelling must not start a new count."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def is_valid_ip(text: str) -> bool:
    """Return whether the text is one plain address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def address_of(request: HttpRequest) -> str:
    """Return the caller's address. X-Forwarded-For is believed only for as many proxies as NUM_PROXIES says."""
    proxies = api_settings.NUM_PROXIES or 0
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and forwarded:
        stated = forwarded[-min(proxies, len(forwarded))]
        if is_valid_ip(stated):  # some proxies write address:port, and the header may hold anything
            return stated
    return str(request.META.get("REMOTE_ADDR", ""))
