"""What is told about an article, to whoever asked for it once (reference/law.md section 2)."""

from datetime import timedelta

from integration.domain.consent import Purpose
from integration.domain.events import Milestone
from integration.domain.notifications.kind import Notification, Subject, SubjectType, Variables
from integration.domain.text import Text


def _sold_out_again(subject: Subject) -> str:
    """`detail` names the article: a variant, or a product, which is there as soon as one of its variants is."""
    product, wanted = subject.product, subject.detail
    if not product["published"]:
        return "sold_out"
    own = [variant for variant in product["variants"] if variant["id"] == wanted] or product["variants"]
    return "" if any(variant["in_stock"] for variant in own) else "sold_out"


def _article(subject: Subject) -> Variables:
    product = subject.product
    named = next((v["name"] for v in product["variants"] if v["id"] == subject.detail), "")
    name = product["name"] if named in ("", product["name"]) else f"{product['name']} – {named}"
    person = subject.person.name.partition(" ")[0] if subject.person else ""
    return {
        "name": person or Text("und guten Tag", "there").in_(subject.language),
        "shop": subject.shop_name,
        "item": name[:80],
        "link": product["url"] or Text("im Shop", "in the shop").in_(subject.language),
    }


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
    ),
)
