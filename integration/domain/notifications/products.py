"""What is told about an article, to whoever asked for it once (docs/reference/law.md section 2)."""

from datetime import timedelta
from decimal import Decimal

from integration.domain.consent.consent import Purpose
from integration.domain.money import amount
from integration.domain.notifications.kind import Notification, Pictured, Subject, SubjectType, Variables, person_name
from integration.domain.shops.events import Milestone
from integration.domain.shops.prices import Before, cheapest, meant, read
from integration.domain.text import Text
from integration.domain.values import linked


def _sold_out_again(subject: Subject) -> str:
    """`detail` names the article: a variant, or a product, which is there as soon as one of its variants is."""
    own = meant(subject.product, subject.detail)
    there = subject.product["published"] and any(variant["in_stock"] for variant in own)
    return "" if there else "sold_out"


def _not_cheaper(subject: Subject) -> str:
    """`more` holds what the price has to be below; right before it leaves, its preparation looks again."""
    offered = cheapest(subject.product, subject.detail)
    if offered is None:
        return "sold_out"
    lowest, asked = subject.more.get("lowest"), subject.more.get("asked")
    before, price = (Before(Decimal(lowest), Decimal(asked)) if lowest and asked else None), read(offered["price"])
    return "" if before is None or (price is not None and before.allows(price)) else "not_cheaper"


def _article(subject: Subject) -> Variables:
    product = subject.product
    named = next((v["name"] for v in product["variants"] if v["id"] == subject.detail), "")
    name = product["name"] if named in ("", product["name"]) else f"{product['name']} – {named}"
    return {
        "name": person_name(subject),
        "shop": subject.shop_name,
        "item": name[:80],
        "link": linked(product["url"], Text("im Shop", "in the shop").in_(subject.language)),
    }


def _priced(subject: Subject) -> Variables:
    product, language = subject.product, subject.language
    offered = cheapest(product, subject.detail)
    price = amount(offered["price"] if offered else "", product["currency"], language)
    several = len({variant["price"] for variant in meant(product, subject.detail)}) > 1
    before = amount(subject.more.get("lowest") or "", product["currency"], language)
    return _article(subject) | {
        "price": f"{Text('ab', 'from').in_(language)} {price}" if several else price,
        "before": before,
    }


_SEE = Text("Zum Artikel", "See the article")

PRODUCTS: tuple[Notification, ...] = (
    Notification(
        kind="back_in_stock",
        purpose=Purpose.BACK_IN_STOCK,
        subject_type=SubjectType.PRODUCT,
        title=Text("Wieder da", "Back in stock"),
        when=Text(
            "ein Artikel wieder da ist, an jede Person, die darum gebeten hat, und nur einmal",
            "an article is back, to everybody who asked for that, and only once",
        ),
        on=frozenset({Milestone.BACK_IN_STOCK}),
        expires_after=timedelta(hours=48),
        unless=_sold_out_again,
        variables=_article,
        bodies={
            ("de", "du"): "Hallo {{name}}, du wolltest es wissen: {{item}} ist bei {{shop}} wieder da. Hier geht es "
            "dorthin: {{link}} – das war die eine Nachricht dazu. Keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Sie wollten es wissen: {{item}} ist bei {{shop}} wieder da. Hier geht "
            "es dorthin: {{link}} – das war die eine Nachricht dazu. Keine Werbung mehr? Antworten Sie mit STOP.",
            (
                "en",
                "",
            ): "Hello {{name}}, you wanted to know: {{item}} is back at {{shop}}. You find it here: {{link}} – "
            "this was the one message about it. No more offers? Reply STOP.",
        },
        pictured=Pictured(
            button=_SEE,
            bodies={
                ("de", "du"): "Hallo {{name}}, du wolltest es wissen: {{item}} ist bei {{shop}} wieder da. Das war die "
                "eine Nachricht dazu. Keine Werbung mehr? Antworte mit STOP.",
                ("de", "sie"): "Guten Tag {{name}}, Sie wollten es wissen: {{item}} ist bei {{shop}} wieder da. Das "
                "war die eine Nachricht dazu. Keine Werbung mehr? Antworten Sie mit STOP.",
                ("en", ""): "Hello {{name}}, you wanted to know: {{item}} is back at {{shop}}. This was the one "
                "message about it. No more offers? Reply STOP.",
            },
        ),
    ),
    Notification(
        kind="price_drop",
        purpose=Purpose.PRICE_DROP,
        subject_type=SubjectType.PRODUCT,
        title=Text("Günstiger", "Price drop"),
        when=Text(
            "ein Artikel günstiger wird, an jede Person, die darum gebeten hat, und nur einmal",
            "an article gets cheaper, to everybody who asked for that, and only once",
        ),
        on=frozenset({Milestone.PRICE_DROP}),
        expires_after=timedelta(hours=48),
        unless=_not_cheaper,
        variables=_priced,
        bodies={
            ("de", "du"): "Hallo {{name}}, du wolltest es wissen: {{item}} kostet bei {{shop}} jetzt {{price}}. Der "
            "niedrigste Preis der 30 Tage davor war {{before}}. Hier geht es dorthin: {{link}} – das war die eine "
            "Nachricht dazu. Keine Werbung mehr? Antworte mit STOP.",
            ("de", "sie"): "Guten Tag {{name}}, Sie wollten es wissen: {{item}} kostet bei {{shop}} jetzt {{price}}. "
            "Der niedrigste Preis der 30 Tage davor war {{before}}. Hier geht es dorthin: {{link}} – das war die eine "
            "Nachricht dazu. Keine Werbung mehr? Antworten Sie mit STOP.",
            ("en", ""): "Hello {{name}}, you wanted to know: {{item}} costs {{price}} at {{shop}} now. The lowest "
            "price of the 30 days before was {{before}}. You find it here: {{link}} – this was the one message about "
            "it. No more offers? Reply STOP.",
        },
        pictured=Pictured(
            button=_SEE,
            bodies={
                ("de", "du"): "Hallo {{name}}, du wolltest es wissen: {{item}} kostet bei {{shop}} jetzt {{price}}. "
                "Der niedrigste Preis der 30 Tage davor war {{before}}. Das war die eine Nachricht dazu. Keine "
                "Werbung mehr? Antworte mit STOP.",
                ("de", "sie"): "Guten Tag {{name}}, Sie wollten es wissen: {{item}} kostet bei {{shop}} jetzt "
                "{{price}}. Der niedrigste Preis der 30 Tage davor war {{before}}. Das war die eine Nachricht dazu. "
                "Keine Werbung mehr? Antworten Sie mit STOP.",
                ("en", ""): "Hello {{name}}, you wanted to know: {{item}} costs {{price}} at {{shop}} now. The lowest "
                "price of the 30 days before was {{before}}. This was the one message about it. No more offers? "
                "Reply STOP.",
            },
        ),
    ),
)
