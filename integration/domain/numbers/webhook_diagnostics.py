"""What is in order with the way back, Meta's webhooks for a number, and what to do."""

from collections.abc import Iterator

from integration.domain.numbers.numbers import COEXISTENCE_FIELDS, NEEDED_FIELDS, USEFUL_FIELDS, NumberFacts
from integration.domain.shops.findings import fault, hint, ok
from integration.domain.shops.ports import Finding
from integration.domain.text import Text


def hooks(facts: NumberFacts) -> Iterator[Finding]:
    """App secret, subscription and fields."""
    if facts.app_secret_fits is False:
        yield fault(
            "app_secret_wrong",
            "Das App-Geheimnis gehört nicht zur App dieses Tokens: Jeder Webhook von Meta würde abgelehnt.",
            "The app secret does not belong to this token's app: every webhook of Meta's would be refused.",
            Text(
                "Kopieren Sie es aus Metas App-Dashboard, App-Einstellungen, Allgemeines, und zwar aus der App, in der "
                "das Token erzeugt wurde.",
                "Copy it from Meta's app dashboard, App settings, Basic, of the app in which the token was generated.",
            ),
        )
    elif facts.app_secret_fits:
        yield ok("app_secret", "Das App-Geheimnis stimmt.", "The app secret is right.")
    if facts.subscribed is False:
        yield fault(
            "not_subscribed",
            "Ihre App hört dem WhatsApp-Konto noch nicht zu: Status und STOP kämen nicht an.",
            "Your app does not listen to the WhatsApp account yet: neither statuses nor STOP would arrive.",
            Text(
                "Wählen Sie auf der Seite dieser Nummer „Webhook einrichten“.",
                "Choose “Set up the webhook” on the page of this number.",
            ),
        )
    if facts.fields is not None:
        yield from _fields(facts, set(facts.fields))


def _fields(facts: NumberFacts, have: set[str]) -> Iterator[Finding]:
    remedy = Text(
        "Wählen Sie auf der Seite dieser Nummer „Webhook einrichten“, oder haken Sie die Felder in Metas App-Dashboard "
        "unter WhatsApp, Konfiguration an.",
        "Choose “Set up the webhook” on the page of this number, or tick the fields in Meta's app dashboard under "
        "WhatsApp, Configuration.",
    )
    if missing := [name for name in NEEDED_FIELDS if name not in have]:
        names = ", ".join(missing)
        yield fault(
            "fields_needed",
            f"Unentbehrliche Webhook-Felder sind nicht abonniert: {names}.",
            f"Indispensable webhook fields are not subscribed: {names}.",
            remedy,
        )
    useful = USEFUL_FIELDS + (COEXISTENCE_FIELDS if facts.on_business_app else ())
    if missing := [name for name in useful if name not in have]:
        names = ", ".join(missing)
        yield hint(
            "fields_useful",
            f"Nützliche Webhook-Felder sind nicht abonniert: {names}.",
            f"Useful webhook fields are not subscribed: {names}.",
            remedy,
        )
    elif have.issuperset(NEEDED_FIELDS):
        yield ok("fields", "Alle nötigen Webhook-Felder sind abonniert.", "All webhook fields are subscribed.")
