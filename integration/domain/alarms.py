"""What needs the owner: each cause with a title, what happened, and what to do, in both languages.

A cause is raised once per thing it is about and stays open until it is gone; the owner is told once, and told when it
is over. The sentences take `{name}` and what the cause's facts hold; facts never hold personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from integration.domain.money import amount
from integration.domain.text import Text

#: what stands in a sentence for a fact that nobody knows
UNKNOWN = "–"

PERIODS: Mapping[str, Text] = {"day": Text("heute", "today"), "month": Text("in diesem Monat", "this month")}


class Cause(StrEnum):
    """Why the owner is needed. What each one is `about` stands in `CAUSES`."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - no secret, the name of a fault
    SENDER_PAUSED = "sender_paused"
    MARKETING_PAUSED = "marketing_paused"
    COUNTRY_PAUSED = "country_paused"
    TEMPLATE_STOPPED = "template_stopped"
    WEBHOOK_SILENT = "webhook_silent"
    TEMPLATE_REJECTED = "template_rejected"
    TEMPLATE_FLIPPED = "template_flipped"
    TEMPLATE_PAUSED = "template_paused"
    SHOP_UNREACHABLE = "shop_unreachable"
    GAP_FOUND = "gap_found"
    MAILBOX_SILENT = "mailbox_silent"
    POISON = "poison"
    LEDGER_BROKEN = "ledger_broken"
    CHECKPOINT_OVERDUE = "checkpoint_overdue"
    CAP_NEAR = "cap_near"
    CAP_REACHED = "cap_reached"
    CAP_STOP = "cap_stop"
    DISK_FULL = "disk_full"
    JOB_FAILING = "job_failing"
    REQUEST_DUE = "request_due"
    REQUEST_URGENT = "request_urgent"


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a cause. `page` is the dashboard's page where it is put right; `{about}` stands for the thing."""

    title: Text
    sentence: Text
    remedy: Text
    page: str


