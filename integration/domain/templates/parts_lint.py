"""Reads what stands around a text before Meta does: header, footer, buttons, offer, cards.

The numbers are Meta's (docs/reference/whatsapp.md section 2, and Meta's pages on coupon, limited-time offer and
carousel templates). A service message may hold none of what advertises.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.messages.components import (
    CARDS,
    MAX_BUTTON,
    MAX_BUTTONS,
    MAX_CARD_BODY,
    MAX_CARD_BUTTONS,
    MAX_FOOTER,
    MAX_HEADER,
    MAX_OFFER,
    MAX_OFFER_BODY,
    MAX_URL,
)
from integration.domain.notifications import Notification, SubjectType
from integration.domain.shops.ports import Finding, Level
from integration.domain.templates.advertising import advertising
from integration.domain.templates.parts import (
    DOCUMENT,
    ITEM,
    LONGEST_ITEM,
    PLACEHOLDER,
    CardPart,
    HeaderType,
    LinkButton,
    Parts,
    PartType,
)
from integration.domain.text import Text
from integration.domain.values import LEAST, length

#: how many buttons of each type Meta allows, and what people call them
MOST: Final = {
    PartType.URL: (2, Text("Link-Knöpfe", "link buttons")),
    PartType.PHONE: (1, Text("Anruf-Knöpfe", "call buttons")),
    PartType.COPY_CODE: (1, Text("Code-Knöpfe", "code buttons")),
}
_MARKUP: Final = re.compile(r"[\n\r*_~`\u2600-\u27bf\U0001f000-\U0001faff]")
#: a variable first or last: Meta looks past signs, emojis and line ends
EDGE: Final = re.compile(r"\A[\W_]*\{\{\w+\}\}|\{\{\w+\}\}[\W_]*\Z")
_LETTER: Final = re.compile(r"[^\W_]")
_ADDRESS: Final = re.compile(r"https://[^\s/.]+\.[^\s/]+(/\S*)?\Z|http://127\.0\.0\.1:\d+/\S*\Z")
_HIDDEN: Final = re.compile(r"//(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|wa\.me)(?:/|\Z)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")


def lint_parts(notification: Notification, body: str, parts: Parts, ours: Sequence[str]) -> list[Finding]:
    """What is wrong with what stands around a text; `ours` are the variables that its kind has."""
    around = (_header(parts, ours), _media(notification, parts), _footer(parts), _buttons(notification, parts))
    offers = (_offer(notification, body, parts), _cards(notification, parts), _promotion(notification, parts))
    law = (_only_a_question(notification, parts), _own_picture(notification, parts))
    return [finding for found in (*around, *offers, *law) for finding in found]


def has_article(notification: Notification) -> bool:
    """Whether its messages are about an article, whose picture can be shown."""
    return notification.subject_type in (SubjectType.CART, SubjectType.PRODUCT)


def _header(parts: Parts, ours: Sequence[str]) -> Iterator[Finding]:
    words = parts.header.text if parts.header else ""
    names = PLACEHOLDER.findall(words)
    if parts.header and not parts.header.source and not words.strip():
        yield _fault("header_empty", "Die Überschrift ist leer.", "The heading is empty.", *_FILL_OR_NONE)
    room = LEAST if names else 0
    if length(PLACEHOLDER.sub("", words)) + room > MAX_HEADER or length(words) > MAX_HEADER:
        yield _too_long("header_too_long", Text("Die Überschrift", "The heading"), MAX_HEADER)
    if _MARKUP.search(PLACEHOLDER.sub("", words)):
        yield _no_markup("header_markup", Text("Die Überschrift", "The heading"))
    if names and not _LETTER.search(PLACEHOLDER.sub("", words)):
        yield _fault(
            "header_only_variable",
            "In der Überschrift steht nur ein Platzhalter.",
            "The heading holds nothing but a variable.",
            "Setzen Sie ein Wort dazu.",
            "Put a word beside it.",
        )
    if len(names) > 1 or any(name not in ours for name in names):
        yield _fault(
            "header_variable",
            "In der Überschrift steht mehr als ein Platzhalter, oder einer, den es hier nicht gibt.",
            "The heading holds more than one variable, or one that does not exist here.",
            "Nehmen Sie höchstens einen, und zwar aus der Liste unter dem Text.",
            "Use one at most, from the list below the text.",
        )


_FILL_OR_NONE: Final = (
    "Schreiben Sie etwas, oder wählen Sie „nichts“.",
    "Write something, or choose “nothing”.",
)


def _media(notification: Notification, parts: Parts) -> Iterator[Finding]:
    if ITEM in parts.sources and not has_article(notification):
        yield _fault(
            "no_article",
            "Diese Nachricht handelt von keinem bestimmten Artikel, also gibt es kein Bild dazu.",
            "This message is about no particular article, so there is no picture of one.",
            "Nehmen Sie ein eigenes Bild.",
            "Use a picture of your own.",
        )


def _footer(parts: Parts) -> Iterator[Finding]:
    if length(parts.footer) > MAX_FOOTER:
        yield _too_long("footer_too_long", Text("Die Fußzeile", "The footer"), MAX_FOOTER)
    if "{{" in parts.footer or "\n" in parts.footer:
        yield _fault(
            "footer_variable",
            "Die Fußzeile darf weder Platzhalter noch Zeilenumbrüche haben.",
            "The footer may have neither variables nor line breaks.",
            "Schreiben Sie einen Satz, der für alle gleich ist.",
            "Write a sentence that is the same for everybody.",
        )


def _buttons(notification: Notification, parts: Parts) -> Iterator[Finding]:
    for type_, (most, name) in MOST.items():
        if sum(button.type is type_ for button in parts.buttons) > most:
            yield _fault(
                "too_many_buttons",
                f"Zu viele {name.de}: WhatsApp erlaubt {most}.",
                f"Too many {name.en}: WhatsApp allows {most}.",
                *_REMOVE,
            )
    if len(notification.buttons) + len(parts.buttons) > MAX_BUTTONS:
        yield _fault("too_many_buttons", "Zu viele Knöpfe.", "Too many buttons.", *_REMOVE)
    titles = [title.de for _, title in notification.buttons] + [b.title for b in parts.buttons if b.title]
    if len(set(titles)) < len(titles):
        yield _fault(
            "same_title",
            "Zwei Knöpfe heißen gleich.",
            "Two buttons have the same name.",
            "Geben Sie jedem Knopf einen eigenen Namen.",
            "Give each button a name of its own.",
        )
    if any(b.type is PartType.COPY_CODE for b in parts.buttons) and notification.purpose not in MARKETING:
        yield _only_advertising("code_in_service", Text("Ein Gutschein-Code", "A voucher code"))
    for button in parts.buttons:
        yield from _button(button)


_REMOVE: Final = ("Nehmen Sie einen heraus.", "Take one out.")


def _button(button: LinkButton) -> Iterator[Finding]:
    if button.type is PartType.COPY_CODE:
        return
    title = button.title
    if not 1 <= length(title.strip()) <= MAX_BUTTON or _MARKUP.search(title) or "{{" in title:
        yield _fault(
            "button_title",
            f"„{title}“ ist kein Name für einen Knopf.",
            f"“{title}” is no name for a button.",
            f"Ein bis {MAX_BUTTON} Zeichen, ohne Platzhalter, Emojis und Zeilenumbrüche.",
            f"One to {MAX_BUTTON} characters, without variables, emojis and line breaks.",
        )
    if button.type is PartType.PHONE and not _NUMBER.match(button.value):
        yield _fault(
            "phone_number",
            "Die Nummer zum Anrufen ist nicht vollständig.",
            "The number to call is not complete.",
            "Schreiben Sie sie mit Landesvorwahl, zum Beispiel +49 221 47110900.",
            "Write it with its country code, for example +49 221 47110900.",
        )
    if button.type is PartType.URL:
        yield from _link(button)


def _link(button: LinkButton) -> Iterator[Finding]:
    if not _ADDRESS.match(button.value) or len(button.value) > MAX_URL or "{{" in button.value:
        yield _fault(
            "link_address",
            f"Der Knopf „{button.title}“ führt nirgendwohin.",
            f"The button “{button.title}” leads nowhere.",
            "Schreiben Sie die ganze Adresse, zum Beispiel https://www.mein-shop.de/agb.",
            "Write the whole address, for example https://www.my-shop.example/terms.",
        )
    elif _HIDDEN.search(button.value):
        yield _fault(
            "short_link",
            f"Der Knopf „{button.title}“ versteckt, wohin er führt.",
            f"The button “{button.title}” hides where it leads.",
            "Meta lehnt gekürzte Links ab. Nehmen Sie die Adresse Ihres Shops.",
            "Meta refuses shortened links. Use your shop's own address.",
        )


def _offer(notification: Notification, body: str, parts: Parts) -> Iterator[Finding]:
    if not parts.offer:
        return
    types = [button.type for button in parts.buttons]
    if notification.purpose not in MARKETING:
        yield _only_advertising("offer_in_service", Text("Ein Angebot mit Frist", "A limited-time offer"))
    if length(parts.offer) > MAX_OFFER or _MARKUP.search(parts.offer) or "{{" in parts.offer:
        yield _too_long("offer_too_long", Text("Die Überschrift des Angebots", "The offer's heading"), MAX_OFFER)
    if length(body) > MAX_OFFER_BODY:
        yield _too_long("offer_body", Text("Der Text eines Angebots mit Frist", "A limited-time offer"), MAX_OFFER_BODY)
    if parts.footer:
        yield _fault("offer_footer", "Ein Angebot mit Frist hat keine Fußzeile.", "A limited-time offer has no footer.",
                     "Schreiben Sie den Satz in den Text.", "Write that sentence into the text.")  # fmt: skip
    if PartType.URL not in types or types[:1] != [PartType.COPY_CODE]:
        yield _fault(
            "offer_buttons",
            "Ein Angebot mit Frist braucht einen Code-Knopf und einen Link-Knopf.",
            "A limited-time offer needs a code button and a link button.",
            "Wählen Sie beide.",
            "Choose both.",
        )


def _cards(notification: Notification, parts: Parts) -> Iterator[Finding]:
    cards = parts.cards
    if not cards:
        return
    if notification.purpose not in MARKETING:
        yield _only_advertising("cards_in_service", Text("Karten zum Wischen", "Cards to swipe through"))
    if len(cards) not in CARDS:
        yield _fault(
            "cards_count",
            f"Es müssen {CARDS[0]} bis {CARDS[-1]} Karten sein.",
            f"There must be {CARDS[0]} to {CARDS[-1]} cards.",
            "Eine einzelne nehmen Sie besser als Bild über dem Text.",
            "A single one is better as the picture above the text.",
        )
    if parts.header or parts.footer or parts.buttons or parts.offer or notification.buttons:
        yield _fault(
            "cards_alone",
            "Neben Karten erlaubt WhatsApp weder Überschrift noch Fußzeile noch Knöpfe unter dem Text.",
            "Beside cards WhatsApp allows neither heading nor footer nor buttons below the text.",
            "Nehmen Sie sie heraus; jede Karte hat ihren eigenen Knopf.",
            "Take them out; each card has its own button.",
        )
    if len({tuple(button.type for button in card.buttons) for card in cards}) > 1:
        yield _fault(
            "cards_alike",
            "Die Karten haben verschiedene Knöpfe.",
            "The cards have different buttons.",
            "Alle müssen gleich viele und gleiche Knöpfe haben.",
            "All must have the same buttons.",
        )
    if any(card.own for card in cards) and notification.subject_type is not SubjectType.CART:
        yield _fault(
            "no_goods",
            "Diese Nachricht handelt von keinem Warenkorb, also gibt es keine Artikel für die Karten.",
            "This message is about no cart, so there are no articles for the cards.",
            "Nehmen Sie Karten mit eigenen Bildern.",
            "Use cards with pictures of your own.",
        )
    for number, card in enumerate(cards, 1):
        if not card.file or not _reads_well(card):
            yield _fault(
                "card",
                f"Karte {number} ist nicht fertig.",
                f"Card {number} is not complete.",
                f"Sie braucht ein Bild und einen Satz mit höchstens {MAX_CARD_BODY} Zeichen. Bei Artikeln des "
                "Warenkorbs steht {{item}} darin, aber nicht am Anfang oder Ende; sonst kein Platzhalter.",
                f"It needs a picture, and a sentence of {MAX_CARD_BODY} characters at most. With articles of the cart "
                "it holds {{item}}, but not first or last; otherwise no variable.",
            )
        if not 1 <= len(card.buttons) <= MAX_CARD_BUTTONS:
            yield _fault(
                "card_buttons",
                f"Karte {number} braucht einen Knopf.",
                f"Card {number} needs a button.",
                "Schreiben Sie seinen Namen und wohin er führt.",
                "Write its name and where it leads.",
            )
        for button in card.buttons:
            yield from _button(button)


def _reads_well(card: CardPart) -> bool:
    """Whether a card's sentence is one that WhatsApp takes, filled in, too."""
    names, plain = PLACEHOLDER.findall(card.text), PLACEHOLDER.sub("", card.text)
    room = MAX_CARD_BODY - len(names) * LONGEST_ITEM
    whole = 1 <= length(plain.strip()) <= room and not set("{}\n") & set(plain) and not EDGE.search(card.text)
    return whole and (names == [ITEM] if card.own else not names)


