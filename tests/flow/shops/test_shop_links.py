"""Links of shops: keys from the settings, keys that a shop handed over, drawn secrets, the address of webhooks."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route
from worlds import Clock

from integration.domain.errors import ShopRefused
from integration.run.shop_links import PATIENCE, ShopLinks
from integration.run.wiring import build_world, first_key
from integration.settings.settings import load
from integration.store import secrets, tables
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.web.public.connect import ConnectCallback

SETTINGS = """
public_url = "{public}"
[companies.firma]
name = "Firma"
[senders.nummer]
phone_number_id = "1"
token = "EAAG"
app_secret = "app"
verify_token = "wort"
[shops.laden]
platform = "woocommerce"
name = "Laden"
url = "https://laden.example"
[shops.tee]
platform = "shopify"
name = "Tee"
domain = "tee.myshopify.com"
access_token = "shpat_x"
"""
KEYS = {"consumer_key": "ck_neu", "consumer_secret": "cs_neu", "key_permissions": "read_write"}


def links_on(database: Database, folder: Path, clock: Clock, public: str = "https://bote.example") -> ShopLinks:
    file = folder / "settings.toml"
    file.write_text(SETTINGS.format(public=public))
    settings = load(file)
    first_key(settings, folder)
    shops = build_world(settings, folder).shops
    return ShopLinks(settings, shops, database, Vault(b"\1" * 32), clock)


@pytest.fixture
def links(database: Database, tmp_path: Path, clock: Clock) -> Iterator[ShopLinks]:
    made = links_on(database, tmp_path, clock)
    yield made
    made.close()


def asked(links: ShopLinks) -> str:
    """The word that the shop gives back."""
    [state] = parse_qs(urlsplit(links.ask("laden")).query)["user_id"]
    return state


def posted(state: str) -> bytes:
    return orjson.dumps({**KEYS, "user_id": state})


def test_a_shop_is_linked_once_its_keys_are_known(links: ShopLinks) -> None:
    assert links.link("laden") is None
    assert links.link("tee") is links.link("tee") is not None
    assert links.granted("laden", posted(asked(links)))
    assert links.link("laden") is not None


def test_the_keys_outlive_the_process_and_lie_encrypted(
    links: ShopLinks, database: Database, tmp_path: Path, clock: Clock
) -> None:
    links.granted("laden", posted(asked(links)))
    later = links_on(database, tmp_path, clock)
    assert later.link("laden") is not None
    later.close()
    with database.read() as connection:
        stored = connection.execute(select(tables.secret.c.ciphertext)).scalars().all()
    assert all(b"cs_neu" not in ciphertext for ciphertext in stored)


def test_a_question_counts_once_and_not_for_ever(links: ShopLinks, clock: Clock) -> None:
    state = asked(links)
    assert not links.granted("laden", posted("geraten"))
    assert links.granted("laden", posted(state))
    assert not links.granted("laden", posted(state))
    state = asked(links)
    clock.advance(seconds=PATIENCE / timedelta(seconds=1))
    assert not links.granted("laden", posted(state))


def test_another_shops_question_opens_nothing(links: ShopLinks) -> None:
    assert not links.granted("tee", posted(asked(links)))
    assert not links.granted("laden", b"{}")


def test_without_https_nobody_is_sent_anywhere(database: Database, tmp_path: Path, clock: Clock) -> None:
    links = links_on(database, tmp_path, clock, "http://127.0.0.1:8080")
    with pytest.raises(ShopRefused):
        links.ask("laden")
    assert links.hook("laden") is None


def test_a_webhook_secret_is_drawn_once(links: ShopLinks, database: Database, tmp_path: Path, clock: Clock) -> None:
    hook = links.hook("laden")
    assert hook
    assert hook.address == "https://bote.example/hooks/laden"
    assert len(hook.secret) >= 32
    assert hook.secret not in repr(hook)
    assert links_on(database, tmp_path, clock).webhook_secrets("laden") == [hook.secret]


def test_the_callback_over_http(links: ShopLinks) -> None:
    deps = SimpleNamespace(shops=("laden",), world=SimpleNamespace(links=links))
    app = Starlette(routes=[Route("/connect/{shop}", ConnectCallback(deps))])  # type: ignore[arg-type]
    state = asked(links)

    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            wrong, large = posted("geraten"), b"x" * 20_000
            answers = [await client.post("/connect/laden", content=body) for body in (wrong, large)]
            answers += [await client.get("/connect/laden"), await client.post("/connect/anderer", content=wrong)]
            answers += [await client.post("/connect/laden", content=posted(state))]
            return [answer.status_code for answer in answers]

    assert asyncio.run(statuses()) == [403, 413, 405, 404, 200]


def test_asking_leaves_one_question_open(links: ShopLinks, database: Database) -> None:
    first, second = asked(links), asked(links)
    assert not links.granted("laden", posted(first))
    assert links.granted("laden", posted(second))
    with database.read() as connection:
        assert secrets.get(connection, Vault(b"\1" * 32), "shops.laden.asked") is None
