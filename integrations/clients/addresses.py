"""Where a call may go. A tenant's administrator names addresses; this installation's own network is not theirs to reach.

The name is resolved once, every address it has is judged, and the call goes to the judged address itself: a name that
answers differently the second time (DNS rebinding) gets nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from integrations.choices import Outcome
from integrations.exceptions import CallFailed

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Place:
    """A judged address: where to connect, and the name to ask for there."""

    scheme: str
    host: str
    port: int
    address: str

    @property
    def origin(self) -> str:
        """The address to connect to, as the beginning of a URL."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}"

    @property
    def host_header(self) -> str:
        """The name as HTTP wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def url_fault(url: str) -> str:
    """Return what is wrong with a base address as text, or an empty string. Nothing is resolved."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("This is no address.")
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        return _("Give an address that begins with https:// or http://.")
    if parts.username or parts.password:
        return _("Leave the password out of the address; the token has a field of its own.")
    if parts.query or parts.fragment:
        return _("Leave out what comes after ? or #.")
    return ""


def place_of(base_url: str, *, allow_private: bool) -> Place:
    """Resolve the address. Raises CallFailed when it has none (network), or one that is not public and not allowed."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallFailed(Outcome.NETWORK, _("The name %(host)s is not known.") % {"host": host}) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not allow_private and (inner := [one for one in addresses if not is_public(one)]):
        message = _("%(host)s is at %(address)s, inside this network; that is not allowed here.")
        raise CallFailed(Outcome.ADDRESS, message % {"host": host, "address": inner[0]})
    return Place(parts.scheme, host, port, addresses[0])


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the open internet: not private, loopback, link-local or multicast."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast
