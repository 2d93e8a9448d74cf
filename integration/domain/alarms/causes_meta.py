"""What Meta does to numbers, accounts and templates, as it is told to the owner."""

from collections.abc import Mapping

from integration.domain.alarms.causes import Cause, Story
from integration.domain.text import Text

OF_META: Mapping[Cause, Story] = {
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
    Cause.TOKEN_ENDING: Story(
        Text("Ein Token läuft bald ab", "A token expires soon"),
        Text(
            "Das Token der Nummer {name} gilt nur noch bis {due}. Danach geht von ihr nichts mehr hinaus.",
            "The token of the number {name} is valid until {due} only. After that nothing leaves from it.",
        ),
        Text(
            "Erzeugen Sie in Metas Business-Einstellungen ein Token für einen Systemnutzer, das nicht abläuft, und "
            "tragen Sie es ein.",
            "Make a token for a system user that does not expire in Meta's business settings, and enter it.",
        ),
        "/connections/numbers/{about}",
    ),
    Cause.VERSION_ENDING: Story(
        Text("Metas Schnittstelle wird abgelöst", "Meta's interface is being replaced"),
        Text(
            "Die Nummer {name} spricht die Version {version} von Metas Schnittstelle. Meta stellt sie am {day} ein.",
            "The number {name} speaks version {version} of Meta's interface. Meta ends it on {day}.",
        ),
        Text(
            "Installieren Sie die neueste Version von Ladenbote. Steht in settings.toml eine base_url, nehmen Sie sie "
            "heraus.",
            "Install the newest version of Ladenbote. If settings.toml has a base_url, remove it.",
        ),
        "/connections/numbers/{about}",
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
            "Registrierung, Berechtigung oder Anzeigename. Ist der Grund behoben, sendet die Nummer innerhalb einer "
            "halben Stunde von selbst weiter, oder sofort mit einem Klick unter Shops & Nummern.",
            "Look in Meta's WhatsApp Manager what it says about this number: payment, a lock, registration, permission "
            "or display name. Once the cause is gone, the number sends again by itself within half an hour, or at once "
            "by a click under Shops & numbers.",
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
    Cause.ACCOUNT_WARNED: Story(
        Text("Meta beanstandet Ihr Konto", "Meta objects to your account"),
        Text(
            "Zum WhatsApp-Konto der Nummer {name} meldet Meta: {news}. Bleibt das ohne Antwort, kann Meta das "
            "Konto einschränken oder sperren.",
            "About the WhatsApp account of the number {name} Meta says: {news}. If nobody answers, Meta may restrict "
            "or lock the account.",
        ),
        Text(
            "Öffnen Sie in Metas Business-Einstellungen die Supportstartseite: Dort steht, worum es geht, und Sie "
            "können eine Prüfung verlangen.",
            "Open Business Support Home in Meta's business settings: it says what this is about, and you can ask for a "
            "review.",
        ),
        "/connections#{about}",
    ),
    Cause.ACCOUNT_SECURITY: Story(
        Text("Jemand hat etwas an der Sicherheit Ihrer Nummer geändert", "Somebody changed your number's security"),
        Text(
            "Für die Nummer {name} meldet Meta: {news}.",
            "For the number {name} Meta says: {news}.",
        ),
        Text(
            "Waren Sie das nicht, ändern Sie sofort die PIN der Nummer im WhatsApp-Manager und sehen Sie nach, wer "
            "Zugang zu Ihrem Meta-Konto hat.",
            "If it was not you, change the number's PIN in the WhatsApp Manager at once, and look who has access to "
            "your Meta account.",
        ),
        "/connections#{about}",
    ),
    Cause.LIMIT_LOWERED: Story(
        Text("Meta hat Ihr Limit gesenkt", "Meta lowered your limit"),
        Text(
            "Von der Nummer {name} dürfen Sie jetzt an höchstens {after} Menschen am Tag schreiben, vorher waren es "
            "{before}. Was darüber hinausgeht, wartet; Bestellinfos gehen vor.",
            "From the number {name} you may now write to at most {after} people a day; it was {before}. What goes "
            "beyond waits; order news goes first.",
        ),
        Text(
            "Sehen Sie im WhatsApp-Manager nach der Qualität der Nummer und schreiben Sie seltener Werbung. Das Limit "
            "steigt von selbst wieder.",
            "Look at the number's quality in the WhatsApp Manager, and advertise less often. The limit rises again by "
            "itself.",
        ),
        "/connections#{about}",
    ),
    Cause.NUMBER_QUALITY: Story(
        Text("Die Qualität einer Nummer ist schlecht", "A number's quality is poor"),
        Text(
            "Meta bewertet die Nummer {name} als schlecht, weil viele Menschen ihre Nachrichten blockieren oder "
            "melden. Bleibt das so, sinkt Ihr Limit.",
            "Meta rates the number {name} as poor because many people block or report its messages. If that stays so, "
            "your limit falls.",
        ),
        Text(
            "Senden Sie weniger Werbung, und nur an Menschen, die lange dabei sind. Die Bewertung gilt für die letzten "
            "sieben Tage.",
            "Send less advertising, and only to people who have been with you for long. The rating covers the last "
            "seven days.",
        ),
        "/connections#{about}",
    ),
    Cause.TEMPLATE_REJECTED: Story(
        Text("Eine Vorlage lässt sich nicht verwenden", "A template cannot be used"),
        Text(
            "Die Vorlage {name} darf nicht verwendet werden: Meta hat sie abgelehnt, oder jemand hat sie dort gelöscht "
            "oder geändert. Nachrichten, die sie brauchen, gehen nicht hinaus.",
            "The template {name} may not be used: Meta rejected it, or somebody deleted or changed it there. Messages "
            "that need it do not leave.",
        ),
        Text(
            "Lesen Sie unter Vorlagen den Grund; dort steht auch ein Vorschlag, den Sie mit einem Klick einreichen.",
            "Read the reason under Templates; there is a suggestion, too, that you submit with one click.",
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
    Cause.TEMPLATE_FLIPPING: Story(
        Text("Meta will eine Vorlage als Werbung führen", "Meta is about to list a template as marketing"),
        Text(
            "Meta führt die Vorlage {name} in höchstens 24 Stunden als Marketing. Dann pausiert sie.",
            "Within 24 hours at most Meta lists the template {name} as marketing. Then it pauses.",
        ),
        Text(
            "Reichen Sie jetzt einen sachlicheren Text ein; bis zur Genehmigung geht der alte weiter hinaus.",
            "Submit a plainer text now; until that is approved, the old one goes on.",
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
}
