"""The phrases behind `optout.classify`, by language (docs/reference/law.md section 13).

They are matched against folded text: lower case, without accents, apostrophes and punctuation. Whole messages stand in
`optout_keywords`.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _words(listed: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(listed.split())})\b")


IDIOMS = _any(
    r"\b(full|bus|next|pit|non|one|train|tram|last|first|door|truck) stop\b",
    r"\bnonstop\b",
    r"\bstop (by|in|at|sign|motion|watch|over|shop|loss|light|taste|schild|uhr)\b",
    r"\b(nexte|nachster|letzter) stopp?\b",
)
#: what else one can stop, cancel or be signed off from in a shop
OBJECTS = _words(
    r"""
    bestell(?!t\b)\w* auftrag\w* termin\w* kurs\w* buchung\w* reservierung\w* liefer\w* paket\w*
    sendung\w* versand\w* ware artikel retour\w* rechnung\w* zahlung\w* lastschrift\w* timer uhr gerat
    maschine orders? deliver\w* package parcel booking appointment invoice payment shipment refund
    machine commande livraison colis rendez pedido envio paquete cita ordine spedizione pacco bestelling
    afspraak levering encomenda entrega zamowieni\w* paczk\w* siparis\w* kargo\w* заказ\w* доставк\w*
    طلب\w*
    """
)
ADVERTISING = _words(
    r"""
    werb\w* newsletters? angebot\w* promo\w* reklam\w* spam\w* ads? advert\w* marketing offers? deals?
    pub publicite\w* publicidad ofertas? pubblicita offerte reclame aanbieding\w* nieuwsbrief propaganda
    ofert\w* реклам\w* рассылк\w* اعلان\w* verteiler\w*
    """
)
_NEWS = r"(?:\w*werb\w*|newsletter|angebote?\w*|promo\w*|reklame|spam\w*|aktionen|infopost)"
_SAY = r"(?:schreib|kontaktier|anschreib|schick|send|zusend|meld|belastig|nerv|whatsapp|text|stor)"

#: a statement about the past is no wish
PERFECT = _words("bekommen erhalten gekriegt angekommen received arrived recu recibido ricevuto ontvangen gekregen")
HAVE = re.compile(r"\b(hab|habe|habt|haben|hat|have|has|havent|got|jai|nai|he|ho|heb|gibt|did|didnt)\b")
RECEIVING = _any(
    r"\b(?:bisher|bislang|noch)\b.*\b(?:bekommen|erhalten|gekriegt)$",
    r"\b(?:bekomme|erhalte|kriege|empfange) ich\b",
    r"^(?:ich )?(?:bekomme|erhalte|kriege|empfange)\b",
    r"^(?:habt|haben|hat|gibt) (?:ihr|sie|es)\b",
)
NEGATED = _any(
    r"\b(nicht|keinesfalls|niemals|not|dont|do not|cant|cannot|couldnt|never|never ever|niet|nao|не"
    r"|ne)\b(?! (mehr|weiter|wieder"
    r"|more|anymore|meer|mais|plus|pas plus)\b)( \w+){0,2} (stopp?e?n?|stopp?t|abmeld\w*|abbestell\w*"
    r"|austrag\w*|aufhoe?r\w*|unsubscrib\w*|opt|cancel|quit|remove|delete|erase|loe?sch\w*|sair|parar"
    r"|descadastrar|uitschrijven|afmelden|desabonn\w*|desinscri\w*|отпис\w*|останав\w*|удал\w*)\b",
    r"\b(meld|trag|stopp?|bestell|loe?sch|nehm|streich)\w* (\w+ ){0,3}nicht( (ab|aus|raus|vom|von))?$",
    r"\bnicht (vom|von der|aus dem) (newsletter|verteiler|liste)",
    r"\bhoe?r(?:t|en sie)? (?:\w+ )?nicht (?:\w+ )?auf\b",
    r"\bno (quiero|deseo) (dar\w*|cancelar|parar)",
    r"\bno (me|nos) (den|des|deis|dar|quiten|saquen|borren)\b",
    r"\b(dont|do not|never) (\w+ ){0,2}(take|get) (me|us) (off|out)\b",
    r"\bnon (voglio|cancell\w+|disiscriv\w+)( cancell\w+| disiscriv\w+)?$",
    r"\bnie (wypisuj\w*|chce sie wypis\w*|rezygnuj\w*)",
    r"\b(durma|cikmak istemiyorum)\b",
)

_DATA = (
    r"(?:daten|nummer|telefonnummer|handynummer|konto|kundenkonto|account|profil"
    r"|alles (?:was ihr )?(?:uber|ueber"
    r"|von) mich|data"
    r"|number|profile|information|donnees|numero|datos|dati|gegevens|dados|dane|numer|verileri\w*"
    r"|numarami|данн\w*|номер"
    r"|بياناتي|رقمي)"
)
_DELETE = (
    r"(?:loe?sch\w*|geloe?scht|entfern\w*|vernicht\w*|delet\w*|eras\w*|remove|wipe|forget|suppr\w*"
    r"|effac\w*|borr\w*"
    r"|elimin\w*|cancell(?:a|ate|are|azione)|verwijder\w*|apag\w*|exclu\w*|usun\w*|sil\w*|удал\w*|احذف\w*|حذف"
    r"|امسح\w*)"
)
_ACT = r"(?:dsgvo|ds gvo|gdpr|rgpd|avg|rodo|kvkk|lgpd)"
ERASE = _any(
    rf"\b{_DELETE} (?:\w+ ){{0,4}}{_DATA}\b",
    rf"\b{_DATA} (?:\w+ ){{0,4}}{_DELETE}\b",
    rf"\b{_ACT}\b.*\b{_DELETE}\b",
    rf"\b{_DELETE}\b.*\b{_ACT}\b",
    rf"\bart(?:ikel|icle|iculo|icolo)? ?17\b.*\b(?:{_ACT}|{_DELETE})\b",
    rf"\b(?:{_ACT}|{_DELETE})\b.*\bart\w* ?17\b",
    r"\brecht auf (?:vergessen\w*|loe?schung)",
    rf"\b{_DELETE} (?:\w+ ){{0,3}}(?:uber|ueber|zu|von) mich (?:\w+ ){{0,2}}daten\b",
    r"\b(?:delete|erase|remove) (?:everything|all) (?:\w+ ){0,3}about me\b",
    r"\bright to (?:be forgotten|erasure)",
    r"\bdroit a loubli",
    r"\bderecho al olvido",
    r"\bdiritto all ?oblio",
    r"\b(?:loe?sch(?:e|t|en sie)?|delete|erase) (?:mich|me)(?: (?:komplett|ganz|vollstandig"
    r"|completely|now))?$",
)
_KEEP = r"\b(?:alte|alten|neue|neuen|old|new|falsche|falschen|wrong)\b"
CORRECTION = re.compile(_KEEP)
LISTS = _words("verteiler liste newsletter list")
#: what else holds data
DEVICES = _words(r"festplatte speicher\w* stick geraet gerat kamera drucker router disk device memory card")
#: advertising that does not come by chat
ELSEWHERE = _any(
    r"^(?!.*whatsapp).*\b(?:im|ins|in (?:dem|den|meinen?m?|mein)) (?:paket|karton|briefkasten)\b",
    r"^(?!.*whatsapp).*\b(?:per|via|by|am) (?:post|brief|e ?mail|mail|telefon|sms|phone)\b",
)

#: a wish to stop everything; advertising words in the same text narrow it to marketing
STOP_ALL = _any(
    rf"\b{_SAY}\w* (?:sie |ihr )?(?:mir|mich|uns)? ?(?:\w+ ){{0,3}}(?:nie wieder|nie mehr|nicht mehr"
    rf"|nichts mehr|niemals|nicht weiter|nicht laenger|nicht langer)\b",
    r"\bunterlass\w* (?:sie )?(?:\w+ ){0,2}(?:kontaktaufnahmen?|nachrichten)\b",
    r"\baufhoe?ren (?:mir |uns )?zu (?:schreiben|senden|nerven)\b",
    rf"\b(?:nie wieder|nie mehr|nicht mehr|nichts mehr|nicht weiter|nicht langer) (?:\w+ ){{0,2}}(?:an"
    rf"|zu|ge)?{_SAY}\w*\b",
    r"\b(?:will|mochte|moechte|wunsche|wuensche)\b.*\b(?:nichts mehr|keine \w*nachricht\w*)\b",
    r"\b(?:schick|send|schreib)\w* (?:mir |uns )?keine (?:weiteren? )?\w*nachricht\w*",
    r"\bkeine (?:weiteren? )?nachrichten mehr\b",
    r"\bkeine weiteren nachrichten\b",
    r"\bkeinen kontakt mehr\b",
    r"\balle (?:weiteren )?nachrichten (?:abbestellen|stoppen|beenden|abstellen)\b",
    r"^(?:hoe?r|hoe?rt|hoe?ren sie)(?: \w+){0,2} auf\b",
    r"\blass(?:t|en sie)? (?:mich|uns)(?: \w+)? in (?:ruhe|frieden)\b",
    r"\bkeine whatsapps?(?: \w*nachrichten?)? mehr\b",
    # English
    r"\bnever (?:contact|text|message|write|call|email)\b",
    r"\b(?:dont|do not)(?: ever)? contact\b",
    r"\bstop contacting\b",
    r"\bleave (?:me|us) alone\b",
    r"\brevoke (?:my |all )?consents?\b",
    r"\bstop (?:sending (?:me )?)?(?:all|any) messages\b",
    # French
    r"\b(?:ne )?(?:me |m)(?:ecrivez|envoyez|contactez|derangez|ecris|envoie)\b(?: \w+)? ?\bplus\b",
    r"\bne plus me \w+er\b",
    r"\bn(?:ecrivez|ecris|envoyez|envoie) plus\b",
    r"\barretez? de (?:me |m)(?:ecrire|envoyer|contacter|deranger|harceler)\b",
    r"\blaissez moi tranquille\b",
    # Spanish
    r"\bno me (?:envi|escrib|contact|mand|molest|escri)\w* (?:\w+ )?(?:mas|nunca|nada)\b",
    r"^no me (?:escriban|contacten|manden|envien|molesten)(?: nada)?$",
    r"\bdejenme en paz\b",
    r"\bdejen? de (?:enviar|escribir|mandar|molestar|contactar)\w*",
    # Italian
    r"\bnon (?:mi )?(?:scriv|mand|invi|contatt|disturb)\w* (?:\w+ )?piu\b",
    r"\bsmett\w+ di (?:scriver|mandar|inviar)\w*",
    # Dutch
    r"\bgeen berichten\b",
    r"\b(?:niet|nooit) meer (?:\w+ )?(?:sturen|appen|berichten|contact\w*|schrijven)\b",
    r"\b(?:stuur|app|schrijf|contacteer) (?:me|mij|ons) (?:\w+ )?(?:niet|nooit) meer\b",
    r"\b(?:stuur|app|schrijf) (?:me|mij|ons) (?:\w+ )?(?:niets|niks) meer\b",
    r"\blaat me met rust\b",
    # Portuguese
    r"\bnao (?:me |nos )?(?:envi|mand|escrev|contat|contact|perturb)\w*(?: me)? (?:\w+ )?mais\b",
    r"\bparem? de (?:me )?(?:enviar|mandar|escrever)\b",
    r"\bme deixem? em paz\b",
    # Polish
    r"\bnie (?:piszcie|pisz|pisac|wysylac|wysylajcie|przysylajcie|kontaktujcie)\b",
    r"\bzadnych wiadomosci\b",
    # Turkish
    r"\b(?:mesaj|sms) (?:atma|gonderme|yollama)\w*",
    r"\bbana (?:bir daha )?yazma\w*",
    r"\b(?:mesaj|sms) istemiyorum\b",
    # Russian
    r"\bне (?:пиши|присылаи|отправляи|беспокои|шли)\w*",
    r"\bхватит (?:мне )?(?:писать|слать)\b",
    r"\bоставьте меня\b",
    # Arabic
    r"\bلا (?:ترسل|تراسل|تتصل|تكتب)\w*",
    r"\bتوقف\w* عن\b",
)
STOP_ADVERTISING = _any(
    rf"\bkeine?[nr]? (?:weiteren? |mehr )?{_NEWS}\b",
    rf"\b{_NEWS} (?:\w+ )?(?:abbestell|abmeld|beenden|stopp|einstell|kundig|kuendig|unterlass|abschalt"
    rf"|ausschalt|stornier)\w*",
    rf"\bstell\w* (?:sie |ihr )?(?:\w+ ){{0,2}}{_NEWS} (?:\w+ )?ein\b",
    rf"\bschluss mit (?:\w+ )?{_NEWS}",
    r"\b(?:zieh|nehm|entzieh)\w*\b.*\b(?:einwilligung|zustimmung|erlaubnis)\b",
    r"\bkeine (?:einwilligung|zustimmung|erlaubnis) mehr\b",
    rf"\b(?:stopp?t?|beende\w*|unterlasst|lasst) (?:mit )?(?:die |der |den |das |eure[nr]? )?{_NEWS}\b",
    rf"\bkein(?:e lust| interesse)(?: mehr)? (?:auf|an) (?:\w+ )?{_NEWS}",
    r"\b(?:meld|trag)\w* (?:ich |sie )?(?:mich|uns) (?:\w+ ){0,4}(?:ab|aus)$",
    r"\b(?:meld|trag)\w* (?:mich|uns) (?:\w+ ){0,4}(?:ab|aus)\b(?! (?:\d|morgen|heute|dem|der|den"
    r"|\w+tag\b|mittwoch|nachst))",
    r"\b(?:mich|uns) (?:\w+ ){0,4}(?:abmelden|austragen|abzumelden|auszutragen)$",
    r"\b(?:nehm|nimm|streich|loe?sch|entfern|werf)\w* (?:sie )?(?:mich|uns|meine nummer) "
    r"(?:\w+ ){0,3}(?:verteiler|liste|newsletter|raus)\b",
    r"\b(?:mich|uns|raus) (?:vom|von der|aus dem|aus der) (?:\w+ )?(?:verteiler|liste|newsletter)\b",
    rf"\bwiderspr(?:eche|uch)\b.*(?:{_NEWS}|nutzung|verarbeitung|daten)",
    rf"\bwiderruf\w*\b.*(?:{_NEWS}|einwilligung|zustimmung|erlaubnis)",
    r"\b(?:einwilligung|zustimmung)\b.*\bwiderruf\w*",
    r"\bkein interesse(?: mehr)?$",
    rf"\b{_NEWS} (?:ist |sind )?(?:un|nicht (?:mehr )?)erwunscht\b",
    rf"\bunterlass\w* (?:sie )?(?:\w+ ){{0,3}}{_NEWS}\b",
    r"\babmeldung (?:vom|von der|aus dem) (?:\w+ )?(?:verteiler|liste|newsletter)\b",
    r"\b(?:abmelden|austragen|abbestellen) (?:vom|von|aus) (?:\w+ )?(?:verteiler|liste|newsletter)\b",
    # English
    r"^(?:sorry |im |i am |we are |were )*(?:not|no longer) interested(?: anymore| any more)?$",
    r"\bstop (?:it )?with (?:the |these |your )?(?:ads|messages|offers|promo\w*|marketing|spam)\b",
    r"\b(?:dont|do not|no longer) (?:want|wish) to receive (?:this|these|those|them|any\w*|more|your)\b",
    r"\b(?:dont|do not) (?:send|write) (?:me|us|to me) (?:\w+ )?(?:promo\w*|marketing|advert\w*|ads|offers|spam)\b",
    r"\bno (?:more|further) (?:\w+ )?(?:messages?|texts?|ads|advert\w*|offers?|promo\w*|marketing"
    r"|spam|emails?|newsletters?)\b",
    r"\bstop (?:spam\w*|(?:sending|texting|messaging|writing|emailing|bothering|whatsapping|harassing"
    r"|advertising)\b)",
    r"\bstop (?:the |these |this |your |all )?(?:ads|messages|offers|texts|promo\w*|marketing"
    r"|newsletters?|advert\w*)\b",
    r"\b(?:take|remove|get|delete) (?:me|us|my number) (?:off|from)\b",
    r"\bunsubscribe (?:me|us|from)\b",
    r"\bopt (?:me|us) out\b",
    r"\b(?:dont|do not) (?:text|message|spam|bother|whatsapp|sms) (?:me|us)(?: (?:again|anymore"
    r"|any more|ever|please))?$",
    r"\b(?:dont|do not) (?:send|write) (?:me|us|to me)(?: (?:any|more|anything|again|anymore|ads"
    r"|offers|this|messages)\b.*)?$",
    r"\b(?:dont|do not|no longer) (?:want|wish|like) (?:\w+ ){0,3}(?:messages|ads|offers|newsletters?"
    r"|promo\w*|marketing|texts)\b",
    r"\b(?:withdraw|cancel) my (?:consent|subscription|permission)\b",
    r"\bobject to .*(?:marketing|advert\w*)",
    # French
    r"\b(?:plus de|pas de|aucune?|stop a? ?la|arretez (?:les|la|vos|de|d)) ?(?:pubs?|publicites?"
    r"|messages|promos?|spam|newsletter\w*|menvoyer)",
    r"\bje ne (?:veux|souhaite) plus (?:recevoir|de|vos)",
    r"\b(?:desabonnez|desinscrivez|retirez|enlevez|supprimez) moi\b",
    r"\bpas interesse",
    # Spanish
    r"\bno (?:quiero|deseo) (?:recibir )?(?:mas |sus )?(?:publicidad|mensajes|ofertas|promo\w*)",
    r"\b(?:dar|den|darme|denme|denos|dame) de baja\b",
    r"\bno mas (?:mensajes|publicidad|ofertas|spam)\b",
    r"\bno me interesa$",
    r"\b(?:quitenme|borrenme|saquenme) de\b",
    # Italian
    r"\bnon voglio (?:piu )?(?:ricevere|messaggi|pubblicita|offerte)",
    r"\b(?:basta|niente|stop) (?:piu |con |alla )?(?:messaggi|pubblicita|spam|offerte)",
    r"\b(?:toglietemi|cancellatemi|rimuovetemi|cancellarmi|disiscrivermi|cancellami|disiscrivimi) da\w*",
    r"\bannull\w+ (?:la )?(?:mia )?l?iscrizione\b",
    r"\bnon mi interessa$",
    # Dutch
    r"\bgeen (?:reclame|nieuwsbrief|aanbiedingen|spam|interesse)\b",
    r"\bniet geinteresseerd$",
    r"\bstop met (?:\w+ )?(?:sturen|appen|berichten|reclame|spam\w*)",
    r"\b(?:meld|schrijf) (?:me|mij|ons) (?:\w+ )*(?:af|uit)\b",
    r"\bhaal (?:me|mij) (?:van|uit)\b",
    # Portuguese
    r"\bnao quero (?:mais )?(?:receber|mensagens|propaganda|promo\w*)",
    r"\b(?:nao tenho|sem) interesse$",
    r"\b(?:removam?|tirem?|me removam?|me tirem?) (?:me )?d[aeo]\b",
    r"\bcancelar (?:a |minha |mi |la )?(?:inscricao|assinatura|suscripcion)\b",
    # Polish
    r"\b(?:prosze )?(?:wypiszcie|wypisz|wypisac) mnie\b",
    r"\bmnie (?:\w+ )?wypisac\b",
    r"\bnie jestem zainteresowan\w*$",
    r"\bnie (?:chce|zycze sobie) (?:wiecej |otrzymywac )*(?:wiadomosci|reklam\w*|ofert|newsletter\w*)",
    r"\b(?:koniec|zadnych|dosc) (?:reklam|ofert|spamu)",
    r"\brezygnuj\w* z (?:\w+ )?(?:newsletter\w*|reklam\w*|ofert\w*|subskrypcji|wiadomosci)\b",
    # Turkish
    r"\breklam (?:mesaj\w* )?(?:atma|gonderme|istemiyorum|yollama)\w*",
    r"\bilgilenmiyorum$",
    r"\babonelikten cik\w*",
    r"\babonelig\w* iptal\w*",
    r"\blisteden cikar\w*",
    # Russian
    r"\bотпишите меня\b",
    r"\bне хочу (?:больше )?(?:получать|рассылк|реклам)\w*",
    r"\bотмен\w+ подписк\w+",
    r"\bуберите меня\b",
    r"\bне ?интересно$",
    r"\bне надо (?:реклам|рассылк|спам)\w*",
    r"\b(?:прекратите|хватит|без) (?:реклам|рассылк|спам)\w*",
    # Arabic
    r"\b(?:الغ|الغاء|الغوا) ?(?:الاشتراك|اشتراكي)\b",
    r"\bلا اريد (?:رسايل|اعلانات|عروض)",
    r"\b(?:اوقف|اوقفوا) (?:الرسايل|الاعلانات|الارسال)",
    r"\bلست مهتم\w*",
)
#: how a question begins that has lost its mark
QUESTION = re.compile(
    r"^(?:hallo |hi |hey )?(?:wie|wo|wann|warum|wieso|weshalb|how|where|why|comment|pourquoi|como|donde|come|hoe|waar"
    r"|jak|gdzie|nasil|как|где|كيف)\b"
)
#: clubs, courses, appointments: one can sign off from these, too
CLUBS = _words(r"kurs\w* termin\w* buchung\w* reservierung\w* veranstaltung\w* workshop\w* event\w* course class")
#: "not by phone, better in writing"
INSTEAD = _words("lieber sondern stattdessen rather instead plutot sino invece liever")
#: what a mail program or habit puts under a message
SIGNATURE = re.compile(
    r"^(?:gesendet von|von meinem|sent from|envoye de|enviado desde|inviato da|verzonden|mfg|lg|vg|mit freundlichen"
    r"|vielen dank|danke|thanks|thank you|merci|gracias|grazie"
    r"|viele|liebe|beste|herzliche|freundliche|gruss|grusse|best|kind|regards)\b"
)
#: annoyance without a clear wish: one question
ANNOYED = _any(
    r"\bopt out\b",
    rf"\b{_NEWS} (?:\w+ ){{0,2}}nerv\w*",
    rf"\bzu viele? (?:{_NEWS}|nachrichten)",
    r"\btoo (?:many|much) (?:messages|ads|spam|texts|offers)",
    r"\b(?:dont|do not) (?:text|message|spam|bother) (?:me|us)\b",
    r"\b(?:ihr|das|es) nervt\b|^nervt\b",
    r"\b(?:will|mochte|moechte) (?:das|dies|so ?was) nicht(?: mehr)?$",
    r"\bverg[ei]ss?t? mich\b|\bforget me$",
    r"\bkeine (?:weiteren? )?(?:bestell|versand|liefer)\w* (?:\w+ ){0,2}(?:mehr|whatsapp)\b",
    r"\bso annoying\b",
    r"\bist (?:das )?spam\b",
)
EVERYTHING = _any(
    r"\b(?:stopp?|unsubscribe|abbestellen|abmelden|end|austragen)\b.*\b(?:alles?|all|everything"
    r"|komplett|tout|todo|tutto|tudo)\b",
    r"\b(?:alles?|all|everything) (?:\w+ )?(?:stopp?(?:en)?|abbestellen|abmelden|beenden)\b",
)
