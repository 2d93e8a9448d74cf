"""What can go wrong with Shopify's API, as sentences; none holds a token, a body or a customer's data."""

import re
from typing import Final

from integration.domain.errors import ShopBusy, ShopRefused, ShopUnreachable
from integration.domain.text import Text

_SCOPE: Final = re.compile(r"\b(?:read|write)_[a-z_]+\b")


def no_answer(reason: str) -> ShopUnreachable:
    """The connection failed; `reason` is the exception's class name."""
    return ShopUnreachable(
        "no_connection",
        Text(
            f"Shopify antwortet nicht ({reason}). Ladenbote versucht es von selbst wieder.",
            f"Shopify does not answer ({reason}). Ladenbote tries again by itself.",
        ),
    )


def timed_out() -> ShopUnreachable:
    """No answer in time."""
    return ShopUnreachable(
        "timeout",
        Text(
            "Shopify hat nicht rechtzeitig geantwortet. Ladenbote versucht es von selbst wieder.",
            "Shopify did not answer in time. Ladenbote tries again by itself.",
        ),
    )


def broken(status: int) -> ShopUnreachable:
    """An answer of 5xx, or one that is no JSON."""
    return ShopUnreachable(
        "server_error",
        Text(
            f"Shopify hat gerade eine Störung (HTTP {status}). Ladenbote versucht es von selbst wieder; "
            "shopifystatus.com sagt mehr.",
            f"Shopify is out of order at the moment (HTTP {status}). Ladenbote tries again by itself; "
            "shopifystatus.com says more.",
        ),
    )


def busy(wait: float) -> ShopBusy:
    """The shop's points are used up, or HTTP 429."""
    return ShopBusy(
        "throttled",
        Text(
            "Shopify bremst: Das Kontingent des Shops ist gerade verbraucht. Es geht von selbst weiter.",
            "Shopify slows us down: the shop's allowance is used up at the moment. It goes on by itself.",
        ),
        wait,
    )


class TooCostly(ShopRefused):
    """MAX_COST_EXCEEDED: the same question in smaller pieces may be answered."""


def too_large() -> TooCostly:
    """A question that asks for more than 1,000 points."""
    return TooCostly(
        "query_too_large",
        Text(
            "Shopify hält eine Abfrage für zu groß. Das ist ein Fehler in Ladenbote: Bitte aktualisieren oder melden.",
            "Shopify holds a query for too large. That is a fault of Ladenbote's: please update or report it.",
        ),
    )


def query_refused(codes: str) -> ShopRefused:
    """GraphQL errors that are our own fault, such as an unknown field."""
    return ShopRefused(
        "query_refused",
        Text(
            f"Shopify lehnt eine Abfrage ab ({codes}). Vermutlich ist dieser Ladenbote zu alt: Bitte aktualisieren.",
            f"Shopify refuses a query ({codes}). Probably this Ladenbote is too old: please update it.",
        ),
    )


def redirected(host: str) -> ShopRefused:
    """A redirect, which is never followed: it would carry the token along."""
    return ShopRefused(
        "redirected",
        Text(
            f"Die Adresse des Shops leitet um (nach {host}). Tragen Sie als domain die Adresse ein, die auf "
            "myshopify.com endet; sie steht in Shopify unter Einstellungen, Domains.",
            f"The shop's address redirects (to {host}). Enter as domain the address that ends in myshopify.com; "
            "it stands in Shopify under Settings, Domains.",
        ),
    )


def no_such_shop() -> ShopRefused:
    """HTTP 404."""
    return ShopRefused(
        "no_such_shop",
        Text(
            "Unter dieser domain gibt es keinen Shopify-Shop. Prüfen Sie die Adresse; sie endet auf myshopify.com.",
            "There is no Shopify shop under this domain. Check the address; it ends in myshopify.com.",
        ),
    )


def closed() -> ShopRefused:
    """HTTP 402 and 423, or SHOP_INACTIVE."""
    return ShopRefused(
        "shop_closed",
        Text(
            "Shopify hat den Shop gesperrt oder pausiert. Melden Sie sich in Shopify an; dort steht, was zu tun ist.",
            "Shopify has locked or paused the shop. Log in to Shopify; it says there what to do.",
        ),
    )


def wrong_key() -> ShopRefused:
    """HTTP 401 with a fresh token, or an app that the token endpoint does not know."""
    return ShopRefused(
        "wrong_key",
        Text(
            "Shopify nimmt die Zugangsdaten nicht an. Kopieren Sie client_id und client_secret (oder access_token) "
            "neu aus Ihrer App im Dev Dashboard.",
            "Shopify does not accept the keys. Copy client_id and client_secret (or access_token) anew from your "
            "app in the Dev Dashboard.",
        ),
    )


def not_installed() -> ShopRefused:
    """`app_not_installed`: also after app/uninstalled."""
    return ShopRefused(
        "app_not_installed",
        Text(
            "Die App ist in diesem Shop nicht installiert. Installieren Sie sie im Dev Dashboard unter Installieren.",
            "The app is not installed in this shop. Install it in the Dev Dashboard under Install.",
        ),
    )


def other_organisation() -> ShopRefused:
    """`shop_not_permitted`: client credentials work within one organisation only."""
    return ShopRefused(
        "shop_not_permitted",
        Text(
            "App und Shop gehören verschiedenen Organisationen. Legen Sie die App in der Organisation an, der der "
            "Shop gehört.",
            "App and shop belong to different organisations. Make the app in the organisation that owns the shop.",
        ),
    )


def missing_scope(required: str) -> ShopRefused:
    """ACCESS_DENIED; `required` is Shopify's text, of which only the scopes are kept."""
    scopes = ", ".join(dict.fromkeys(_SCOPE.findall(required))) or "?"
    return ShopRefused(
        "missing_scope",
        Text(
            f"Der App fehlt eine Berechtigung ({scopes}). Ergänzen Sie sie in einer neuen Version der App und "
            "stimmen Sie ihr im Shop zu.",
            f"The app lacks a permission ({scopes}). Add it in a new version of the app and approve it in the shop.",
        ),
    )


def refused(code: str, what: Text) -> ShopRefused:
    """A mutation that Shopify did not carry out; `what` names it."""
    return ShopRefused(
        "mutation_refused",
        Text(f"{what.de}: Shopify lehnt ab ({code}).", f"{what.en}: Shopify refuses ({code})."),
    )
