"""Who visits: the address that brakes count by. A proxy's word counts only if the owner trusts the proxy."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: a household has as many IPv6 addresses as it likes, but one prefix
PREFIX = 64


def address_of(request: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The visitor's address: whoever connects to us; behind trusted proxies, the last who connected to one of them.

    `X-Forwarded-For` is read from its end, for everything before what a trusted proxy wrote is the visitor's own claim.
    """
    peer = request.client.host if request.client else ""
    found = _parsed(peer)
    for hop in _hops(request):
        if found is None or not _among(found, trusted):
            break
        found = _parsed(hop)
    return str(found) if found else peer


def group_of(address: str) -> str:
    """What is counted together: an IPv4 address, or the prefix that an IPv6 address lies in."""
    found = _parsed(address)
    return str(ip_network((found, PREFIX), strict=False)) if isinstance(found, IPv6Address) else address


def _hops(request: HTTPConnection) -> list[str]:
    """Who connected to each proxy, the nearest first."""
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    return [hop for hop in reversed(told.split(",")) if hop.strip()]


def _parsed(text: str) -> Address | None:
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _among(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
