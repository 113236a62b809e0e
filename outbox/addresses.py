"""Where a message may be sent: by https to the public internet, and to nothing behind walls."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"https": 443, "http": 80}
# Translated to IPv4 on the way. Source: RFC 6052 section 2.1.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BadTarget(ValueError):
    """Nothing is sent there."""


class PrivateTarget(BadTarget):
    """It lies behind somebody's walls, perhaps ours."""

    def __init__(self) -> None:
        super().__init__("The address is not one of the public internet.")


@dataclass(frozen=True)
class Target:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """Return the host as the header says it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def target_of(url: str, *, anywhere: bool = False) -> Target:
    """Return where a URL leads; ``anywhere`` allows http, too.

    :raises BadTarget: if nothing is sent to such a URL.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise BadTarget("This is not the address of a host.") from None
    if parts.scheme not in PORTS or (parts.scheme == "http" and not anywhere):
        raise BadTarget("The address begins with https://.")
    if not host or port == 0 or not host.isascii() or "%" in host:
        raise BadTarget("This is not the address of a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadTarget("The address holds no user, password or fragment.")
    path = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    target = Target(parts.scheme, host, port or PORTS[parts.scheme], path)
    literal = _literal(host)
    if not anywhere and (host == "localhost" or (literal and not is_public(literal))):
        raise PrivateTarget
    return target


def resolve(target: Target, *, anywhere: bool = False) -> list[str]:
    """Return the addresses of a host. Ask once, and connect to no other.

    :raises OSError: if nobody knows the host.
    :raises PrivateTarget: if any of its addresses is not public, unless ``anywhere`` is.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not anywhere and not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise PrivateTarget
    return addresses


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet, however it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.sixtofour or address.teredo or address.scope_id or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
