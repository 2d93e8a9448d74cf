"""Letting Meta post to us: the app's webhook and fields, the account's subscription, the number's own address.

An app has one address. When another number or somebody else's program has it, it is left alone and this number gets an
address of its own (Meta's "override"): that carries messages and statuses, while news of templates and of the account
go on to the app's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from connectors.reading import rows, text
from connectors.whatsapp.graph import Graph, is_partner
from connectors.whatsapp.number import OBJECT, app_graph, debug_token, fields_of
from connectors.whatsapp.settings import SenderSettings
from integration.domain.errors import ChannelError, Refused
from integration.domain.numbers.numbers import COEXISTENCE_FIELDS, NEEDED_FIELDS, USEFUL_FIELDS
from integration.domain.shops.findings import LATER, fault
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

#: Meta asked the address and did not get its challenge back
UNVERIFIED: Final = 2200
WANTED: Final = (*NEEDED_FIELDS, *USEFUL_FIELDS, *COEXISTENCE_FIELDS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a number's webhooks shall come, and where those of our `others` do."""

    address: str
    verify_token: str
    others: Collection[str] = ()

    def leaves(self, there: str) -> bool:
        """Whether an app's address stays: another number's or program's does, a removed number's does not."""
        gone = _house(there) == _house(self.address) and there not in self.others
        return bool(there) and there != self.address and not gone


def _house(address: str) -> str:
    """What the addresses of all our numbers begin with."""
    return address.rpartition("meta/")[0]


async def connect(
    settings: SenderSettings, address: str, verify_token: str, others: Collection[str] = ()
) -> list[Finding]:
    """Do all that can be done over the API; never raises ChannelError."""
    graph = Graph(settings)
    try:
        if is_partner(settings):
            return [await _partner(graph, settings, address)]
        return await _connect(graph, settings, Wanted(address, verify_token, others))
    except ChannelError as error:
        return [_failed(error, address)]
    finally:
        await graph.close()


async def _connect(graph: Graph, settings: SenderSettings, wanted: Wanted) -> list[Finding]:
    if not settings.business_account_id:
        return [_account_missing()]
    app_id = text((await debug_token(graph, settings.token.get_secret_value())).get("app_id"), 40)
    elsewhere = await _subscribe_app(settings, app_id, wanted)
    await graph.post(f"/{settings.business_account_id}/subscribed_apps", {})
    own = {"override_callback_uri": wanted.address, "verify_token": wanted.verify_token} if elsewhere else {}
    await graph.post(f"/{settings.phone_number_id}", {"webhook_configuration": own or {"override_callback_uri": ""}})
    said = Text(
        f"Meta hat die Adresse {wanted.address} geprüft und meldet von jetzt an dorthin.",
        f"Meta has checked the address {wanted.address} and reports to it from now on.",
    )
    foreign = elsewhere and elsewhere not in wanted.others
    return [Finding("connected", Level.OK, said), *([_elsewhere(elsewhere)] if foreign else [])]


def _account_missing() -> Finding:
    return fault(
        "account_missing",
        "Zu dieser Nummer fehlt die ID des WhatsApp-Business-Kontos.",
        "The id of this number's WhatsApp Business account is missing.",
        Text(
            "Tragen Sie sie in settings.toml als business_account_id ein; sie steht in Metas App-Dashboard unter "
            "WhatsApp, API-Einrichtung.",
            "Enter it in settings.toml as business_account_id; it stands in Meta's app dashboard under WhatsApp, API "
            "setup.",
        ),
    )


async def _subscribe_app(settings: SenderSettings, app_id: str, wanted: Wanted) -> str:
    """Give the app our address and fields; the address that it has when that is left to it."""
    graph = app_graph(settings, app_id)
    try:
        found = rows((await graph.get(f"/{app_id}/subscriptions")).get("data"))
        ours = next((row for row in found if row.get("object") == OBJECT), {})
        there = text(ours.get("callback_url"), 300)
        if wanted.leaves(there):
            return there
        fields = ",".join(dict.fromkeys((*WANTED, *fields_of(ours))))
        body = {"object": OBJECT, "callback_url": wanted.address, "verify_token": wanted.verify_token, "fields": fields}
        await graph.post(f"/{app_id}/subscriptions", body)
        return ""
    finally:
        await graph.close()


def _elsewhere(there: str) -> Finding:
    return Finding(
        "app_elsewhere",
        Level.HINT,
        Text(
            f"Ihre App meldet sonst an {there}. Nachrichten dieser Nummer kommen hierher; Neues über Vorlagen und "
            f"Konto geht weiter dorthin und wird hier nur alle zehn Minuten gelesen.",
            f"Your app otherwise reports to {there}. This number's messages come here; news of templates and of the "
            "account go on to that address and are only read here every ten minutes.",
        ),
        Text(
            "Wird die andere Adresse nicht mehr gebraucht, löschen Sie sie in Metas App-Dashboard unter WhatsApp, "
            "Konfiguration, und richten Sie den Webhook hier noch einmal ein.",
            "If the other address is no longer needed, remove it in Meta's app dashboard under WhatsApp, "
            "Configuration, and set the webhook up here once more.",
        ),
    )


