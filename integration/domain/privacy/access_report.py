"""What an access export says beside the data: who else gets them, how long they are kept, where they come from."""

from integration.domain.text import Text

RECIPIENTS = (
    Text(
        "WhatsApp Ireland Ltd. (Meta), als Auftragsverarbeiter für den Versand über die WhatsApp Business Platform; "
        "Übermittlung in die USA auf Grundlage des Datenschutzrahmens EU-USA, hilfsweise der Standardvertragsklauseln",
        "WhatsApp Ireland Ltd. (Meta), as processor for sending over the WhatsApp Business Platform; transfer to the "
        "USA under the EU-US data privacy framework, in the alternative under the standard contractual clauses",
    ),
    Text(
        "der Online-Shop, aus dem Ihre Bestellungen stammen, und sein Betreiber: {shops}",
        "the online shop that your orders come from, and its operator: {shops}",
    ),
    Text(
        "sonst niemand: Die Daten liegen auf einem eigenen Rechner des Unternehmens",
        "nobody else: the data lie on a machine of the company's own",
    ),
)

SOURCES = (
    Text("Ihre Bestellungen und Warenkörbe im Shop", "your orders and carts in the shop"),
    Text("Ihre Nachrichten und Knöpfe auf WhatsApp", "your messages and buttons on WhatsApp"),
    Text("Anmeldungen über Formular, Link, QR-Code oder im Laden", "sign-ups by form, link, QR code or in the store"),
    Text("Termine, die das Unternehmen eingetragen hat", "appointments that the company entered"),
    Text("WhatsApp: Zustellung, Lesen, Nummernwechsel", "WhatsApp: delivery, reading, change of number"),
)

#: the periods that no setting changes; the others come with their days
RETENTION = (
    Text("rohe Meldungen des Shops und von WhatsApp: {bodies} Tage", "raw reports of shop and WhatsApp: {bodies} days"),
    Text(
        "Wortlaut von Nachrichten in beide Richtungen: {words} Tage",
        "the words of messages in both directions: {words} days",
    ),
    Text("Bilder und Dateien: 90 Tage", "pictures and files: 90 days"),
    Text("Warenkörbe: 30 Tage", "carts: 30 days"),
    Text("Termine: bis 30 Tage danach", "appointments: until 30 days after"),
    Text("Gründe, aus denen nicht gesendet wurde: {refusals} Tage", "reasons for not sending: {refusals} days"),
    Text("nicht bestätigte Anmeldungen: 30 Tage", "sign-ups that were not confirmed: 30 days"),
    Text(
        "der Nachweis Ihrer Einwilligungen: solange sie gelten, danach bis zum 31. Dezember des {years}. Jahres",
        "the proof of your consents: as long as they hold, then until 31 December of year {years} after",
    ),
)

NOTES = (
    Text(
        "Es findet keine automatisierte Entscheidung mit rechtlicher Wirkung statt (Art. 22 DSGVO).",
        "There is no automated decision with legal effect (GDPR Art. 22).",
    ),
    Text(
        "Was Sie in Chats über andere geschrieben haben, steht hier in Ihren eigenen Worten; Namen von Mitarbeitenden "
        "und anderen Kunden hat das System nicht zugeordnet und gibt es nicht heraus. Ob in freien Texten Dritte "
        "genannt sind, kann ein Programm nicht wissen: Bitte geben Sie diese Datei nicht weiter.",
        "What you wrote about others in chats stands here in your own words; the system has no names of staff or of "
        "other customers to hand out. A program cannot know whether free text names third parties: please do not pass "
        "this file on.",
    ),
    Text(
        "Sie haben das Recht auf Berichtigung, Löschung, Einschränkung und Widerspruch und dürfen sich bei einer "
        "Datenschutz-Aufsichtsbehörde beschweren.",
        "You have the right to rectification, erasure, restriction and objection, and may complain to a data "
        "protection authority.",
    ),
)

PURPOSES = (
    Text(
        "Nachrichten zu Bestellungen und Antworten auf Ihre Fragen (Art. 6 Abs. 1 a und b DSGVO)",
        "messages about orders and answers to your questions (GDPR Art. 6(1)(a) and (b))",
    ),
    Text("Werbung, nur mit Ihrer Einwilligung (Art. 6 Abs. 1 a)", "advertising, with your consent only (Art. 6(1)(a))"),
    Text(
        "der Nachweis Ihrer Einwilligungen und die Sperrliste (Art. 5 Abs. 2, Art. 6 Abs. 1 c und f)",
        "the proof of your consents and the suppression list (Art. 5(2), Art. 6(1)(c) and (f))",
    ),
)
