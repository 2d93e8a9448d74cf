"""`ladenbote pair`: connect a WooCommerce shop's companion plugin by its pairing code."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from connectors.woocommerce import pairing as plugin
from connectors.woocommerce.settings import WooCommerceSettings
from integration.domain.errors import LadenboteError
from integration.flow.world import World
from integration.settings.settings import Settings
from integration.store.shops import pairing
from integration.store.shops.pairing import Pairing

TIMEOUT = httpx.Timeout(20, read=40)  # the plugin tries our address meanwhile


def shop_to_pair(settings: Settings, slug: str | None) -> str:
    """The shop that is meant. Raises LadenboteError when there is none, or several."""
    known = [name for name, shop in settings.shops.items() if isinstance(shop, WooCommerceSettings)]
    if slug in known:
        return slug
    if slug is None and len(known) == 1:
        return known[0]
    raise LadenboteError(f"Say which WooCommerce shop. In settings.toml: {', '.join(known) or 'none yet'}.")


def pair(settings: Settings, world: World, slug: str, text: str) -> str:
    """Exchange a code, remember the secrets, and say how the shop's facts come in. Raises PairingFailed."""
    shop = settings.shops[slug]
    assert isinstance(shop, WooCommerceSettings)  # noqa: S101 - shop_to_pair names no other
    code = plugin.read_code(text, shop.url)
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
        granted = plugin.exchange(http, code)
        # Before the plugin tries our address: a running Ladenbote must know its secret by then.
        _remember(world, slug, granted, direct=False)
        direct = plugin.connect(http, code, granted, slug, _facts_to(settings, slug), world.clock)
    _remember(world, slug, granted, direct)
    if direct:
        return f"{slug} is paired. The shop reaches this Ladenbote directly."
    return f"{slug} is paired. What the shop reports is fetched from its mailbox, every three seconds."


def _remember(world: World, slug: str, granted: plugin.Granted, direct: bool) -> None:
    found = Pairing(granted.mailbox, granted.token, granted.secret, direct)
    with world.database.write() as connection:
        pairing.put(connection, world.vault, slug, found, world.clock())


def _facts_to(settings: Settings, slug: str) -> str:
    """Our address for the plugin, "" when it names this machine itself and the shop is elsewhere."""
    ours = urlsplit(settings.public_url).hostname or ""
    theirs = urlsplit(getattr(settings.shops[slug], "url", "")).hostname or ""
    if _is_here(ours) and not _is_here(theirs):
        return ""
    return f"{settings.public_url}/plugin/{slug}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
