"""What is in order with a WhatsApp number and what is not, and what to do: `NumberFacts` as findings."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from integration.domain.numbers.numbers import NumberFacts, Obstacle, names_imprint
from integration.domain.numbers.token_diagnostics import (
    GIVE_PERMISSION,
    key_wrong,
    partner,
    permissions,
    token,
    token_wrong,
)
from integration.domain.numbers.webhook_diagnostics import hooks
from integration.domain.shops.findings import LATER, fault, hint, ok
from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

#: Graph's codes for a missing permission
FORBIDDEN: Final = frozenset({3, 10, *range(200, 300)})
#: Graph's code for an account without a means of payment (health_status)
UNPAID: Final = 141006
#: with this many people a day an account has not been verified yet
UNVERIFIED: Final = 250
WORST_FIRST: Final = (Level.FAULT, Level.HINT, Level.OK)
RIGHT_NUMBER: Final = Text(
    "Kopieren Sie die „Telefonnummern-ID“ (nicht die Nummer) aus Metas App-Dashboard, WhatsApp, API-Einrichtung, oder "
    "wählen Sie die Nummer aus der Liste. Gehört sie zu einem anderen Konto, geben Sie dem Systemnutzer dieses Konto.",
    "Copy the “phone number ID” (not the number) from Meta's app dashboard, WhatsApp, API setup, or pick the number "
    "from the list. If it belongs to another account, give the system user that account.",
)


def findings(facts: NumberFacts, now: datetime) -> list[Finding]:
    """Everything that the facts say, the worst first."""
    if not facts.reachable:
        return [fault("unreachable", "WhatsApp hat nicht geantwortet.", "WhatsApp did not answer.", LATER)]
    if facts.token_valid is False:
        return [key_wrong() if facts.partner else token_wrong()]
    if facts.partner:
        return worst_first([*partner(facts), *_obstacles(facts)])
    parts = (
        token(facts, now), permissions(facts), _number(facts), _obstacles(facts), _account(facts), _limits(facts),
        _profile(facts), hooks(facts),
    )  # fmt: skip
    return worst_first([finding for part in parts for finding in part])


def worst_first(found: list[Finding]) -> list[Finding]:
    """Faults before hints before what is well."""
    return sorted(found, key=lambda finding: WORST_FIRST.index(finding.level))


def _number(facts: NumberFacts) -> Iterator[Finding]:
    if "number" in facts.errors:
        yield _unread_number(facts.errors["number"])
        return
    yield _registered(facts)
    yield from _name(facts)
    yield from _quality(facts)
    if facts.mode == "SANDBOX":
        yield hint(
            "test_number",
            "Dies ist Metas Testnummer: Sie schreibt höchstens fünf eingetragenen Telefonen.",
            "This is Meta's test number: it writes to at most five phones that you enter.",
            Text("Nehmen Sie für Kunden eine eigene Nummer.", "Use a number of your own for customers."),
        )


def _unread_number(code: int) -> Finding:
    if code == -1 or code in (2, 4, 80007):
        return hint(
            "number_unread", "Die Nummer ließ sich gerade nicht lesen.", "The number could not be read just now.", LATER
        )
    if code in FORBIDDEN:
        return fault(
            "number_forbidden",
            "Das Token darf diese Nummer nicht lesen.",
            "The token may not read this number.",
            GIVE_PERMISSION,
        )
    return fault(
        "number_foreign",
        "Dieses Token sieht keine solche Nummer: Die ID ist falsch, oder sie gehört zu einem anderen Konto.",
        "This token sees no such number: the id is wrong, or it belongs to another account.",
        RIGHT_NUMBER,
    )


def _registered(facts: NumberFacts) -> Finding:
    shown = facts.display_number or "?"
    if facts.status == "CONNECTED" or (not facts.status and facts.platform == "CLOUD_API"):
        return ok(
            "registered",
            f"{shown} ist für die Cloud API registriert.",
            f"{shown} is registered for the Cloud API.",
        )
    if facts.status in ("BANNED", "RESTRICTED", "FLAGGED", "RATE_LIMITED"):
        return fault(
            "number_restricted",
            f"Meta hat {shown} eingeschränkt ({facts.status}).",
            f"Meta has restricted {shown} ({facts.status}).",
            Text(
                "Der WhatsApp Manager nennt unter „Kontoqualität“ den Grund und den Weg zum Widerspruch.",
                "WhatsApp Manager names the reason under “Account quality”, and the way to appeal.",
            ),
        )
    return fault(
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
        yield ok("name_approved", f"Kunden lesen den Namen „{name}“.", f"Customers read the name “{name}”.")
    elif facts.name_status == "PENDING_REVIEW":
        yield hint(
            "name_waits",
            f"Meta prüft den Anzeigenamen „{name}“ noch.",
            f"Meta is still reviewing the display name “{name}”.",
            Text("Das dauert meist ein bis zwei Tage.", "That usually takes a day or two."),
        )
    elif facts.name_status:
        yield fault(
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
        yield ok("quality", "Meta hat die Qualität noch nicht bewertet.", "Meta has not rated the quality yet.")
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


def _obstacles(facts: NumberFacts) -> Iterator[Finding]:
    """What Meta's health status names; one cause may stand with the number, the account and the business."""
    for obstacle in dict.fromkeys(facts.obstacles):
        yield _unpaid() if obstacle.code == UNPAID else _obstacle(obstacle)


