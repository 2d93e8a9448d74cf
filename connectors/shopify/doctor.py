"""What is wrong with the connection to a Shopify shop, and what to do about it.

See docs/reference/shopify.md section 1.
"""

from collections.abc import Iterator
from typing import Final

from connectors.reading import Json, mapping, rows, text
from connectors.shopify import documents
from connectors.shopify.answers import Answer
from connectors.shopify.client import VERSION, Client
from connectors.shopify.webhooks import TOPICS
from integration.domain.errors import ShopError
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

#: without these nothing works
NEEDED: Final = ("read_orders", "read_customers", "read_products")
#: without these one thing does not work
USEFUL: Final = {
    "read_fulfillments": Text("Versandmeldungen in Sekunden", "news of parcels within seconds"),
    "read_merchant_managed_fulfillment_orders": Text("„zur Abholung bereit“", "“ready for pickup”"),
    "read_discounts": Text("Gutscheine", "vouchers"),
    "write_discounts": Text("Gutscheine", "vouchers"),
    "write_customers": Text("Einwilligungen im Shop anzeigen", "showing consents in the shop"),
}
ADD_SCOPES: Final = Text(
    "Ergänzen Sie die Berechtigung im Dev Dashboard in einer neuen Version der App, veröffentlichen Sie sie und "
    "stimmen Sie ihr im Shop zu.",
    "Add the permission in the Dev Dashboard in a new version of the app, release it, and approve it in the shop.",
)


def diagnose(client: Client, domain: str) -> list[Finding]:
    """Every finding, the worst first. Never raises ShopError."""
    try:
        # Permissions that were approved just now come with a new token.
        client.renew_token()
        installation = client.ask(documents.INSTALLATION)
        people = client.ask(documents.PEOPLE_READABLE)
    except ShopError as error:
        return [Finding(error.code, Level.FAULT, error.explanation)]
    found = [
        *_connection(installation, domain),
        *_scopes(installation),
        *_version(installation),
        *_people(people),
        *_webhooks(installation),
        *_limits(installation),
    ]
    order = (Level.FAULT, Level.HINT, Level.OK)
    return sorted(found, key=lambda finding: order.index(finding.level))


def _connection(answer: Answer, domain: str) -> Iterator[Finding]:
    shop = mapping(answer.data.get("shop"))
    name, host = text(shop.get("name")), text(shop.get("myshopifyDomain"))
    plan = text(mapping(shop.get("plan")).get("publicDisplayName")) or "?"
    said = Text(f"Verbunden mit „{name}“ (Plan {plan}).", f"Connected to “{name}” (plan {plan}).")
    yield Finding("connected", Level.OK, said)
    if host and host != domain:
        yield Finding(
            "other_domain",
            Level.HINT,
            Text(f"Der Shop heißt bei Shopify {host}, eingetragen ist {domain}.",
                 f"Shopify calls this shop {host}, the settings say {domain}."),
            Text(f'Tragen Sie domain = "{host}" ein.', f'Enter domain = "{host}".'),
        )  # fmt: skip


def granted(answer: Answer) -> set[str]:
    """The scopes that the installation has."""
    installation = mapping(answer.data.get("currentAppInstallation"))
    return {text(scope.get("handle")) for scope in rows(installation.get("accessScopes"))}


def _scopes(answer: Answer) -> Iterator[Finding]:
    # A scope to write includes the one to read.
    have = granted(answer)
    have |= {scope.replace("write_", "read_", 1) for scope in have if scope.startswith("write_")}
    for scope in NEEDED:
        if scope not in have:
            said = Text(f"Die Berechtigung {scope} fehlt.", f"The permission {scope} is missing.")
            yield Finding(f"scope_{scope}", Level.FAULT, said, ADD_SCOPES)
    for scope, what in USEFUL.items():
        if scope not in have:
            said = Text(f"Ohne die Berechtigung {scope} fehlt: {what.de}.",
                        f"Without the permission {scope} this is missing: {what.en}.")  # fmt: skip
            yield Finding(f"scope_{scope}", Level.HINT, said, ADD_SCOPES)
    if not any(scope not in have for scope in (*NEEDED, *USEFUL)):
        yield Finding("scopes_ok", Level.OK, Text("Alle Berechtigungen sind da.", "All permissions are there."))


