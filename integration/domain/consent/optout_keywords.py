"""The keywords behind `optout.classify`, by language (docs/reference/law.md section 13).

They are whole messages, written as people write them; `optout` folds them like every inbound text.
"""

#: whole message → stop; those in ALL_KEYWORDS stop service messages too
KEYWORDS = """
stop, stopp, unsubscribe, unsub, unsubscribe me, opt out, optout, end, quit, remove me, stop promotions,
stop promo
stop messages, stop ads, stop marketing, stop spam, stop sms, stop whatsapp, stop newsletter,
stop texting, opting out, no ads, no advertising, no marketing, no promotions, no spam
abmelden, abmeldung, abbestellen, abbestellung, austragen, widerruf, widerspruch, keine werbung,
nicht interessiert, ich bin nicht interessiert, kein bedarf,
keine werbung mehr, werbung unerwünscht, keine werbung erwünscht, ich widerspreche, ich widerrufe,
um abmeldung
keinen newsletter, keinen newsletter mehr, newsletter abbestellen, newsletter abmelden, stoppt,
nicht mehr, stop werbung
arrêt, arrêter, arrêtez, désabonner, désabonnement, désabonnez moi, désinscription, désinscrire,
désinscrivez moi
stop pub, me désabonner, me désinscrire, se désabonner, se désinscrire
baja, darme de baja, dar de baja, denme de baja, parar, no más, cancelar suscripción,
cancelar la suscripción
cancellami, cancellatemi, cancellarmi, disiscrivimi, disiscrivetemi, disiscrivermi, annulla iscrizione,
disiscrizione
annulla l'iscrizione, basta messaggi, stop messaggi
afmelden, uitschrijven, stoppen, afmelding, schrijf me uit, meld me af
sair, parar, descadastrar, remover, cancelar inscrição, cancelar a inscrição, cancelar assinatura
wypisz, wypisz mnie, rezygnuję, rezygnacja, wypisać, zrezygnuj
dur, ret, abonelikten çık, abonelikten ayrıl, çıkış
стоп, отписаться, отписка, отпишите, отпишите меня, отписать
توقف, إلغاء الاشتراك, قف, الغاء اشتراك, أوقف
"""
ALL_KEYWORDS = """
stop all, stop everything, stopall, unsubscribe all, end all, revoke, opt out all, opt out of all,
quit all, cancel all
stop alles, stopp alles, alles stoppen, alles stop, alles abbestellen, alles abmelden, keine nachrichten
keine nachrichten mehr, keine nachricht mehr, keine whatsapp mehr, keine whatsapps mehr, kein kontakt mehr
cancel all messages
tout arrêter, arrêtez tout, stop tout, stop todo, parar todo, stop tutto, geen berichten,
geen berichten meer
alles stopzetten, parar tudo, sair de tudo, stop wszystko, hepsini durdur, стоп все
"""
#: in a shop these may mean an order: one question instead
AMBIGUOUS = """
cancel, cancellation, delete, remove, enough, storno, stornieren, stornierung, stornieren bitte,
kündigen, kündigung
kündige, ende, beenden, löschen, löschung, aufhören, schluss, abo kündigen, abo beenden, genug, spam,
halt
basta, annuler, annulation, fin, cancelar, anular, borrar, eliminar, annulla, annullare, cancella,
annuleren
opzeggen, cancelamento, excluir, anuluj, usuń, koniec, iptal, sil, отмена, удалить, хватит, إلغاء, حذف
"""
AMBIGUOUS_SIGNS = frozenset("🛑🚫⛔✋🤚🖐")
#: FCC per-se revocation word
US_KEYWORDS = "cancel"
OPT_IN = """
start, unstop, subscribe, join, resubscribe, sign me up, opt in, anmelden, anmeldung, abonnieren,
newsletter abonnieren
newsletter anmelden, commencer, s'abonner, m'abonner, s'inscrire, alta, suscribirme, suscribir,
iscrivimi, iscriviti
aanmelden, inschrijven, inscrever, assinar, zapisz, zapisz mnie, abone ol, başla, старт, подписаться,
ابدأ, اشتراك
"""
CONFIRM = """
ja, jawohl, ja gerne, ja gern, ja klar, ja anmelden, ja ich will, ja ich bestätige, bestätigen,
ich bestätige, bestätige, bestätigt
yes, yep, yeah, yes subscribe, yes sign me up, confirm, i confirm, yes i confirm, confirmed
oui, je confirme, oui je confirme, si, sí, sí quiero, confirmo, confermo, sì, sim, ja graag, bevestig,
bevestigen, tak
potwierdzam, evet, onaylıyorum, да, подтверждаю, نعم
"""
DECLINE = """
nein, nö, nee, ne, no, nope, no thanks, nein danke, non, não, nie, hayır, нет, لا, nein ich nicht, bitte nicht,
nein bitte nicht, lieber nicht, nein lieber nicht, war ich nicht, das war ich nicht, ich war das nicht,
ich war es nicht, not me, wasnt me, it wasnt me, falsche nummer, wrong number
"""
#: say nothing about the wish itself
POLITE = """
bitte, danke, hallo, hi, hey, moin, servus, liebes, team, gruß, grüße, gruss, viele, liebe, mfg, lg,
mit, freundlichen, freundliche, freundlichem, herzliche, herzlichen, besten, grüßen, kind, regards,
vielen, dank, schön
please, pls, plz, thanks, thank, you, thx, hello, dear, kindly, merci, bonjour, svp, stp, salut, hola,
gracias, favor, por
ciao, grazie, per, favore, prego, alstublieft, aub, bedankt, graag, dag, olá, obrigado, obrigada, proszę,
dziękuję
lütfen, merhaba, teşekkürler, пожалуйста, спасибо, здравствуйте, فضلك, من, شكرا, رجاء, sofort, endlich,
jetzt, now
immediately, und, and, nein, nee, no, ok, okay, mal, doch, guten, tag
"""
#: dress a wish in a sentence
FILLERS = """
ich, will, möchte, würde, wollte, gern, gerne, mich, uns, wir, hier, hiermit, mir, i, id, want, wanna, wish,
to, would, like, me
im, am, je, veux, voudrais, souhaite, quiero, deseo, quisiera, voglio, vorrei, desidero, ik, wil, quero,
gostaria, de
chcę, się, istiyorum, хочу, я, اريد, let, lets
"""

#: keywords that only count as whole messages; inside a sentence they are ordinary words
WEAK_KEYWORDS = """
end, quit, dur, ret, sair, parar, baja, remover, stoppen, stoppt, widerruf, widerspruch, revoke, arrêt,
arrêter, arrêtez, çıkış, قف, توقف, rezygnacja, rezygnuję
"""
