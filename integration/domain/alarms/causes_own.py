"""What happens here and in the shops, as it is told to the owner."""

from collections.abc import Mapping

from integration.domain.alarms.causes import Cause, Story
from integration.domain.text import Text

OF_OURS: Mapping[Cause, Story] = {
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
        "/reconciliation",
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
    Cause.UNCERTAIN_WAITING: Story(
        Text("Ungewisse Nachrichten warten auf Sie", "Uncertain messages wait for you"),
        Text(
            "Bei manchen Nachrichten weiß niemand, ob sie hinausgingen (Anzahl: {count}). Von selbst wird keine noch "
            "einmal gesendet.",
            "Of some messages nobody knows whether they left (number: {count}). None of them is sent again by itself.",
        ),
        Text(
            "Öffnen Sie „Nicht zugestellt“: Dort entscheiden Sie mit einem Klick, ob sie noch einmal gesendet werden.",
            "Open “Undelivered”: there you decide by a click whether they are sent again.",
        ),
        "/undelivered",
    ),
    Cause.MESSAGES_FAILED: Story(
        Text("Nachrichten sind gescheitert", "Messages have failed"),
        Text(
            "Meta hat in den letzten 24 Stunden Nachrichten endgültig abgelehnt, ohne dass es an den Empfängern liegt "
            "(Anzahl: {count}).",
            "Within 24 hours Meta refused messages for good, and not because of their recipients (number: {count}).",
        ),
        Text(
            "Unter „Nicht zugestellt“ steht der Grund und was zu tun ist; danach senden Sie dort alle zusammen neu.",
            "“Undelivered” gives the reason and what to do; after that you send them all again there.",
        ),
        "/undelivered",
    ),
    Cause.SENDING_BEHIND: Story(
        Text("Nachrichten stauen sich", "Messages pile up"),
        Text(
            "Von der Nummer {name} sollten schon seit {since} Nachrichten hinausgehen (Anzahl: {count}).",
            "Messages should have left from the number {name} since {since} (number: {count}).",
        ),
        Text(
            "Sinkt die Zahl unter „Nachrichten“, kommt Ladenbote nach, und es ist nichts zu tun. Sonst starten Sie es "
            "neu.",
            "If the number under “Messages” falls, Ladenbote is catching up and there is nothing to do. Else start it "
            "again.",
        ),
        "/messages?status=queued",
    ),
    Cause.READING_BEHIND: Story(
        Text("Meldungen bleiben liegen", "Reports are left unread"),
        Text(
            "Was Shops und Meta gemeldet haben, wartet seit {since} darauf, gelesen zu werden (Anzahl: {count}). Ein "
            "STOP könnte darunter sein; an wen das zutrifft, geht solange nichts hinaus.",
            "What shops and Meta reported has waited to be processed since {since} (number: {count}). A STOP may be "
            "among it; nothing leaves to whoever that may be.",
        ),
        Text(
            "Sinkt die Zahl unter „Empfangen“, ist nichts zu tun. Sonst starten Sie Ladenbote neu.",
            "If the number under “Received” falls, there is nothing to do. Else start Ladenbote again.",
        ),
        "/received",
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
    Cause.MONITOR_FAILING: Story(
        Text("Eine Überwachung scheitert", "A watch fails"),
        Text(
            "Ladenbote kann gerade nicht feststellen, ob eines davon zutrifft: {unseen}. Der Fehler war {error}. Die "
            "übrigen Überwachungen arbeiten weiter.",
            "Ladenbote cannot tell at the moment whether one of these is so: {unseen}. The error was {error}. The "
            "other watches go on.",
        ),
        Text(
            "Prüfen Sie Datenbank und Festplatte. Hilft das nicht, melden Sie uns den Fehler mit dem Protokoll.",
            "Check the database and the disk. If that does not help, report the fault to us with the log.",
        ),
        "/",
    ),
    Cause.LOOP_STOPPED: Story(
        Text("Ein Teil von Ladenbote steht still", "A part of Ladenbote has stopped"),
        Text(
            "Seit {since} rührt sich ein Teil nicht mehr: {loop}. Die anderen Teile arbeiten weiter.",
            "One part has not stirred since {since}: {loop}. The other parts go on.",
        ),
        Text(
            "Starten Sie Ladenbote neu; verloren geht dabei nichts. Geschieht es wieder, melden Sie uns den Fehler mit "
            "dem Protokoll.",
            "Start Ladenbote again; nothing is lost by that. If it happens again, report the fault to us with the log.",
        ),
        "/",
    ),
    Cause.NOTICE_FAILING: Story(
        Text("Alarme erreichen Sie nicht", "Alarms do not reach you"),
        Text(
            "Über {route} ließ sich Ihnen mehrmals hintereinander nichts mitteilen.",
            "You could not be told by {route} several times in a row.",
        ),
        Text(
            "Unter „Alarme“ steht der Grund. Bringen Sie ihn in Ordnung und senden Sie einen Probealarm.",
            "“Alarms” gives the reason. Put it right, and send a test alarm.",
        ),
        "/alarms",
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