def _version(answer: Answer) -> Iterator[Finding]:
    served = answer.version
    if not served or served == VERSION:
        said = Text(f"Schnittstelle von Shopify: {VERSION}.", f"Shopify's interface: {VERSION}.")
        yield Finding("version_ok", Level.OK, said)
        return
    yield Finding(
        "version_fell_forward",
        Level.HINT,
        Text(f"Shopify antwortet in Version {served} statt {VERSION}: Diese Fassung gibt es dort nicht mehr.",
             f"Shopify answers in version {served} instead of {VERSION}, which it no longer has."),
        Text("Aktualisieren Sie Ladenbote.", "Update Ladenbote."),
    )  # fmt: skip


def _people(answer: Answer) -> Iterator[Finding]:
    customers, orders = _nodes(answer.data, "customers"), _nodes(answer.data, "orders")
    if not customers and not orders and not answer.denied:
        yield Finding(
            "people_unknown",
            Level.HINT,
            Text(
                "Der Shop hat noch keine Kunden: Ob Namen und Nummern lesbar sind, zeigt erst die erste Bestellung.",
                "The shop has no customers yet: the first order will show whether names and numbers are readable.",
            ),
        )
        return  # fmt: skip
    if not any(row.get("firstName") or row.get("lastName") for row in customers):
        yield _unreadable("names_unreadable", Text("Namen", "names"))
    if not any(map(_phone, customers)) and not any(map(_phone, orders)):
        yield _unreadable("phones_unreadable", Text("Telefonnummern", "phone numbers"))
    else:
        yield Finding("phones_ok", Level.OK, Text("Telefonnummern sind lesbar.", "Phone numbers are readable."))


def _phone(row: Json) -> object:
    nested = ("defaultAddress", "billingAddress", "shippingAddress")
    default = mapping(row.get("defaultPhoneNumber")).get("phoneNumber")
    return row.get("phone") or default or any(mapping(row.get(name)).get("phone") for name in nested)


def _unreadable(code: str, what: Text) -> Finding:
    return Finding(
        code,
        Level.FAULT if code == "phones_unreadable" else Level.HINT,
        Text(
            f"Shopify zeigt uns keine {what.de}, bei keinem der letzten Kunden und Bestellungen.",
            f"Shopify shows us no {what.en}, for none of the latest customers and orders.",
        ),
        Text(
            "Geben Sie der App im Dev Dashboard Zugriff auf geschützte Kundendaten (Name, Telefon, Adresse, E-Mail); "
            "kleine Pläne lassen das nicht zu. Machen Sie das Telefon an der Kasse zum Pflichtfeld, oder verbinden Sie "
            "Bestellung und Chat über den Link auf der Danke-Seite (docs/consent.md).",
            "Give the app access to protected customer data in the Dev Dashboard (name, phone, address, e-mail); small "
            "plans do not allow it. Make the phone a required field at checkout, or connect order and chat by the link "
            "on the thank-you page (docs/consent.md).",
        ),
    )


def _webhooks(answer: Answer) -> Iterator[Finding]:
    have = {text(row.get("topic")) for row in _nodes(answer.data, "webhookSubscriptions")}
    missing = [topic for topic in TOPICS if topic not in have]
    if missing:
        names = ", ".join(missing[:4]) + (" …" if len(missing) > 4 else "")
        said = Text(
            f"{len(missing)} von {len(TOPICS)} Webhooks fehlen ({names}). Ladenbote legt sie täglich neu an; bis dahin "
            "wird abgefragt.",
            f"{len(missing)} of {len(TOPICS)} webhooks are missing ({names}). Ladenbote makes them anew daily; until "
            "then it polls.",
        )
        yield Finding("webhooks_missing", Level.HINT, said)
    else:
        yield Finding("webhooks_ok", Level.OK, Text("Alle Webhooks bestehen.", "All webhooks exist."))


def _limits(answer: Answer) -> Iterator[Finding]:
    rate = answer.cost.restore_rate
    if rate:
        said = Text(
            f"Der Plan erlaubt {rate:.0f} Punkte je Sekunde; eine Abfrage ohne Neuigkeiten kostet etwa zwei.",
            f"The plan allows {rate:.0f} points per second; a poll without news costs about two.",
        )
        yield Finding("limits", Level.OK, said)


def _nodes(data: Json, name: str) -> list[Json]:
    return rows(mapping(data.get(name)).get("nodes"))