def _promotion(notification: Notification, parts: Parts) -> Iterator[Finding]:
    header = parts.header.text if parts.header else ""
    for words in (header, parts.footer, *(button.title for button in parts.buttons)):
        if finding := advertising(words, notification.purpose):
            yield finding


def _only_a_question(notification: Notification, parts: Parts) -> Iterator[Finding]:
    """A confirmation request holds nothing that leads on, and no picture: nobody can read what a picture says."""
    leads_on = bool(parts.buttons) or any(kind is not HeaderType.TEXT for kind in parts.sources.values())
    if notification.purpose is Purpose.DOI_REQUEST and leads_on:
        yield _fault(
            "advertising_in_request",
            "Eine Bitte um Bestätigung darf weder Bilder noch Knöpfe zu Ihrem Shop haben.",
            "A request for confirmation may have neither pictures nor buttons to your shop.",
            "Nehmen Sie sie heraus. Sonst ist schon die Frage eine unerlaubte Werbung.",
            "Take them out. Otherwise the question itself is unlawful advertising.",
        )


def _own_picture(notification: Notification, parts: Parts) -> Iterator[Finding]:
    if notification.purpose in MARKETING or not any(parts.sources.keys() - {ITEM, DOCUMENT}):
        return
    yield Finding(
        "picture_in_service",
        Level.HINT,
        Text("Ihr Bild steht in einer Nachricht zur Bestellung.", "Your picture stands in a message about an order."),
        Text(
            "Es darf für nichts werben: kein Rabatt, kein neues Produkt.",
            "It may advertise nothing: no discount, no new product.",
        ),
    )


