"""What is in order with a WhatsApp number and what is not, and what to do: `NumberFacts` as findings."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from integration.domain.numbers import (
    COEXISTENCE_FIELDS,
    NEEDED_FIELDS,
    PERMISSIONS,
    USEFUL_FIELDS,
    NumberFacts,
)
from integration.domain.ports import Finding, Level
from integration.domain.text import Text

ENDS_SOON: Final = timedelta(days=14)
WORST_FIRST: Final = (Level.FAULT, Level.HINT, Level.OK)
#: codes of the Graph API that speak of the token or of a permission, not of the thing that was asked for
TOKEN_CODES: Final = frozenset({0, 102, 190})
SYSTEM_USER: Final = Text(
    "Legen Sie in Metas Business-Einstellungen unter „Systemnutzer“ einen an, geben Sie ihm die App und das "
    "WhatsApp-Konto mit voller Kontrolle und erzeugen Sie ein Token ohne Ablauf mit den Berechtigungen "
    "whatsapp_business_messaging und whatsapp_business_management.",
    "In Meta's business settings, add a system user, give it the app and the WhatsApp account with full control, and "
    "generate a token that never expires with the permissions whatsapp_business_messaging and "
    "whatsapp_business_management.",
)
GIVE_PERMISSION: Final = Text(
    "Erzeugen Sie das Token des Systemnutzers noch einmal und haken Sie diese Berechtigung an; geben Sie dem "
    "Systemnutzer außerdem das WhatsApp-Konto mit voller Kontrolle.",
    "Generate the system user's token again and tick this permission; also give the system user the WhatsApp account "
    "with full control.",
)
LATER: Final = Text("Versuchen Sie es in ein paar Minuten noch einmal.", "Try again in a few minutes.")
RIGHT_NUMBER: Final = Text(
    "Kopieren Sie die „Telefonnummern-ID“ (nicht die Nummer) aus Metas App-Dashboard, WhatsApp, API-Einrichtung, oder "
    "wählen Sie die Nummer aus der Liste. Gehört sie zu einem anderen Konto, geben Sie dem Systemnutzer dieses Konto.",
    "Copy the “phone number ID” (not the number) from Meta's app dashboard, WhatsApp, API setup, or pick the number "
    "from the list. If it belongs to another account, give the system user that account.",
)


def findings(facts: NumberFacts, now: datetime) -> list[Finding]:
    """Everything that the facts say, the worst first."""
    if not facts.reachable:
        return [_fault("unreachable", "WhatsApp hat nicht geantwortet.", "WhatsApp did not answer.", LATER)]
    if facts.token_valid is False:
        return [_key_wrong() if facts.partner else _token_wrong()]
    if facts.partner:
        return worst_first(list(_partner()))
    parts = (_token(facts, now), _permissions(facts), _number(facts), _account(facts), _limits(facts), _hooks(facts))
    return worst_first([finding for part in parts for finding in part])


def worst_first(found: list[Finding]) -> list[Finding]:
    """Faults before hints before what is well."""
    return sorted(found, key=lambda finding: WORST_FIRST.index(finding.level))


def _fault(code: str, de: str, en: str, remedy: Text | None = None) -> Finding:
    return Finding(code, Level.FAULT, Text(de, en), remedy)


def _hint(code: str, de: str, en: str, remedy: Text | None = None) -> Finding:
    return Finding(code, Level.HINT, Text(de, en), remedy)


def _ok(code: str, de: str, en: str) -> Finding:
    return Finding(code, Level.OK, Text(de, en))


def _partner() -> Iterator[Finding]:
    yield _ok("partner_answers", "Der Partner antwortet mit diesem Schlüssel.", "The partner answers with this key.")
    yield _hint(
        "partner_unchecked",
        "Bei einem Partner lassen sich nicht prüfen: Berechtigungen und Ablauf des Schlüssels, App-Geheimnis, Stand "
        "des Anzeigenamens, Qualität, Limits und abonnierte Webhook-Felder.",
        "With a partner these cannot be checked: permissions and expiry of the key, app secret, state of the display "
        "name, quality, limits, and the subscribed webhook fields.",
        Text("Sehen Sie im Portal des Partners nach.", "Look them up in the partner's own portal."),
    )


def _key_wrong() -> Finding:
    return _fault(
        "key_wrong",
        "Der Partner nimmt diesen Schlüssel nicht an.",
        "The partner does not accept this key.",
        Text("Kopieren Sie ihn noch einmal aus dem Portal des Partners.", "Copy it again from the partner's portal."),
    )


def _token_wrong() -> Finding:
    return _fault(
        "token_wrong",
        "Meta nimmt dieses Token nicht an: Es ist falsch, abgelaufen oder wurde widerrufen.",
        "Meta does not accept this token: it is wrong, has expired, or was revoked.",
        SYSTEM_USER,
    )


def _token(facts: NumberFacts, now: datetime) -> Iterator[Finding]:
    if facts.token_valid is None:
        yield _hint(
            "token_unread",
            "Art und Ablauf des Tokens ließen sich nicht lesen.",
            "Type and expiry of the token could not be read.",
            SYSTEM_USER,
        )
        return
    if facts.token_type not in ("", "SYSTEM_USER"):
        yield _fault(
            "token_type",
            f"Dies ist kein Token eines Systemnutzers (sondern: {facts.token_type}); es läuft ab oder endet mit dem "
            "Passwort eines Menschen.",
            f"This is not a system user's token (but: {facts.token_type}); it expires, or ends with somebody's "
            "password.",
            SYSTEM_USER,
        )
    until = facts.token_expires_at
    if until is None:
        yield _ok("token_lasts", "Das Token läuft nicht ab.", "The token does not expire.")
    elif until <= now:
        yield _token_wrong()
    else:
        soon = until - now < ENDS_SOON
        said = Text(f"Das Token läuft am {until:%d.%m.%Y} ab.", f"The token expires on {until:%d %B %Y}.")
        yield Finding("token_ends", Level.FAULT if soon else Level.HINT, said, SYSTEM_USER)


def _permissions(facts: NumberFacts) -> Iterator[Finding]:
    if facts.token_valid is None:
        return
    for permission in PERMISSIONS:
        if permission in facts.permissions:
            yield _ok(
                f"permission_{permission}",
                f"Die Berechtigung {permission} ist da.",
                f"The permission {permission} is there.",
            )
        else:
            yield _fault(
                f"permission_{permission}",
                f"Dem Token fehlt die Berechtigung {permission}.",
                f"The token lacks the permission {permission}.",
                GIVE_PERMISSION,
            )


def _number(facts: NumberFacts) -> Iterator[Finding]:
    if "number" in facts.errors:
        yield _unread_number(facts.errors["number"])
        return
    yield _registered(facts)
    yield from _name(facts)
    yield from _quality(facts)
    if facts.mode == "SANDBOX":
        yield _hint(
            "test_number",
            "Dies ist Metas Testnummer: Sie schreibt höchstens fünf eingetragenen Telefonen.",
            "This is Meta's test number: it writes to at most five phones that you enter.",
            Text("Nehmen Sie für Kunden eine eigene Nummer.", "Use a number of your own for customers."),
        )


def _unread_number(code: int) -> Finding:
    if code == -1 or code in (2, 4, 80007):
        return _hint(
            "number_unread", "Die Nummer ließ sich gerade nicht lesen.", "The number could not be read just now.", LATER
        )
    return _fault(
        "number_foreign",
        "Dieses Token sieht keine solche Nummer: Die ID ist falsch, oder sie gehört zu einem anderen Konto.",
        "This token sees no such number: the id is wrong, or it belongs to another account.",
        RIGHT_NUMBER,
    )


def _registered(facts: NumberFacts) -> Finding:
    shown = facts.display_number or "?"
    if facts.status == "CONNECTED" or (not facts.status and facts.platform == "CLOUD_API"):
        return _ok(
            "registered",
            f"{shown} ist für die Cloud API registriert.",
            f"{shown} is registered for the Cloud API.",
        )
    if facts.status in ("BANNED", "RESTRICTED", "FLAGGED"):
        return _fault(
            "number_restricted",
            f"Meta hat {shown} eingeschränkt ({facts.status}).",
            f"Meta has restricted {shown} ({facts.status}).",
            Text(
                "Der WhatsApp Manager nennt unter „Kontoqualität“ den Grund und den Weg zum Widerspruch.",
                "WhatsApp Manager names the reason under “Account quality”, and the way to appeal.",
            ),
        )
    return _fault(
        "not_registered",
        f"{shown} ist nicht für die Cloud API registriert ({facts.status or facts.platform or 'ohne Status'}).",
        f"{shown} is not registered for the Cloud API ({facts.status or facts.platform or 'no status'}).",
        Text(
            "Öffnen Sie im WhatsApp Manager „Telefonnummern“, bestätigen Sie die Nummer und schließen Sie die "
            "Registrierung mit der sechsstelligen PIN ab.",
            "Open “Phone numbers” in WhatsApp Manager, verify the number, and finish registering it with the PIN of "
            "six digits.",
        ),
    )


def _name(facts: NumberFacts) -> Iterator[Finding]:
    name = facts.verified_name or "?"
    if facts.name_status in ("APPROVED", "AVAILABLE_WITHOUT_REVIEW"):
        yield _ok("name_approved", f"Kunden lesen den Namen „{name}“.", f"Customers read the name “{name}”.")
    elif facts.name_status == "PENDING_REVIEW":
        yield _hint(
            "name_waits",
            f"Meta prüft den Anzeigenamen „{name}“ noch.",
            f"Meta is still reviewing the display name “{name}”.",
            Text("Das dauert meist ein bis zwei Tage.", "That usually takes a day or two."),
        )
    elif facts.name_status:
        yield _fault(
            "name_declined",
            f"Der Anzeigename „{name}“ ist nicht genehmigt ({facts.name_status}); Meta lehnt dann Nachrichten ab.",
            f"The display name “{name}” is not approved ({facts.name_status}); Meta then refuses messages.",
            Text(
                "Ändern Sie ihn im WhatsApp Manager: Er muss zu Ihrem Laden und Ihrer Website passen.",
                "Change it in WhatsApp Manager: it must fit your shop and your website.",
            ),
        )


def _quality(facts: NumberFacts) -> Iterator[Finding]:
    words = {"GREEN": ("hoch", "high"), "YELLOW": ("mittel", "medium"), "RED": ("niedrig", "low")}
    if facts.quality not in words:
        return
    de, en = words[facts.quality]
    level = {"GREEN": Level.OK, "YELLOW": Level.HINT, "RED": Level.FAULT}[facts.quality]
    remedy = Text(
        "Kunden blockieren oder melden Ihre Nachrichten. Senden Sie weniger Werbung, und nur an Menschen, die sie "
        "erwarten; sonst senkt Meta das Limit.",
        "Customers block or report your messages. Send less advertising, and only to people who expect it; else Meta "
        "lowers the limit.",
    )
    said = Text(f"Die Qualität der Nummer ist {de}.", f"The number's quality is {en}.")
    yield Finding("quality", level, said, None if level is Level.OK else remedy)


def _account(facts: NumberFacts) -> Iterator[Finding]:
    if facts.in_account is False:
        yield _fault(
            "other_account",
            f"Die Nummer gehört nicht zum WhatsApp-Konto {facts.account_id}.",
            f"The number does not belong to the WhatsApp account {facts.account_id}.",
            RIGHT_NUMBER,
        )
    if facts.account_review in ("REJECTED", "DISABLED"):
        yield _fault(
            "account_rejected",
            "Meta hat das WhatsApp-Konto abgelehnt.",
            "Meta has rejected the WhatsApp account.",
            Text(
                "Legen Sie im Business-Support von Meta Widerspruch ein.",
                "Appeal in Meta's business support.",
            ),
        )


def _limits(facts: NumberFacts) -> Iterator[Finding]:
    if facts.unlimited:
        yield _ok(
            "limit", "Es gibt keine Grenze für neue Empfänger am Tag.", "There is no limit of new recipients a day."
        )
    elif facts.people_per_day is not None:
        many = facts.people_per_day
        german = f"{many:,}".replace(",", ".")
        yield _ok(
            "limit",
            f"In 24 Stunden dürfen Sie höchstens {german} verschiedene Menschen von sich aus anschreiben.",
            f"Within 24 hours you may write first to at most {many:,} different people.",
        )
    if facts.on_business_app:
        yield _hint(
            "coexistence",
            "Die Nummer wird auch in der WhatsApp-Business-App benutzt: höchstens 20 Nachrichten je Sekunde.",
            "The number is used in the WhatsApp Business app, too: at most 20 messages a second.",
            Text(
                "Antworten vom Telefon erscheinen hier nur, wenn das Webhook-Feld smb_message_echoes abonniert ist.",
                "Answers given on the phone appear here only with the webhook field smb_message_echoes.",
            ),
        )
    elif facts.rate:
        yield _ok(
            "throughput",
            f"Bis zu {facts.rate:.0f} Nachrichten je Sekunde.",
            f"Up to {facts.rate:.0f} messages a second.",
        )


def _hooks(facts: NumberFacts) -> Iterator[Finding]:
    if facts.app_secret_fits is False:
        yield _fault(
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
        yield _ok("app_secret", "Das App-Geheimnis stimmt.", "The app secret is right.")
    if facts.subscribed is False:
        yield _fault(
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
        yield _fault(
            "fields_needed",
            f"Unentbehrliche Webhook-Felder sind nicht abonniert: {names}.",
            f"Indispensable webhook fields are not subscribed: {names}.",
            remedy,
        )
    useful = USEFUL_FIELDS + (COEXISTENCE_FIELDS if facts.on_business_app else ())
    if missing := [name for name in useful if name not in have]:
        names = ", ".join(missing)
        yield _hint(
            "fields_useful",
            f"Nützliche Webhook-Felder sind nicht abonniert: {names}.",
            f"Useful webhook fields are not subscribed: {names}.",
            remedy,
        )
    elif have.issuperset(NEEDED_FIELDS):
        yield _ok("fields", "Alle nötigen Webhook-Felder sind abonniert.", "All webhook fields are subscribed.")