def _unpaid() -> Finding:
    return fault(
        "unpaid",
        "Das WhatsApp-Konto hat keine gültige Zahlungsmethode: Meta nimmt nur noch Antworten an.",
        "The WhatsApp account has no valid means of payment: Meta takes answers only.",
        Text(
            "Hinterlegen Sie in Metas Business-Einstellungen unter „Abrechnung und Zahlungen“ eine Karte oder ein "
            "Bankkonto für dieses WhatsApp-Konto.",
            "In Meta's business settings, under “Billing & payments”, add a card or a bank account for this WhatsApp "
            "account.",
        ),
    )


def _obstacle(obstacle: Obstacle) -> Finding:
    level = Level.FAULT if obstacle.blocks else Level.HINT
    said = Text(f"Meta meldet: „{obstacle.said}“", f"Meta says: “{obstacle.said}”")
    advice = Text(f"Metas Rat: „{obstacle.remedy}“", f"Meta's advice: “{obstacle.remedy}”")
    look = Text(
        "Der WhatsApp Manager zeigt unter „Kontoübersicht“, was zu tun ist.",
        "WhatsApp Manager shows under “Account overview” what to do.",
    )
    return Finding(f"obstacle_{obstacle.code}", level, said, advice if obstacle.remedy else look)


def _account(facts: NumberFacts) -> Iterator[Finding]:
    if facts.in_account is False:
        yield fault(
            "other_account",
            f"Die Nummer gehört nicht zum WhatsApp-Konto {facts.account_id}.",
            f"The number does not belong to the WhatsApp account {facts.account_id}.",
            RIGHT_NUMBER,
        )
    if facts.account_review == "PENDING":
        yield hint(
            "account_waits",
            "Meta prüft das WhatsApp-Konto noch.",
            "Meta is still reviewing the WhatsApp account.",
            Text("Das dauert meist ein bis zwei Tage.", "That usually takes a day or two."),
        )
    if facts.account_review in ("REJECTED", "DISABLED"):
        yield fault(
            "account_rejected",
            "Meta hat das WhatsApp-Konto abgelehnt.",
            "Meta has rejected the WhatsApp account.",
            Text(
                "Legen Sie im Business-Support von Meta Widerspruch ein.",
                "Appeal in Meta's business support.",
            ),
        )


def _limit(many: int) -> Finding:
    german = f"{many:,}".replace(",", ".")
    said = Text(
        f"In 24 Stunden dürfen Sie höchstens {german} verschiedene Menschen von sich aus anschreiben.",
        f"Within 24 hours you may write first to at most {many:,} different people.",
    )
    if many > UNVERIFIED:
        return Finding("limit", Level.OK, said)
    remedy = Text(
        "Bestätigen Sie Ihr Unternehmen in Metas Sicherheitscenter; danach hebt Meta die Grenze an.",
        "Verify your business in Meta's Security Centre; Meta then raises the limit.",
    )
    return Finding("limit", Level.HINT, said, remedy)


def _profile(facts: NumberFacts) -> Iterator[Finding]:
    if facts.websites is None:
        return
    if names_imprint(facts.websites):
        yield ok("imprint", "Das Unternehmensprofil führt zum Impressum.", "The business profile leads to the imprint.")
    else:
        yield hint(
            "imprint_missing",
            "Im Unternehmensprofil fehlt der Link zum Impressum; das kann abgemahnt werden.",
            "The business profile lacks the link to the imprint; in Germany that may bring a lawyer's letter.",
            Text(
                "Tragen Sie ihn auf der Seite dieser Nummer unter „Unternehmensprofil“ ein.",
                "Enter it on the page of this number, under “Business profile”.",
            ),
        )


def _limits(facts: NumberFacts) -> Iterator[Finding]:
    if facts.unlimited:
        yield ok(
            "limit", "Es gibt keine Grenze für neue Empfänger am Tag.", "There is no limit of new recipients a day."
        )
    elif facts.people_per_day is not None:
        yield _limit(facts.people_per_day)
    elif "number" not in facts.errors:
        yield hint(
            "limit_unread",
            "Meta sagt nicht, wie viele Menschen Sie am Tag von sich aus anschreiben dürfen.",
            "Meta does not say how many people you may write to first in a day.",
            Text("Die Grenze steht im WhatsApp Manager.", "The limit stands in WhatsApp Manager."),
        )
    if facts.on_business_app:
        yield hint(
            "coexistence",
            "Die Nummer wird auch in der WhatsApp-Business-App benutzt: höchstens 20 Nachrichten je Sekunde.",
            "The number is used in the WhatsApp Business app, too: at most 20 messages a second.",
            Text(
                "Antworten vom Telefon erscheinen hier nur, wenn das Webhook-Feld smb_message_echoes abonniert ist.",
                "Answers given on the phone appear here only with the webhook field smb_message_echoes.",
            ),
        )
    elif facts.rate:
        yield ok(
            "throughput",
            f"Bis zu {facts.rate:.0f} Nachrichten je Sekunde.",
            f"Up to {facts.rate:.0f} messages a second.",
        )