async def _partner(graph: Graph, settings: SenderSettings, address: str) -> Finding:
    """Give the partner our address and the word that it sends with every report."""
    if not settings.webhook_header:
        return _unproved()
    if not settings.webhook_path:
        return _by_portal(settings.webhook_header, address)
    word = settings.app_secret.get_secret_value()
    path = settings.url(settings.webhook_path).removeprefix(settings.base_url)
    await graph.post(path, {"url": address, "headers": {settings.webhook_header: word}})
    said = Text(f"Der Partner meldet von jetzt an an {address}.", f"The partner reports to {address} from now on.")
    return Finding("connected", Level.OK, said)


def _unproved() -> Finding:
    return Finding(
        "partner_webhook",
        Level.FAULT,
        Text(
            "Ein Partner unterschreibt seine Meldungen nicht wie Meta. Ohne webhook_header nimmt Ladenbote sie nicht "
            "an: Status und STOP kämen nicht an.",
            "A partner does not sign its reports as Meta does. Without webhook_header Ladenbote does not take them: "
            "neither statuses nor STOP would arrive.",
        ),
        Text(
            "Denken Sie sich ein langes Wort aus, tragen Sie es als app_secret ein und dazu webhook_header, zum "
            "Beispiel X-Ladenbote-Key. README, „Eine Nummer bei einem Partner“.",
            "Invent a long word, enter it as app_secret, and webhook_header with it, for example X-Ladenbote-Key. "
            "README, “A number at a partner”.",
        ),
    )


def _by_portal(header: str, address: str) -> Finding:
    return Finding(
        "partner_by_hand",
        Level.HINT,
        Text(
            "Ladenbote kann den Webhook bei diesem Partner nicht selbst eintragen.",
            "Ladenbote cannot enter the webhook at this partner by itself.",
        ),
        Text(
            f"Tragen Sie im Portal des Partners die Adresse {address} ein, und als zusätzlichen Header {header} mit "
            "dem Wort, das hier als app_secret steht. Danach prüfen Sie den Rückweg mit einer Nachricht.",
            f"Enter the address {address} in the partner's portal, and as an additional header {header} with the word "
            "that stands here as app_secret. Then check the way back with a message.",
        ),
    )


def _failed(error: ChannelError, address: str) -> Finding:
    if not isinstance(error, Refused):
        return fault("webhook_unreachable", "WhatsApp hat nicht geantwortet.", "WhatsApp did not answer.", LATER)
    if error.code == UNVERIFIED:
        return _not_reached(address, error.detail)
    return fault(
        "webhook_refused",
        f"Meta hat den Webhook nicht eingerichtet (Fehler {error.code}): {error.detail}",
        f"Meta did not set the webhook up (error {error.code}): {error.detail}",
        by_hand(address),
    )


def _not_reached(address: str, detail: str) -> Finding:
    """Meta's own words tell a wrong certificate from a wrong answer."""
    certificate = any(word in detail.lower() for word in ("ssl", "certificate"))
    return fault(
        "callback_certificate" if certificate else "callback_unverified",
        f"Meta hat unter {address} nicht die richtige Antwort bekommen: {detail}",
        f"Meta did not get the right answer at {address}: {detail}",
        _CERTIFICATE if certificate else _REACH,
    )


_CERTIFICATE: Final = Text(
    "Meta traut dem Zertifikat dieser Adresse nicht. Es muss von einer öffentlichen Stelle sein (Let's Encrypt "
    "genügt), für diesen Namen gelten, darf nicht abgelaufen sein, und der Server muss die ganze Kette mitschicken.",
    "Meta does not trust this address's certificate. It must be from a public authority (Let's Encrypt will do), be "
    "valid for this name and not have expired, and the server must send the whole chain.",
)


_REACH: Final = Text(
    "Öffnen Sie die Adresse auf dem Telefon ohne WLAN: „wrong verify token“ ist richtig. Kommt etwas anderes, prüfen "
    "Sie Proxy, Zertifikat und public_url. Bei einem Briefkasten warten Sie zehn Sekunden und versuchen es noch "
    "einmal.",
    "Open the address on a phone without wifi: “wrong verify token” is right. If something else comes, check proxy, "
    "certificate and public_url. With a mailbox wait ten seconds and try again.",
)


def by_hand(address: str) -> Text:
    """What to paste where when the API does not let us."""
    fields = ", ".join((*NEEDED_FIELDS, *USEFUL_FIELDS))
    return Text(
        f"Von Hand: Metas App-Dashboard, WhatsApp, Konfiguration. Callback-URL {address}, dazu das Verify-Token von "
        f"dieser Seite; dann diese Felder abonnieren: {fields}.",
        f"By hand: Meta's app dashboard, WhatsApp, Configuration. Callback URL {address}, with the verify token of "
        f"this page; then subscribe these fields: {fields}.",
    )