CAUSES: Mapping[Cause, Story] = {
    Cause.TOKEN_EXPIRED: Story(
        Text("Meta nimmt das Token nicht mehr an", "Meta no longer accepts the token"),
        Text(
            "Von der Nummer {name} geht nichts mehr hinaus: Ihr Zugang zu WhatsApp ist abgelaufen oder wurde entzogen. "
            "Nachrichten warten, bis sie zu spät kämen.",
            "Nothing leaves from the number {name} any more: your access to WhatsApp has expired or was withdrawn. "
            "Messages wait until they would come too late.",
        ),
        Text(
            "Erzeugen Sie in Metas Business-Einstellungen ein neues Token für den Systemnutzer und tragen Sie es ein. "
            "Danach läuft alles von selbst weiter.",
            "Make a new token for the system user in Meta's business settings and enter it. After that everything goes "
            "on by itself.",
        ),
        "/connections#{about}",
    ),
    Cause.SENDER_PAUSED: Story(
        Text("Eine WhatsApp-Nummer pausiert", "A WhatsApp number is paused"),
        Text(
            "Von der Nummer {name} geht nichts hinaus: Meta lehnt sie mit dem Fehler {code} ab. Nachrichten warten, "
            "bis "
            "sie zu spät kämen.",
            "Nothing leaves from the number {name}: Meta refuses it with error {code}. Messages wait until they would "
            "come too late.",
        ),
        Text(
            "Sehen Sie im WhatsApp-Manager von Meta nach, was zu dieser Nummer gemeldet wird: Zahlung, Sperre, "
            "Registrierung oder Anzeigename. Ist der Grund behoben, sendet die Nummer von selbst weiter.",
            "Look in Meta's WhatsApp Manager what it says about this number: payment, a lock, registration or display "
            "name. Once the cause is gone, the number sends again by itself.",
        ),
        "/connections#{about}",
    ),
    Cause.MARKETING_PAUSED: Story(
        Text("Die Werbung einer Nummer pausiert", "A number's advertising is paused"),
        Text(
            "Zu viele Menschen haben Nachrichten der Nummer {name} blockiert oder gemeldet (Fehler {code}). "
            "Bestell- und Versandnachrichten gehen weiter hinaus.",
            "Too many people have blocked or reported messages of the number {name} (error {code}). "
            "Order and shipping messages still leave.",
        ),
        Text(
            "Sehen Sie im WhatsApp-Manager nach der Qualität der Nummer und schreiben Sie seltener. Nach einem Tag "
            "geht die Werbung weiter, früher mit einem Klick unter Shops & Nummern.",
            "Look at the number's quality in the WhatsApp Manager, and write less often. Advertising goes on after a "
            "day, or before that by a click under Shops & numbers.",
        ),
        "/connections#{about}",
    ),
    Cause.COUNTRY_PAUSED: Story(
        Text("Eine Nummer darf nicht in ein Land schreiben", "A number may not write to a country"),
        Text(
            "Meta lehnt Nachrichten von {name} ab (Fehler {code}). Was dorthin soll, wartet.",
            "Meta refuses messages from {name} (error {code}). What goes there waits.",
        ),
        Text(
            "Prüfen Sie im WhatsApp-Manager, ob Ihr Konto für dieses Land gesperrt ist. Jeden Tag versucht es eine "
            "Nachricht von selbst.",
            "Check in the WhatsApp Manager whether your account is restricted for that country. Each day one message "
            "tries by itself.",
        ),
        "/connections",
    ),
    Cause.TEMPLATE_STOPPED: Story(
        Text("Meta nimmt Nachrichten mit einer Vorlage nicht an", "Meta does not take messages with a template"),
        Text(
            "Die Vorlage {name} führt zum Fehler {code}. Was sie braucht, wartet, bis sie in Ordnung ist.",
            "The template {name} leads to error {code}. What needs it waits until it is in order.",
        ),
        Text(
            "Sehen Sie unter Shops & Nummern nach, was zu tun ist; danach geht es dort mit einem Klick weiter.",
            "Look under Shops & numbers what to do; after that it goes on by a click there.",
        ),
        "/connections",
    ),
    Cause.WEBHOOK_SILENT: Story(
        Text("Meta meldet sich nicht mehr", "Meta no longer reports"),
        Text(
            "Die Nummer {name} hat gesendet, aber Meta hat seit {since} nichts dazu gemeldet. So bleibt auch ein STOP "
            "Ihrer Kunden ungehört.",
            "The number {name} has sent, but Meta has reported nothing about it since {since}. A customer's STOP would "
            "go unheard, too.",
        ),
        Text(
            "Prüfen Sie in Metas App unter WhatsApp, Konfiguration, ob die Webhook-Adresse stimmt und das Feld "
            "messages abonniert ist.",
            "Check in Meta's app under WhatsApp, Configuration, that the webhook address is right and the field "
            "messages "
            "is subscribed.",
        ),
        "/connections#{about}",
    ),
    Cause.TEMPLATE_REJECTED: Story(
        Text("Meta hat eine Vorlage abgelehnt", "Meta rejected a template"),
        Text(
            "Die Vorlage {name} darf nicht verwendet werden. Nachrichten, die sie brauchen, gehen nicht hinaus.",
            "The template {name} may not be used. Messages that need it do not leave.",
        ),
        Text(
            "Lesen Sie Metas Grund, ändern Sie den Text und reichen Sie ihn neu ein.",
            "Read Meta's reason, change the text and submit it again.",
        ),
        "/templates",
    ),
    Cause.TEMPLATE_FLIPPED: Story(
        Text("Meta hält eine Vorlage für Werbung", "Meta takes a template for marketing"),
        Text(
            "Meta führt die Vorlage {name} jetzt als Marketing. Sie kostet mehr und darf nur noch an Menschen gehen, "
            "die "
            "Werbung zugestimmt haben.",
            "Meta now lists the template {name} as marketing. It costs more and may only go to people who agreed to "
            "advertising.",
        ),
        Text(
            "Entscheiden Sie: den Text sachlicher fassen und neu einreichen, oder als Werbung weiterverwenden.",
            "Decide: make the text more factual and submit it again, or go on using it as marketing.",
        ),
        "/templates",
    ),
    Cause.TEMPLATE_PAUSED: Story(
        Text("Meta hat eine Vorlage angehalten", "Meta paused a template"),
        Text(
            "Die Vorlage {name} pausiert, weil Empfänger sie blockiert oder gemeldet haben. Nachrichten, die sie "
            "brauchen, warten.",
            "The template {name} is paused because recipients blocked or reported it. Messages that need it wait.",
        ),
        Text(
            "Senden Sie sie seltener oder formulieren Sie sie um. Meta gibt sie nach einigen Stunden wieder frei; beim "
            "dritten Mal wird sie abgeschaltet.",
            "Send it less often or reword it. Meta releases it after some hours; the third time it is switched off.",
        ),
        "/templates",
    ),
    Cause.SHOP_UNREACHABLE: Story(
        Text("Ein Shop antwortet nicht", "A shop does not answer"),
        Text(
            "Der Shop {name} lässt sich seit {since} nicht mehr lesen. Neue Bestellungen sehen wir nur noch, wenn er "
            "sie "
            "selbst meldet.",
            "The shop {name} has not been readable since {since}. We see new orders only if it reports them itself.",
        ),
        Text(
            "Auf der Seite des Shops steht der Grund und was zu tun ist. Gelesen wird weiter; nachgeholt wird alles.",
            "The shop's page gives the reason and what to do. We keep trying, and everything is caught up.",
        ),
        "/connections/{about}",
    ),
    Cause.GAP_FOUND: Story(
        Text("Bestellungen ohne Nachricht", "Orders without a message"),
        Text(
            "Im Shop {name} gibt es Bestellungen, zu denen weder eine Nachricht noch ein Grund dagegen vorliegt "
            "(Anzahl: {count}).",
            "The shop {name} has orders for which there is neither a message nor a reason against one (number: "
            "{count}).",
        ),
        Text(
            "Sehen Sie sich die Liste an. Bleibt sie unerklärt, melden Sie uns den Fehler.",
            "Look at the list. If it stays unexplained, please report the fault to us.",
        ),
        "/gaps",
    ),
    Cause.MAILBOX_SILENT: Story(
        Text("Ein Briefkasten antwortet nicht", "A mailbox does not answer"),
        Text(
            "Der Briefkasten {name} gibt seit {since} keine Post heraus. Was Meta und Ihr Shop melden, kommt vorerst "
            "nicht an, auch kein STOP.",
            "The mailbox {name} has handed over no letters since {since}. What Meta and your shop report does not "
            "arrive "
            "for now, nor does a STOP.",
        ),
        Text(
            "Unter Shops & Nummern steht, was ihm fehlt. Die Post bleibt dort liegen und wird nachgeholt.",
            "Shops & numbers says what is wrong with it. The letters stay there and are caught up.",
        ),
        "/connections",
    ),
    Cause.POISON: Story(
        Text("Meldungen ließen sich nicht verarbeiten", "Reports could not be processed"),
        Text(
            "Meldungen an uns scheiterten mehrmals und ruhen jetzt (Anzahl: {count}). In einer könnte ein STOP "
            "stecken; "
            "wen sie betreffen könnte, bekommt solange nichts.",
            "Reports to us failed several times and now rest (number: {count}). One of them might hold a STOP; "
            "whoever it "
            "may concern gets nothing meanwhile.",
        ),
        Text(
            "Öffnen Sie „Empfangen“, dort steht der Fehler daneben. Es ist einer von uns: Bitte melden Sie ihn.",
            "Open “Received”, where the error stands beside them. It is one of ours: please report it.",
        ),
        "/received?note=poison",
    ),
    Cause.LEDGER_BROKEN: Story(
        Text("Das Einwilligungsprotokoll ist beschädigt", "The consent ledger is damaged"),
        Text(
            "Im Protokoll von {name} wurde eine Zeile verändert oder entfernt. Werbung ruht, damit niemand ohne "
            "nachweisbare Einwilligung angeschrieben wird; Bestellinfos gehen weiter.",
            "A row of {name}'s ledger was changed or removed. Marketing rests, so that nobody is written to without a "
            "provable consent; order news goes on.",
        ),
        Text(
            "Führen Sie „ladenbote ledger verify“ aus: Es nennt die Stelle. Spielen Sie die letzte heile Sicherung "
            "ein.",
            "Run `ladenbote ledger verify`: it names the place. Restore the last sound backup.",
        ),
        "/ledger",
    ),
    Cause.CHECKPOINT_OVERDUE: Story(
        Text("Das Protokoll wird nicht mehr versiegelt", "The ledger is no longer sealed"),
        Text(
            "Das Einwilligungsprotokoll von {name} wächst, aber sein Ende wurde seit {since} nicht mehr "
            "unterschrieben.",
            "The consent ledger of {name} grows, but its end has not been signed since {since}.",
        ),
        Text(
            "Prüfen Sie, ob die Datei aus [ledger] checkpoint_file noch beschreibbar ist.",
            "Check that the file of [ledger] checkpoint_file can still be written.",
        ),
        "/ledger",
    ),
    Cause.CAP_NEAR: Story(
        Text("Die Kostengrenze ist bald erreicht", "The cost limit is close"),
        Text(
            "{name}: {spent} von {cap} sind verbraucht ({period}).",
            "{name}: {spent} of {cap} are used ({period}).",
        ),
        Text(
            "Sie müssen nichts tun. Soll die Werbung weitergehen, heben Sie die Grenze unter [companies…costs] an.",
            "You need not do anything. If marketing should go on, raise the limit under [companies…costs].",
        ),
        "/messages",
    ),
    Cause.CAP_REACHED: Story(
        Text("Die Kostengrenze ist erreicht: Werbung wartet", "The cost limit is reached: marketing waits"),
        Text(
            "{name}: {spent} von {cap} sind verbraucht ({period}). Werbung wartet, Bestellinfos gehen weiter.",
            "{name}: {spent} of {cap} are used ({period}). Marketing waits, order news goes on.",
        ),
        Text(
            "Warten Sie ab, oder heben Sie die Grenze unter [companies…costs] an; was wartet, geht dann hinaus.",
            "Wait, or raise the limit under [companies…costs]; what waits then leaves.",
        ),
        "/messages?reason=cost_cap",
    ),
    Cause.CAP_STOP: Story(
        Text("Die harte Kostengrenze ist erreicht: alles wartet", "The hard cost limit is reached: everything waits"),
        Text(
            "{name}: {spent} von {cap} sind verbraucht ({period}). Auch Bestellinfos warten, wie Sie es eingestellt "
            "haben.",
            "{name}: {spent} of {cap} are used ({period}). Order news waits, too, as you have set it.",
        ),
        Text(
            "Heben Sie die Grenze unter [companies…costs] an, wenn die Nachrichten hinausgehen sollen.",
            "Raise the limit under [companies…costs] if the messages are to leave.",
        ),
        "/messages?reason=cost_stop",
    ),
    Cause.DISK_FULL: Story(
        Text("Die Festplatte ist fast voll", "The disk is almost full"),
        Text(
            "Auf dem Laufwerk der Datenbank sind nur noch {free} MB frei. Ist es voll, kann nichts mehr angenommen "
            "werden.",
            "Only {free} MB are left on the database's disk. Once it is full, nothing can be taken in any more.",
        ),
        Text("Schaffen Sie Platz auf dem Rechner.", "Make room on the machine."),
        "/",
    ),
    Cause.JOB_FAILING: Story(
        Text("Eine Hintergrundaufgabe scheitert", "A background job fails"),
        Text(
            "Die Aufgabe {name} ist mehrmals hintereinander gescheitert, zuletzt mit dem Fehler {error}.",
            "The job {name} failed several times in a row, last with the error {error}.",
        ),
        Text(
            "Prüfen Sie Datenbank und Festplatte. Hilft das nicht, melden Sie uns den Fehler mit dem Protokoll.",
            "Check the database and the disk. If that does not help, report the fault to us with the log.",
        ),
        "/",
    ),
    Cause.REQUEST_DUE: Story(
        Text("Eine Anfrage zum Datenschutz wartet", "A privacy request waits"),
        Text(
            "Jemand wartet seit 20 Tagen auf Antwort zu seinen Daten. Bis zum {due} muss sie da sein.",
            "Somebody has waited for an answer about their data for 20 days. It is due by {due}.",
        ),
        Text(
            "Öffnen Sie die Anfrage; dort steht, was zu tun ist.",
            "Open the request; it says what to do.",
        ),
        "/requests/{about}",
    ),
    Cause.REQUEST_URGENT: Story(
        Text("Eine Anfrage zum Datenschutz ist fast überfällig", "A privacy request is nearly overdue"),
        Text(
            "Eine Anfrage ist noch offen. Am {due} endet die gesetzliche Frist (Art. 12 DSGVO).",
            "A request is still open. The legal deadline ends on {due} (GDPR Art. 12).",
        ),
        Text(
            "Beantworten Sie sie heute, oder lehnen Sie sie mit einem Grund ab.",
            "Answer it today, or refuse it with a reason.",
        ),
        "/requests/{about}",
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A cause as it is told in one language. `page` is an address of the dashboard, without its host."""

    title: str
    sentence: str
    remedy: str
    page: str


def told(cause: str, about: str, facts: Mapping[str, object], language: str, zone: ZoneInfo) -> Told:
    """What to tell of a cause. `facts` fill the sentence, `name` stands for `about` unless they say otherwise."""
    story = CAUSES[Cause(cause)]
    worded = {key: _worded(key, value, facts, language, zone) for key, value in facts.items()}
    words = _Words({"about": about, "name": about} | worded)
    title, sentence, remedy = (part.in_(language) for part in (story.title, story.sentence, story.remedy))
    return Told(title, sentence.format_map(words), remedy, story.page.format_map(words))


def _worded(key: str, value: object, facts: Mapping[str, object], language: str, zone: ZoneInfo) -> str:
    """A fact as people of the language write it: `since` and `due` are moments, `spent` and `cap` are money."""
    if key in ("since", "due"):
        return format_datetime(
            datetime.fromisoformat(str(value)), "short", zone, "de_DE" if language == "de" else "en_GB"
        )
    if key in ("spent", "cap"):
        return amount(str(value), str(facts.get("currency", "")), language)
    return PERIODS[str(value)].in_(language) if key == "period" else str(value)


class _Words(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return UNKNOWN
