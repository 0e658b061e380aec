"""The mailed link by which people choose their first password, or a new one: who gets it, and how often."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.contrib.auth.forms import PasswordResetForm
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plm_project.accounts.addresses import account_address, address_of
from plm_project.accounts.models import User

LINKS_AN_HOUR = 5  # for each e-mail address, and for each address of a caller
HOUR = 3600


class PasswordLinkForm(PasswordResetForm):
    """The e-mail address of an account."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["email"].label = _("E-mail address")

    def get_users(self, email: str) -> Iterator[User]:
        """Yield the active person of the address, also one who never had a password: so they get their first."""
        yield from User.objects.filter(email=account_address(email), is_active=True)


def may_ask_for_link(request: HttpRequest, email: str) -> bool:
    """Count one more request for a link and return whether it is within the limits.

    Known and unknown addresses count alike. A caller over their own limit does not use up that of the address.
    """
    return _counted("caller", address_of(request)) and _counted("account", account_address(email))


def _counted(kind: str, address: str) -> bool:
    """``add`` and ``incr`` are atomic on Redis and in process; the hour begins with the first request."""
    key = f"password-link:{kind}:{hashlib.sha256(address.encode()).hexdigest()}"
    cache.add(key, 0, timeout=HOUR)
    try:
        return int(cache.incr(key)) <= LINKS_AN_HOUR
    except ValueError:  # the hour ended between the two calls: this is the first one of the next
        cache.set(key, 1, timeout=HOUR)
        return True
