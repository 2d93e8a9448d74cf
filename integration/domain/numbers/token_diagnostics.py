"""What is in order with a token and its permissions, or with a partner's key, and what to do."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from integration.domain.numbers.numbers import PERMISSIONS, NumberFacts
from integration.domain.shops.findings import fault, hint, ok
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

ENDS_SOON: Final = timedelta(days=14)
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


def partner(facts: NumberFacts) -> Iterator[Finding]:
    """What can be said of a number at a partner."""
    if code := facts.errors.get("number"):
        yield fault(
            "partner_silent",
            f"Der Partner antwortet, zeigt die Nummer aber nicht (Fehler {code}).",
            f"The partner answers but does not show the number (error {code}).",
            Text(
                "Vergleichen Sie die Basisadresse und den Pfad, der zeigt, ob die Nummer funktioniert, mit den Angaben "
                "des Partners.",
                "Compare the base address, and the path that shows whether the number works, with what the partner "
                "says.",
            ),
        )
    else:
        yield ok("partner_answers", "Der Partner antwortet mit diesem Schlüssel.", "The partner answers with this key.")
    yield hint(
        "partner_unchecked",
        "Bei einem Partner lassen sich nicht prüfen: Berechtigungen und Ablauf des Schlüssels, App-Geheimnis, Stand "
        "des Anzeigenamens, Qualität, Limits und abonnierte Webhook-Felder.",
        "With a partner these cannot be checked: permissions and expiry of the key, app secret, state of the display "
        "name, quality, limits, and the subscribed webhook fields.",
        Text("Sehen Sie im Portal des Partners nach.", "Look them up in the partner's own portal."),
    )


def key_wrong() -> Finding:
    """A partner refuses the key."""
    return fault(
        "key_wrong",
        "Der Partner nimmt diesen Schlüssel nicht an.",
        "The partner does not accept this key.",
        Text("Kopieren Sie ihn noch einmal aus dem Portal des Partners.", "Copy it again from the partner's portal."),
    )


def token_wrong() -> Finding:
    """Meta refuses the token."""
    return fault(
        "token_wrong",
        "Meta nimmt dieses Token nicht an: Es ist falsch, abgelaufen oder wurde widerrufen.",
        "Meta does not accept this token: it is wrong, has expired, or was revoked.",
        SYSTEM_USER,
    )


def token(facts: NumberFacts, now: datetime) -> Iterator[Finding]:
    """Whose token it is, and how long it lasts."""
    if facts.token_valid is None:
        yield hint(
            "token_unread",
            "Art und Ablauf des Tokens ließen sich nicht lesen.",
            "Type and expiry of the token could not be read.",
            SYSTEM_USER,
        )
        return
    if facts.token_type not in ("", "SYSTEM_USER"):
        yield fault(
            "token_type",
            f"Dies ist kein Token eines Systemnutzers (sondern: {facts.token_type}); es läuft ab oder endet mit dem "
            "Passwort eines Menschen.",
            f"This is not a system user's token (but: {facts.token_type}); it expires, or ends with somebody's "
            "password.",
            SYSTEM_USER,
        )
    until = facts.token_expires_at
    if until is None:
        yield ok("token_lasts", "Das Token läuft nicht ab.", "The token does not expire.")
    elif until <= now:
        yield token_wrong()
    else:
        soon = until - now < ENDS_SOON
        said = Text(f"Das Token läuft am {until:%d.%m.%Y} ab.", f"The token expires on {until:%d %B %Y}.")
        yield Finding("token_ends", Level.FAULT if soon else Level.HINT, said, SYSTEM_USER)


def permissions(facts: NumberFacts) -> Iterator[Finding]:
    """What the token may do."""
    if facts.token_valid is None:
        return
    for permission in PERMISSIONS:
        if permission in facts.permissions:
            yield ok(
                f"permission_{permission}",
                f"Die Berechtigung {permission} ist da.",
                f"The permission {permission} is there.",
            )
        else:
            yield fault(
                f"permission_{permission}",
                f"Dem Token fehlt die Berechtigung {permission}.",
                f"The token lacks the permission {permission}.",
                GIVE_PERMISSION,
            )