def _only_advertising(code: str, what: Text) -> Finding:
    return _fault(
        code,
        f"{what.de} ist Werbung. In dieser Nachricht ist das nicht erlaubt.",
        f"{what.en}: that is advertising, and not allowed in this message.",
        "Nehmen Sie es für Nachrichten an Menschen, die Werbung wollen.",
        "Use it in messages to people who want advertising.",
    )


def _too_long(code: str, what: Text, most: int) -> Finding:
    return _fault(
        code,
        f"{what.de} ist zu lang oder enthält, was dort nicht stehen darf.",
        f"{what.en} is too long, or holds what may not stand there.",
        f"WhatsApp erlaubt {most} Zeichen. Kürzen Sie.",
        f"WhatsApp allows {most} characters. Shorten it.",
    )


def _no_markup(code: str, what: Text) -> Finding:
    return _fault(
        code,
        f"{what.de} enthält Emojis, Sternchen oder Zeilenumbrüche.",
        f"{what.en} holds emojis, asterisks or line breaks.",
        "Meta lehnt das dort ab. Nehmen Sie sie heraus.",
        "Meta refuses them there. Take them out.",
    )


def _fault(code: str, de: str, en: str, todo_de: str, todo_en: str) -> Finding:
    return Finding(code, Level.FAULT, Text(de, en), Text(todo_de, todo_en))
