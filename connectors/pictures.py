"""Pictures of products, from where their shop keeps them and nowhere else.

The address comes from the shop's own API, yet a plugin or a seller on a marketplace may have put it there. So its host
must be one of the shop's, it must not lead into a private network, redirects are not followed, and the size is bounded.
"""

import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import httpx

from integration.domain.errors import ShopRefused, ShopUnreachable
from integration.domain.text import Text

TIMEOUT: Final = 15.0
PIECE: Final = 65_536
Resolve = Callable[[str], list[str]]


def resolved(host: str) -> list[str]:
    """The IP addresses of a host. Raises OSError."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})


def fetch(
    url: str, hosts: Collection[str], most: int, http: httpx.Client | None = None, resolve: Resolve = resolved
) -> bytes:
    """The content at an address, one byte more than `most` at the most. Raises ShopError.

    `hosts` are names, with a dot before those whose subdomains count as well; with a scheme it is one whole origin (a
    simulated shop on this machine).
    """
    _of_the_shop(url, hosts, resolve)
    content = bytearray()
    with _client(http) as client:
        try:
            with client.stream("GET", url, follow_redirects=False) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise _away()
                for piece in answer.iter_bytes(PIECE):
                    content += piece
                    if len(content) > most:
                        break
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _away() from None
    return bytes(content[: most + 1])


@contextmanager
def _client(http: httpx.Client | None) -> Iterator[httpx.Client]:
    if http:
        yield http
        return
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as made:
        yield made


def _of_the_shop(url: str, hosts: Collection[str], resolve: Resolve) -> None:
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" in hosts:
        return
    host = (parts.hostname or "").lower()
    ours = any(host == one.lstrip(".") or (one.startswith(".") and host.endswith(one)) for one in hosts)
    if parts.scheme != "https" or not ours or parts.username or parts.port not in (None, 443):
        raise _foreign()
    try:
        addresses = resolve(host)
    except OSError:
        raise _away() from None
    if not addresses or not all(ip_address(one).is_global for one in addresses):
        raise _foreign()


def _foreign() -> ShopRefused:
    return ShopRefused(
        "picture_elsewhere",
        Text(
            "Das Bild liegt nicht auf einer Adresse des Shops. Ist es sein Bilderdienst, tragen Sie den Rechner in "
            "settings.toml bei diesem Shop unter picture_hosts ein.",
            "The picture does not lie at an address of the shop. If it is the shop's picture service, enter its host "
            "in settings.toml with this shop, as picture_hosts.",
        ),
    )


def _away() -> ShopUnreachable:
    said = Text("Der Shop hat das Bild nicht hergegeben.", "The shop did not hand the picture over.")
    return ShopUnreachable("picture_away", said)
