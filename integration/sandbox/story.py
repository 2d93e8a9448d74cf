"""The story: eight steps that show in a minute what Ladenbote does and what it leaves alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.orders import Order
from integration.sandbox.shopify import records

if TYPE_CHECKING:
    from integration.sandbox.stage import Stage

PATIENCE: Final = 10.0
"""How long a step waits for what should happen."""
LOOKED_AT: Final = 45.0
"""How long it takes until somebody looks at a cart that was left, asks the shop, and writes."""
LEFT: Final = timedelta(hours=3, minutes=5)
"""How long ago the cart of the play was left: as long as reminders wait."""
QUIET: Final = 2.0
"""How long it must stay silent where nothing should happen."""


SOURCE: Final = "ladenbote"
"""The source that the reminder's link names."""


class Play:
    """One performance: the orders so far, and what has been accepted since a mark."""

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.orders: dict[str, Order | records.Order] = {}

    def mark(self) -> set[str]:
        """The message ids known now."""
        return {row["wamid"] for row in self.stage.graph.accepted}

    def new(self, known: set[str], customer: str) -> list[dict[str, Any]]:
        """Templates accepted for this customer, or for a stranger, since the mark."""
        return [
            row for row in self.stage.graph.accepted
            if row["wamid"] not in known and row["kind"] == "template"
            # a number nobody has would be the harvest of a mistyped phone
            and (row["customer"] == customer or row["customer"].startswith("+"))
        ]  # fmt: skip

    async def arrived(self, known: set[str], customer: str, kind: str = "", within: float = 0) -> bool:
        """Wait for a template message to this customer, of one kind or of any; `within` seconds, 0: as always."""

        def came() -> bool:
            return any(kind in row["template"] for row in self.new(known, customer))

        return await self.stage.bus.until(came, within or PATIENCE)

    async def replied(self, customer: str, words: str) -> bool:
        """The customer writes, and gets an answer."""
        stage, known = self.stage, self.mark()
        stage.reply(stage.phones.at(CUSTOMERS[customer].e164), words)

        def came() -> bool:
            return any(row["wamid"] not in known and row["customer"] == customer for row in stage.graph.accepted)

        return await stage.bus.until(came, PATIENCE)

    async def answered(self, subject: str) -> bool:
        """Wait until the worker has taken every webhook about this."""
        rows = [d for d in self.stage.courier.log if d.subject == subject]
        await self.stage.bus.until(lambda: all(d.finished for d in rows), PATIENCE)
        return bool(rows) and all(d.delivered for d in rows)

    async def silent(self, known: set[str], customer: str, subject: str) -> bool:
        """The worker took the webhooks and sent nothing."""
        taken = await self.answered(subject)
        spoke = await self.stage.bus.until(lambda: bool(self.new(known, customer)), QUIET)
        return taken and not spoke


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its caption in both languages."""

    key: str
    customer: str
    de: str
    en: str
    run: Callable[[Play], Awaitable[bool]]


async def _anna_orders(show: Play) -> bool:
    known = show.mark()
    order = show.stage.woocommerce.place_order("anna", consent=True, paid=True, duplicates=5)
    show.orders["anna"] = order
    if not await show.arrived(known, "anna") or not await show.answered(order.number):
        return False
    await asyncio.sleep(QUIET / 2)
    templates = [row["template"] for row in show.new(known, "anna")]
    return len(templates) == len(set(templates))


async def _ben_orders(show: Play) -> bool:
    known = show.mark()
    show.orders["ben"] = show.stage.shopify.place_order("ben", consent=True, paid=True)
    return await show.arrived(known, "ben")


async def _carla_orders(show: Play) -> bool:
    known = show.mark()
    order = show.stage.woocommerce.place_order("carla", consent=False, paid=True)
    return await show.silent(known, "carla", order.number)


async def _deniz_orders(show: Play) -> bool:
    known = show.mark()
    order = show.stage.woocommerce.place_order("deniz", consent=True, phone="kein anruf bitte", paid=True)
    return await show.silent(known, "deniz", order.number)


async def _both_ship(show: Play) -> bool:
    known = show.mark()
    show.stage.ship(show.stage.woocommerce, show.orders["anna"])
    show.stage.ship(show.stage.shopify, show.orders["ben"])
    anna = await show.arrived(known, "anna")
    return await show.arrived(known, "ben") and anna


async def _ben_leaves(show: Play) -> bool:
    agreed = await show.replied("ben", "START") and await show.replied("ben", "JA")
    known = show.mark()
    show.stage.woocommerce.leave_cart("ben", ago=LEFT)
    return agreed and await show.arrived(known, "ben", "abandoned_cart", LOOKED_AT)


async def _ben_returns(show: Play) -> bool:
    await asyncio.sleep(QUIET)  # shops count in whole seconds: he buys after the reminder, not with it
    known = show.mark()
    order = show.stage.woocommerce.come_back("ben", SOURCE)
    if order is None or not await show.arrived(known, "ben", "order_confirmation"):
        return False
    await asyncio.sleep(QUIET / 2)
    return not any("abandoned_cart" in row["template"] for row in show.new(known, "ben"))


async def _anna_stops(show: Play) -> bool:
    stage, known = show.stage, show.mark()
    order = stage.woocommerce.place_order("anna", [(1, 1)], consent=True, paid=True)
    confirmed = await show.arrived(known, "anna")
    message = stage.reply(stage.phones.at(order.customer.e164), "STOP ALLES")
    heard = await stage.bus.until(lambda: message.status == "delivered", PATIENCE)
    await asyncio.sleep(QUIET / 2)
    known = show.mark()
    stage.ship(stage.woocommerce, order)
    return await show.silent(known, "anna", order.number) and confirmed and heard


STEPS: Final = (
    Step(
        "anna_orders",
        "anna",
        "Anna bestellt Kaffee und setzt das Häkchen. Der Shop meldet die Bestellung fünfmal: "
        "Anna bekommt genau eine Bestätigung.",
        "Anna orders coffee and ticks the box. The shop reports the order five times: "
        "Anna gets exactly one confirmation.",
        _anna_orders,
    ),
    Step(
        "ben_orders",
        "ben",
        "Ben bestellt im Teeladen, einem Shopify-Shop. Auch er hat zugestimmt und bekommt seine Bestätigung.",
        "Ben orders at the tea shop, which runs on Shopify. He agreed too and gets his confirmation.",
        _ben_orders,
    ),
    Step(
        "carla_orders",
        "carla",
        "Carla lässt das Häkchen weg. Sie bekommt keine Nachricht, und das Dashboard nennt den Grund.",
        "Carla leaves the box unticked. She gets no message, and the dashboard says why.",
        _carla_orders,
    ),
    Step(
        "deniz_orders",
        "deniz",
        "Deniz schreibt „kein anruf bitte“ ins Telefonfeld. Niemand wird angeschrieben, der Grund ist vermerkt.",
        "Deniz types “kein anruf bitte” (no calls please) as the phone number. "
        "Nobody is messaged, and the reason is recorded.",
        _deniz_orders,
    ),
    Step(
        "both_ship",
        "anna",
        "Beide Pakete gehen mit DHL auf die Reise. Anna und Ben bekommen den Link zur Sendungsverfolgung.",
        "Both parcels leave with DHL. Anna and Ben get their tracking links.",
        _both_ship,
    ),
    Step(
        "ben_leaves",
        "ben",
        "Ben hat im Chat gesagt, dass er erinnert werden möchte, und vor drei Stunden Kaffee im Warenkorb gelassen. "
        "Der Shop wird noch einmal gefragt, dann kommt genau eine Erinnerung.",
        "Ben said in the chat that he likes to be reminded, and left coffee in his cart three hours ago. "
        "The shop is asked once more, then exactly one reminder comes.",
        _ben_leaves,
    ),
    Step(
        "ben_returns",
        "ben",
        "Ben folgt dem Link und kauft. Die Bestellung zählt als zurückgewonnen, und niemand erinnert ihn mehr.",
        "Ben follows the link and buys. The order counts as brought back, and nobody reminds him any more.",
        _ben_returns,
    ),
    Step(
        "anna_stops",
        "anna",
        "Anna bestellt noch einmal und schreibt dann „STOP ALLES“. Das zweite Paket geht raus, ohne Nachricht.",
        "Anna orders again, then writes “STOP ALLES” (stop everything). The second parcel ships, without a message.",
        _anna_stops,
    ),
)


def script() -> list[dict[str, Any]]:
    """The steps before the play begins."""
    return [
        {"key": s.key, "customer": s.customer, "de": s.de, "en": s.en, "state": "waiting", "ok": None} for s in STEPS
    ]


async def play(stage: "Stage", pause: float) -> list[dict[str, Any]]:
    """Play all steps, waiting for each visible effect and then `pause` seconds; says how each went."""
    show, rows = Play(stage), script()
    stage.story = {"running": True, "steps": rows}
    try:
        for step, row in zip(STEPS, rows, strict=True):
            row["state"] = "running"
            stage.bus.changed()
            row["ok"] = await step.run(show)
            row["state"] = "done" if row["ok"] else "failed"
            stage.bus.changed()
            await asyncio.sleep(pause)
    finally:
        stage.story["running"] = False
        stage.bus.changed()
    return rows
