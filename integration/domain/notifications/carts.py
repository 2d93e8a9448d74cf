"""Reminders of carts that somebody left. A sweep calls for them (flow.carts.reminders), no milestone."""

from collections.abc import Mapping, Sequence
from typing import Any

from integration.domain.carts.carts import DELAY, EXPIRES_AFTER, LONGEST_DELAY, SOONEST
from integration.domain.consent.consent import Purpose
from integration.domain.notifications.kind import (
    Notification,
    Pictured,
    Subject,
    SubjectType,
    Variables,
    first_name,
)
from integration.domain.text import Text

LONGEST_NAME = 80


def _cart_words(subject: Subject) -> Variables:
    """`more` holds the way back into the cart (`link`), and what is said about a voucher.

    That is a sentence (`note`), and for who wants buttons its `code` and when it `ends`.
    """
    return {name: subject.more[name] for name in ("code", "ends") if name in subject.more} | {
        "name": first_name(subject.cart, subject.language),
        "shop": subject.shop_name,
        "items": items_of(subject.cart["items"], subject.language),
        "note": subject.more.get("note") or _SAVED.in_(subject.language),
        "link": subject.more.get("link") or subject.cart["recovery_url"],
    }


def items_of(items: Sequence[Mapping[str, Any]], language: str) -> str:
    """The first item by its name, and how many others there are."""
    names = [str(item["name"]) for item in items if item["name"]]
    if not names:
        return Text("Artikel aus dem Shop", "items from the shop").in_(language)
    first, more = names[0], len(items) - 1
    first = first if len(first) <= LONGEST_NAME else first[: LONGEST_NAME - 1].rstrip() + "…"
    if more <= 0:
        return first
    one, several = Text("und ein weiterer Artikel", "and one more item"), Text("weitere Artikel", "more items")
    rest = one.in_(language) if more == 1 else f"{Text('und', 'and').in_(language)} {more} {several.in_(language)}"
    return f"{first} {rest}"


_SAVED = Text("Der Warenkorb ist noch gespeichert.", "The cart is still saved.")

CARTS: tuple[Notification, ...] = (
    Notification(
        kind="abandoned_cart",
        purpose=Purpose.ABANDONED_CART,
        subject_type=SubjectType.CART,
        title=Text("Warenkorb-Erinnerung", "Cart reminder"),
        when=Text("ein Warenkorb liegen bleibt", "a cart is left behind"),
        delay=DELAY,
        delays=(SOONEST, LONGEST_DELAY),
        expires_after=EXPIRES_AFTER,
        unless=lambda subject: "",
        variables=_cart_words,
        bodies={
            (
                "de",
                "du",
            ): "Hallo {{name}}, bei {{shop}} liegt noch etwas in deinem Warenkorb, nämlich {{items}}. Gut zu "
            "wissen: {{note}} Hier geht es weiter: {{link}} – keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, bei {{shop}} liegt noch etwas in Ihrem Warenkorb, nämlich {{items}}. "
            "Gut zu wissen: {{note}} Hier geht es weiter: {{link}} – keine Werbung mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, something is still in your cart at {{shop}}, namely {{items}}. Good to know: "
            "{{note}} Go on here: {{link}} – no more offers? Reply STOP.",
        },
        codes=True,
        pictured=Pictured(
            button=Text("Zum Warenkorb", "Go to the cart"),
            bodies={
                (
                    "de",
                    "du",
                ): "Hallo {{name}}, bei {{shop}} liegt noch etwas in deinem Warenkorb, nämlich {{items}}. Gut zu "
                "wissen: {{note}} Mit dem Knopf geht es weiter. Keine Werbung mehr? Antworte mit STOP.",
                ("de", "sie"): "Guten Tag {{name}}, bei {{shop}} liegt noch etwas in Ihrem Warenkorb, nämlich "
                "{{items}}. Gut zu wissen: {{note}} Mit dem Knopf geht es weiter. Keine Werbung mehr? Antworten Sie "
                "mit STOP.",
                ("en", ""): "Hello {{name}}, something is still in your cart at {{shop}}, namely {{items}}. Good to "
                "know: {{note}} Go on with the button. No more offers? Reply STOP.",
            },
        ),
    ),
)
