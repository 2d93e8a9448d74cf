"""What the web part gets from outside: everything comes in by argument, wiring builds it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from integration.domain.numbers.ports import ChannelWebhook
from integration.domain.shops.ports import ShopConnector
from integration.flow.webhooks.plugin import PluginGate
from integration.flow.world import World
from integration.store.webhooks.inbox import InboxItem


class Intake(Protocol):
    """The writer behind the webhooks: `put` returns only after the commit (flow.receive.Intake)."""

    async def put(self, item: InboxItem) -> None:
        """Store one received body."""


class OptOut(Protocol):
    """The page that stops messages without a login (flow.consent.optout.OptOutPage)."""

    def company(self, token: str) -> str | None:
        """Whose messages this link stops; None when it is none."""

    def stop(self, token: str, *, everything: bool) -> bool:
        """Withdraw at once."""


@dataclass(frozen=True, slots=True)
class ShopEndpoint:
    """One shop as the web sees it. `secrets` gives the webhook secrets that are valid now."""

    slug: str
    name: str
    platform: str
    company: str
    connector: ShopConnector
    secrets: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class SenderEndpoint:
    """One WhatsApp number as the web sees it."""

    slug: str
    company: str
    verify_token: str
    app_secret: str
    webhook: ChannelWebhook
    display_number: str
    webhook_header: str = ""


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The owner's choices. `embed_from` is the one origin that may frame the dashboard and sign its frame in.

    `alarm_routes` say where alarms go besides the dashboard, `trusted_proxies` who may say where a visitor is from.
    """

    language: str
    time_zone: str
    public_url: str
    embed_from: str | None
    secure_cookies: bool
    demo: bool
    alarm_routes: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Everything the app needs. `ready` lists what is wrong, nothing when all is well; `hasten` reads a shop soon.

    `world` is what the use cases behind pages, forms and documents take; `frames` are the origins of websites that
    may show a sign-up form in a frame. `gate` is the process's one gate for facts of plugins, whichever way they come:
    two would let in a replay each. `deletions` says what would be deleted now: kind of data, up to when, how many.
    """

    world: World
    intake: Intake
    config: WebConfig
    shops: Mapping[str, ShopEndpoint]
    senders: Mapping[str, SenderEndpoint]
    ready: Callable[[], list[str]]
    hasten: Callable[[str], None]
    deletions: Callable[[], Iterable[tuple[str, datetime, int]]]
    opt_out: OptOut | None = None
    frames: Sequence[str] = ()
    gate: PluginGate = field(init=False)

    def __post_init__(self) -> None:
        gate = PluginGate(self.world.database, self.world.vault, self._put, self.world.clock)
        object.__setattr__(self, "gate", gate)

    async def _put(self, item: InboxItem) -> None:
        await self.intake.put(item)
