"""What a shop can do, what is wrong with the connection, and the remedy.

See docs/reference/woocommerce.md sections 1, 5, 7, 10.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from connectors.reading import Json, mapping, rows, text
from connectors.woocommerce.carts import CHECKOUT_LINK
from connectors.woocommerce.client import SKEW, Answer, WooCommerceClient
from connectors.woocommerce.webhooks import existing, name_of
from integration.domain.errors import ShopError
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

STATUS: Final = (
    "environment.version,environment.wp_version,environment.wp_cron,settings.currency,settings.HPOS_enabled,"
    "settings.enabled_features,active_plugins,pages"
)
RECENT: Final = "id,billing"
#: the oldest version that we try with
OLDEST: Final = (8, 9)
#: a clock so far off makes times in messages wrong
NOTICEABLE: Final = timedelta(minutes=1)
#: parts of a plugin's file name, and how it is called
SHIPPING: Final = {
    "advanced-shipment-tracking": "Advanced Shipment Tracking",
    "woocommerce-shipment-tracking": "Shipment Tracking",
    "shiptastic": "Shiptastic",
    "woocommerce-germanized": "Germanized",
}


def diagnose(client: WooCommerceClient, now: datetime) -> list[Finding]:
    """Every finding, the worst first. Never raises ShopError."""
    try:
        orders = client.get("orders", {"per_page": 20, "_fields": RECENT})
    except ShopError as error:
        return [Finding(error.code, Level.FAULT, error.explanation), *_plain_http(client)]
    found = [*_connected(client), *_clock(client, orders, now), *_phones(rows(orders.body))]
    for ask in (_shop, _place, _writing, _webhooks):
        found += _asked(ask, client)
    order = (Level.FAULT, Level.HINT, Level.OK)
    return sorted(found, key=lambda finding: order.index(finding.level))


def _asked(ask: Callable[[WooCommerceClient], Iterator[Finding]], client: WooCommerceClient) -> list[Finding]:
    """What a part of the examination found; one that the shop refuses is a hint, the others go on."""
    try:
        return list(ask(client))
    except ShopError as error:
        name = ask.__name__.strip("_")
        said = Text(f"Nicht geprüft ({name}): {error.explanation.de}", f"Not examined ({name}): {error.explanation.en}")
        return [Finding(f"unknown_{name}", Level.HINT, said)]


def _connected(client: WooCommerceClient) -> Iterator[Finding]:
    way = "https/Basic" if client.secure else "http/OAuth"
    said = Text(f"Verbunden mit {client.url} ({way}).", f"Connected to {client.url} ({way}).")
    yield Finding("connected", Level.OK, said)
    yield from _plain_http(client)


def _plain_http(client: WooCommerceClient) -> Iterator[Finding]:
    if client.secure or urlsplit(client.url).hostname in ("127.0.0.1", "localhost", "::1"):
        return
    yield Finding(
        "plain_http",
        Level.HINT,
        Text("Der Shop wird unverschlüsselt (http) gefragt.", "The shop is asked unencrypted (http)."),
        Text(
            "Bitte die https-Adresse eintragen. Steht ein https-Proxy vor dem Shop, muss PHP es erfahren: in "
            "wp-config.php bei X-Forwarded-Proto=https $_SERVER['HTTPS']='on' setzen.",
            "Please enter the https address. If an https proxy stands before the shop, PHP must know it: in "
            "wp-config.php set $_SERVER['HTTPS']='on' when X-Forwarded-Proto is https.",
        ),
    )


def _clock(client: WooCommerceClient, answer: Answer, now: datetime) -> Iterator[Finding]:
    off = abs(answer.at - now)
    minutes = round(off.total_seconds() / 60)
    if off <= NOTICEABLE:
        yield Finding("clock", Level.OK, Text("Die Uhr des Shops stimmt.", "The shop's clock is right."))
        return
    yield Finding(
        "clock",
        Level.FAULT if off > SKEW and not client.secure else Level.HINT,
        Text(
            f"Die Uhren von Shop und Ladenbote gehen {minutes} Minuten auseinander.",
            f"The clocks of the shop and of Ladenbote differ by {minutes} minutes.",
        ),
        Text("Bitte beide Uhren über NTP stellen lassen.", "Please let NTP set both clocks."),
    )


def _phones(orders: list[Json]) -> Iterator[Finding]:
    if not orders:
        said = Text(
            "Der Shop hat noch keine Bestellung: Ob Telefonnummern dabei sind, zeigt erst die erste.",
            "The shop has no orders yet: the first one will show whether phone numbers come along.",
        )
        yield Finding("phones", Level.OK, said)
        return
    with_phone = sum(bool(text(mapping(row.get("billing")).get("phone"))) for row in orders)
    said = Text(
        f"{with_phone} der letzten {len(orders)} Bestellungen haben eine Telefonnummer.",
        f"{with_phone} of the last {len(orders)} orders have a phone number.",
    )
    if 2 * with_phone >= len(orders):
        yield Finding("phones", Level.OK, said)
        return
    yield Finding(
        "phones",
        Level.HINT,
        said,
        Text(
            "Bitte das Telefonfeld im Checkout einblenden: ohne Nummer keine Nachricht.",
            "Please show the phone field in the checkout: no number, no message.",
        ),
    )


def _shop(client: WooCommerceClient) -> Iterator[Finding]:
    status = mapping(client.get("system_status", {"_fields": STATUS}).body)
    environment, settings = mapping(status.get("environment")), mapping(status.get("settings"))
    version = text(environment.get("version"), 40)
    yield _version(version, text(environment.get("wp_version"), 40))
    hpos = settings.get("HPOS_enabled") is True
    yield Finding(
        "storage",
        Level.OK,
        Text(
            "Bestellungen liegen in eigenen Tabellen (HPOS)."
            if hpos
            else "Bestellungen liegen als Beiträge (klassisch).",
            "Orders are in tables of their own (HPOS)." if hpos else "Orders are stored as posts (classic).",
        ),
    )
    currency = text(settings.get("currency"), 3)
    yield Finding("currency", Level.OK, Text(f"Währung: {currency}.", f"Currency: {currency}."))
    yield from _checkout(rows(status.get("pages")))
    yield _recovery(version)
    yield _shipping(rows(status.get("active_plugins")), settings)


def _version(version: str, wordpress: str) -> Finding:
    said = Text(f"WooCommerce {version} auf WordPress {wordpress}.", f"WooCommerce {version} on WordPress {wordpress}.")
    if _major_minor(version) >= OLDEST:
        return Finding("version", Level.OK, said)
    remedy = Text(
        "Erprobt ist Ladenbote ab WooCommerce 8.9. Bitte aktualisieren.",
        "Ladenbote is tried with WooCommerce 8.9 and later. Please update.",
    )
    return Finding("version", Level.HINT, said, remedy)


def _major_minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _checkout(pages: list[Json]) -> Iterator[Finding]:
    """Only the block checkout shows carts before they are ordered."""
    page = next((row for row in pages if "checkout" in text(row.get("block")) + text(row.get("shortcode"))), None)
    if page is None:
        return
    if page.get("block_present") is True:
        yield Finding(
            "checkout",
            Level.OK,
            Text("Block-Checkout: offene Körbe sind sichtbar.", "Block checkout: open carts can be seen."),
        )
        return
    yield Finding(
        "checkout",
        Level.HINT,
        Text(
            "Klassischer Checkout: offene Warenkörbe sieht nur das Ladenbote-Plugin.",
            "Classic checkout: only the Ladenbote plugin sees open carts.",
        ),
        Text(
            "Für Warenkorb-Erinnerungen bitte das Plugin installieren oder den Block-Checkout verwenden.",
            "For cart reminders please install the plugin or use the block checkout.",
        ),
    )


def _recovery(version: str) -> Finding:
    if _major_minor(version) >= (CHECKOUT_LINK,):
        said = Text("Warenkörbe lassen sich per Link wiederherstellen.", "Carts can be restored by a link.")
        return Finding("checkout_link", Level.OK, said)
    return Finding(
        "checkout_link",
        Level.HINT,
        Text(
            "Links, die einen Warenkorb wiederherstellen, gibt es erst ab WooCommerce 10.",
            "Links that restore a cart exist since WooCommerce 10 only.",
        ),
        Text(
            "Mit dem Ladenbote-Plugin geht es auch hier; sonst führt der Link nur zur Kasse.",
            "With the Ladenbote plugin it works here, too; otherwise the link only leads to the checkout.",
        ),
    )


def _shipping(plugins: list[Json], settings: Json) -> Finding:
    files = " ".join(text(row.get("plugin")) for row in plugins)
    found = [name for part, name in SHIPPING.items() if part in files]
    features = settings.get("enabled_features")
    if isinstance(features, list) and "fulfillments" in features:
        found.append("WooCommerce Fulfillments")
    if found:
        names = ", ".join(found)
        said = Text(f"Sendungen kommen aus: {names}.", f"Parcels are read from: {names}.")
        return Finding("shipping", Level.OK, said)
    return Finding(
        "shipping",
        Level.HINT,
        Text("Kein bekanntes Sendungs-Plugin ist aktiv.", "No shipping plugin that we know is active."),
        Text(
            "Hält ein anderes Plugin die Sendungsnummern, bitte tracking_meta einstellen (docs/woocommerce.md).",
            "If another plugin keeps the tracking numbers, please set tracking_meta (docs/woocommerce.md).",
        ),
    )


def _place(client: WooCommerceClient) -> Iterator[Finding]:
    found = client.index()
    zone = text(found.get("timezone_string")) or f"UTC{text(str(found.get('gmt_offset', '')))}"
    yield Finding("time_zone", Level.OK, Text(f"Zeitzone des Shops: {zone}.", f"The shop's time zone: {zone}."))


def _writing(client: WooCommerceClient) -> Iterator[Finding]:
    """A webhook without topic is refused by any shop, by one that we may write to for its missing topic."""
    try:
        client.post("webhooks", {"topic": "", "delivery_url": ""})
    except ShopError as error:
        if error.code != "rejected":
            yield Finding(error.code, Level.FAULT, error.explanation)
            return
    yield Finding("may_write", Level.OK, Text("Der Schlüssel darf lesen und schreiben.", "The key may read and write."))


def _webhooks(client: WooCommerceClient) -> Iterator[Finding]:
    ours = [row for row in existing(client) if row.get("name") == name_of(text(row.get("topic")))]
    asleep = [row for row in ours if row.get("status") != "active"]
    if asleep:
        topics = ", ".join(text(row.get("topic")) for row in asleep)
        said = Text(f"Abgeschaltete Webhooks: {topics}.", f"Disabled webhooks: {topics}.")
        remedy = Text(
            "Ladenbote schaltet sie einmal am Tag wieder ein. Bleibt es dabei, erreicht der Shop Ladenbote nicht.",
            "Ladenbote activates them once a day. If it stays so, the shop cannot reach Ladenbote.",
        )
        yield Finding("webhooks_off", Level.HINT, said, remedy)
    elif ours:
        said = Text(f"{len(ours)} Webhooks sind aktiv.", f"{len(ours)} webhooks are active.")
        yield Finding("webhooks_on", Level.OK, said)
    else:
        said = Text(
            "Keine Webhooks: Der Shop wird regelmäßig gefragt, das genügt.",
            "No webhooks: the shop is asked regularly, which is enough.",
        )
        yield Finding("webhooks_none", Level.HINT, said)
