"""What happened around a decision: one sentence for each code, in German and English (see `reasons`)."""

from collections.abc import Mapping

from integration.domain.text import Text

OPERATIONS: Mapping[str, Text] = {
    "no_phone": Text("In der Bestellung steht keine brauchbare Mobilnummer.", "The order has no usable mobile number."),
    "test_order": Text("Testbestellungen lösen keine Nachricht aus.", "Test orders cause no message."),
    "draft_order": Text("Entwürfe lösen keine Nachricht aus.", "Draft orders cause no message."),
    "pos_order": Text(
        "An der Kasse im Laden gekauft; dafür gibt es keine Nachricht.",
        "Bought at the till in the shop; there is no message for that.",
    ),
    "imported_order": Text(
        "Die Bestellung wurde importiert; dafür gibt es keine Nachricht.",
        "The order was imported; there is no message for that.",
    ),
    "too_old": Text(
        "Das Ereignis war schon zu alt, als wir davon erfuhren.",
        "The event was already too old when we learnt of it.",
    ),
    "before_connection": Text(
        "Das geschah, bevor der Shop verbunden wurde; es wird nur gemerkt.",
        "This happened before the shop was connected; it is only remembered.",
    ),
    "order_cancelled": Text(
        "Die Bestellung ist storniert, erstattet oder gescheitert.",
        "The order is cancelled, refunded or has failed.",
    ),
    "order_unknown": Text(
        "Die Sendung ist da, ihre Bestellung noch nicht bekannt; der Shop wird danach gefragt.",
        "The parcel is known but its order is not yet; the shop is being asked for it.",
    ),
    "awaiting_payment": Text(
        "Die Bestellung wartet noch auf ihre Zahlung.", "The order is still waiting for its payment."
    ),
    "switched_off": Text(
        "Diese Art von Nachricht ist abgeschaltet; unter Benachrichtigungen schalten Sie sie ein.",
        "This kind of message is switched off; switch it on under Notifications.",
    ),
    "follow_up": Text(
        "Die Nachricht dazu ist vorgemerkt; sie wird geprüft, wenn ihre Zeit gekommen ist.",
        "Its message is kept for later; it is checked when its time has come.",
    ),
    "merged": Text(
        "Eine andere Nachricht sagt das schon mit; eine eigene wäre eine zu viel.",
        "Another message tells this as well; one of its own would be one too many.",
    ),
    "overtaken": Text(
        "Inzwischen ist mehr geschehen, zum Beispiel ist das Paket schon unterwegs oder da.",
        "More has happened meanwhile, for example the parcel is already on its way or there.",
    ),
    "paid_meanwhile": Text("Inzwischen ist bezahlt.", "It has been paid meanwhile."),
    "other_payment": Text(
        "Bei dieser Zahlungsart gibt es dazu nichts zu sagen.", "With this way of payment there is nothing to say."
    ),
    "never_paid": Text(
        "Die Zahlungsseite wurde verlassen; für die Kundin oder den Kunden war das keine Bestellung.",
        "The payment page was left; for the customer that was never an order.",
    ),
    "refunded": Text(
        "Es gab eine Erstattung oder eine Rücksendung; danach wird weder gefragt noch geworben.",
        "There was a refund or a return; nobody is asked or advertised to after that.",
    ),
    "sold_out": Text("Der Artikel ist schon wieder ausverkauft.", "The article is sold out again."),
    "carrier_silent": Text(
        "Der Shop hat in den letzten 30 Tagen keine einzige Zustellung gemeldet; ob ein Paket verspätet ist, weiß "
        "niemand.",
        "The shop has told of no delivery at all in the last 30 days; nobody knows whether a parcel is late.",
    ),
    "appointment_moved": Text(
        "Der Termin wurde verlegt; erinnert wird an den neuen.",
        "The appointment was moved; the reminder is about the new time.",
    ),
    "appointment_cancelled": Text("Der Termin wurde abgesagt.", "The appointment was cancelled."),
    "birthday_not_meant": Text(
        "Der Text, dem die Person zugestimmt hat, nennt den Geburtstag nicht; ihr Datum ist dafür nicht gegeben.",
        "The text that the person agreed to does not name the birthday; their date was not given for this.",
    ),
    "not_cheaper": Text(
        "Der Artikel kostet nicht weniger als in den 30 Tagen davor, oder nicht weniger als damals, als darum gebeten "
        "wurde.",
        "The article costs no less than in the 30 days before, or no less than when it was asked for.",
    ),
    "nobody_asked": Text("Niemand hat darum gebeten, das zu erfahren.", "Nobody has asked to be told about this."),
    "order_muted": Text(
        "Die Person möchte zu dieser Bestellung nichts mehr hören; andere Bestellungen gehen weiter.",
        "The person wants to hear no more about this order; other orders go on.",
    ),
    "no_tracking_yet": Text(
        "Die Sendung hat noch keine Sendungsnummer; tragen Sie sie im Shop nach.",
        "The parcel has no tracking number yet; add it in the shop.",
    ),
    "no_notification": Text("Zu diesem Ereignis gehört keine Nachricht.", "No message belongs to this event."),
    "unchanged": Text("Nichts hat sich geändert.", "Nothing has changed."),
    "stale_version": Text(
        "Der Shop schickte einen älteren Stand; der neuere gilt.",
        "The shop sent an older state; the newer one stands.",
    ),
    "privacy_request": Text(
        "Jemand hat im Shop um Auskunft oder Löschung gebeten; die Bitte ist vorgemerkt.",
        "Somebody asked the shop for their data or for erasure; the request is recorded.",
    ),
    "app_uninstalled": Text(
        "Die App wurde im Shop entfernt; der Shop kann nicht mehr abgefragt werden.",
        "The app was removed from the shop; the shop can no longer be asked.",
    ),
    "scopes_changed": Text(
        "Die Berechtigungen der App haben sich geändert; der Shop wird neu untersucht.",
        "The app's permissions changed; the shop is examined again.",
    ),
    "shadow": Text(
        "Probelauf im Stillen: Die Nachricht wäre jetzt gesendet worden, aber der Shop sendet noch nicht.",
        "Shadow mode: the message would have been sent now, but the shop does not send yet.",
    ),
    "ping": Text("Eine Testmeldung des Shops.", "A test call from the shop."),
    "account_news": Text(
        "Meta meldete etwas zum Konto, zur Nummer oder zu einer Vorlage.",
        "Meta reported something about the account, the number or a template.",
    ),
    "again": Text("Wird auf Wunsch noch einmal verarbeitet.", "Is dealt with once more, as somebody wished."),
    "other_number": Text(
        "Meta meldete etwas zu einer Nummer, die hier nicht verbunden ist. Ist es Ihre, verbinden Sie sie und "
        "verarbeiten es noch einmal.",
        "Meta reported something about a number that is not connected here. If it is yours, connect it and process it "
        "once more.",
    ),
    "unknown_topic": Text(
        "Der Shop meldete etwas, womit Ladenbote nichts anfangen kann.",
        "The shop reported something that Ladenbote has no use for.",
    ),
    "malformed": Text(
        "Die Meldung war unvollständig oder unlesbar; kam sie von einem Shop, könnte ein Plugin sie verändern.",
        "The report was incomplete or unreadable; if it came from a shop, a plugin may be changing it.",
    ),
    "gone": Text("Im Shop gelöscht.", "Deleted in the shop."),
    "oversized": Text(
        "Die Meldung des Shops war zu groß und wurde abgelehnt.",
        "The shop's report was too large and was refused.",
    ),
    "duplicate": Text("Kam schon einmal; zählt nur einmal.", "Came before; it counts only once."),
    "thin": Text(
        "Die Meldung enthielt zu wenig; der Shop wird nach dem Rest gefragt.",
        "The report held too little; the shop is asked for the rest.",
    ),
    "kind_off": Text("Diese Art von Nachricht haben Sie abgeschaltet.", "You have switched this kind of message off."),
    "sender_missing": Text(
        "Es ist keine WhatsApp-Nummer eingerichtet; richten Sie eine unter Shops & Nummern ein.",
        "No WhatsApp number is set up; add one under Shops & numbers.",
    ),
    "sender_paused": Text(
        "Die WhatsApp-Nummer pausiert; der Grund steht unter Shops & Nummern.",
        "The WhatsApp number is paused; the reason stands under Shops & numbers.",
    ),
    "unfit": Text(
        "WhatsApp hätte diese Nachricht ablehnen müssen, deshalb ging sie nicht hinaus; den Grund nennt der Versuch.",
        "WhatsApp would have had to refuse this message, so it was not sent; the attempt says why.",
    ),
    "refused_by_meta": Text(
        "Meta hat die Nachricht abgelehnt; der Fehler steht beim Versuch.",
        "Meta refused the message; the error stands with the attempt.",
    ),
    "uncertain": Text(
        "Ob Meta die Nachricht annahm, ist unklar; damit niemand sie doppelt bekommt, entscheiden Sie.",
        "Whether Meta took the message is unclear; so that nobody gets it twice, you decide.",
    ),
    "presumed_dropped": Text(
        "Wahrscheinlich nie angekommen, das Telefon war zu lange aus. Ist es wichtig, melden Sie sich auf anderem Weg.",
        "Probably never arrived, the phone was off for too long. If it matters, reach the person in another way.",
    ),
    "undeliverable": Text(
        "Unter dieser Nummer ist WhatsApp nicht erreichbar.", "WhatsApp cannot be reached at this number."
    ),
    "marketing_paused": Text(
        "Die Werbung dieser Nummer pausiert, weil sie zu oft blockiert oder gemeldet wurde; Service geht weiter.",
        "This number's advertising is paused because it was blocked or reported too often; service goes on.",
    ),
    "country_paused": Text(
        "Meta lässt diese Nummer zurzeit nicht in das Land der Person schreiben.",
        "Meta does not let this number write to the person's country at present.",
    ),
    "template_stopped": Text(
        "Alles mit dieser Vorlage ruht, bis sie bei Meta wieder in Ordnung ist; sehen Sie unter Vorlagen nach.",
        "Everything with this template rests until it is in order at Meta again; look under Templates.",
    ),
    "account_slowed": Text(
        "Meta bekam zu viele Anfragen auf einmal; das Konto ruht einige Minuten.",
        "Meta got too many requests at once; the account rests for some minutes.",
    ),
    "ecosystem_limit": Text(
        "Meta stellt der Person gerade keine weitere Werbung zu; später wird es noch einmal versucht.",
        "Meta delivers no further advertising to the person just now; it is tried again later.",
    ),
    "in_turn": Text(
        "Eine frühere Nachricht an dieselbe Person ging vor; diese folgt ihr, solange sie noch nützlich ist.",
        "An earlier message to the same person went first; this one follows as long as it is of use.",
    ),
    "portfolio_limit": Text(
        "Metas Grenze ist erreicht, wie vielen Menschen Sie in 24 Stunden von sich aus schreiben dürfen.",
        "Meta's limit is reached of how many people you may write to first within 24 hours.",
    ),
    "resent": Text(
        "Sie haben entschieden, die Nachricht noch einmal zu senden. Sie wird vorher neu geprüft.",
        "You decided to send the message again. It is checked anew before.",
    ),
    "taken_as_sent": Text(
        "Sie haben entschieden, die Nachricht als gesendet zu betrachten.", "You decided to take the message as sent."
    ),
    "dropped_by_owner": Text(
        "Sie haben entschieden, die Nachricht nicht zu senden.", "You decided not to send the message."
    ),
    "retry": Text(
        "Meta bat um Geduld. Die Nachricht wird noch einmal versucht, bis es zu spät ist.",
        "Meta asked for patience. The message is tried again until it is too late.",
    ),
    "not_sent": Text(
        "Meta war nicht zu erreichen. Es ging nichts hinaus; die Nachricht wird noch einmal versucht, bis es zu "
        "spät ist.",
        "Meta could not be reached. Nothing left; the message is tried again until it is too late.",
    ),
    "stale_permission": Text(
        "Zwischen Prüfung und Versand verging zu viel Zeit. Die Nachricht wird neu geprüft.",
        "Too much time passed between the check and the sending. The message is checked anew.",
    ),
    "unknown_shop": Text(
        "Dieser Shop steht nicht mehr in den Einstellungen.",
        "This shop is no longer in the settings.",
    ),
    "unknown_sender": Text(
        "Diese WhatsApp-Nummer steht nicht mehr in den Einstellungen.",
        "This WhatsApp number is no longer in the settings.",
    ),
    "poison": Text(
        "Die Verarbeitung scheiterte mehrmals und ruht; der Fehler steht daneben.",
        "Processing failed several times and rests; the error stands beside it.",
    ),
    "shop_away": Text(
        "Der Shop antwortet nicht, und ohne ihn noch einmal zu fragen, geht diese Nachricht nicht hinaus.",
        "The shop does not answer, and without asking it once more this message does not leave.",
    ),
    "not_prepared": Text(
        "Die Vorbereitung der Nachricht ist gescheitert und wird wiederholt; Einzelheiten stehen im Protokoll des "
        "Programms.",
        "Preparing the message failed and is tried again; the program's log has the details.",
    ),
    "bought": Text(
        "Das ist inzwischen gekauft.",
        "It has been bought meanwhile.",
    ),
    "cart_emptied": Text(
        "Der Warenkorb wurde geleert.",
        "The cart was emptied.",
    ),
    "payment_pending": Text(
        "Eine Zahlung läuft; das zählt als gekauft.",
        "A payment is under way, which counts as bought.",
    ),
    "cart_active": Text(
        "Im Warenkorb hat sich noch etwas geändert; die Erinnerung wartet von da an neu.",
        "Something changed in the cart; the reminder waits anew from then on.",
    ),
    "cart_sold_out": Text(
        "Nichts aus dem Warenkorb ist mehr zu haben.",
        "Nothing of the cart can be bought any more.",
    ),
    "replied": Text(
        "Die Person hat inzwischen geschrieben; antworten Sie ihr lieber selbst.",
        "The person has written meanwhile; better answer them yourself.",
    ),
    "newer_cart": Text(
        "Dieselbe Person hat einen neueren Warenkorb; erinnert wird nur an den.",
        "The same person has a newer cart; only that one is reminded of.",
    ),
    "reminded_already": Text(
        "Die Person wurde in den letzten Tagen schon an einen Warenkorb erinnert.",
        "The person was reminded of a cart in the last days.",
    ),
    "holdout": Text(
        "Zum Vergleich bekommt eine von zehn Personen keine Erinnerung; diese gehört dazu.",
        "For comparison one person in ten gets no reminder; this is one of them.",
    ),
    "voucher_waits": Text(
        "Der Gutschein für diese Nachricht konnte im Shop noch nicht angelegt werden; es wird weiter versucht.",
        "The voucher for this message could not be made in the shop yet; it is tried again.",
    ),
    "no_contact": Text(
        "Zu dieser Nummer gibt es niemanden, der sich angemeldet hat.",
        "Nobody who signed up has this number.",
    ),
    "superseded": Text(
        "Ein neueres Ereignis hat diese Nachricht überflüssig gemacht.",
        "A newer event made this message pointless.",
    ),
}
