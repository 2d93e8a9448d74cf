"""One-click connect: WooCommerce's own page asks the owner and sends us the keys (/wc-auth/v1/authorize)."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from connectors.reading import document, text
from integration.domain.errors import Malformed, ShopRefused
from integration.domain.shops.ports import Granted
from integration.domain.text import Text

APP: Final = "Ladenbote"
NEEDS_HTTPS: Final = Text(
    "WooCommerce schickt die Schlüssel nur an eine öffentliche https-Adresse, und Ladenbote hat keine. Bitte legen "
    "Sie die Schlüssel in WooCommerce unter Einstellungen → Erweitert → REST-API an und tragen Sie sie ein.",
    "WooCommerce sends the keys to a public https address only, and Ladenbote has none. Please make the keys in "
    "WooCommerce under Settings → Advanced → REST API and enter them.",
)


class WooCommerceOneClick:
    """`ports.OneClick` for WooCommerce."""

    def address(self, shop: str, state: str, back: str, callback: str) -> str:
        """Where to send the owner's browser; it returns to `back`, the keys go to `callback` from the shop's server.

        Raises ShopRefused when `callback` is no https address.
        """
        if urlsplit(callback).scheme != "https":
            raise ShopRefused("callback_needs_https", NEEDS_HTTPS)
        asked = {
            "app_name": APP,
            "scope": "read_write",
            "user_id": state,
            "return_url": back,
            "callback_url": callback,
        }
        return f"{shop.rstrip('/')}/wc-auth/v1/authorize?{urlencode(asked)}"

    def granted(self, body: bytes) -> Granted:
        """The keys in a callback's body. Raises Malformed when it holds none."""
        found = document(body)
        key, secret = text(found.get("consumer_key"), 100), text(found.get("consumer_secret"), 100)
        state = found.get("user_id")
        if not key.startswith("ck_") or not secret.startswith("cs_") or not isinstance(state, str | int):
            raise Malformed("the callback holds no keys")
        return Granted(str(state), {"consumer_key": key, "consumer_secret": secret})
