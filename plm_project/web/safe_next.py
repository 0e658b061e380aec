"""Where to go afterwards: only to this site, whatever the address line says."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def is_safe(request: HttpRequest, target: str) -> bool:
    """Return whether ``target`` stays on this site (and on HTTPS when the request came by it)."""
    return bool(target) and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def safe_next(request: HttpRequest, default: str, field: str = "next") -> str:
    """Return the address in ``next`` (form first, then query) when it is safe, else ``default`` (address or URL name)."""
    target = request.POST.get(field) or request.GET.get(field) or ""
    return target if is_safe(request, target) else resolve_url(default)
