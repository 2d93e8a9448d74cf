"""A number at a partner: its own paths and lists, and webhooks that an agreed word proves instead of a signature."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.settings import SenderSettings
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.errors import Refused
from integration.domain.shops.ports import Level
from integration.flow.webhooks import verify
from integration.flow.webhooks.mailbox import LetterSlot, Reception
from integration.web.deps import SenderEndpoint

WORD = "ein-langes-wort-das-niemand-kennt"
KEY = "partner-api-key"
AT = datetime(2026, 11, 26, tzinfo=UTC)
BODY = b'{"object": "whatsapp_business_account", "entry": []}'
TEMPLATES = [
    {"name": f"lb_{n}", "language": "de", "status": state, "category": "UTILITY", "components": []}
    for n, state in enumerate(["approved", "submitted", "rejected", "paused", "APPROVED"])
]


class Partner:
    """Lists templates two at a time by offset, and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.app = Starlette(routes=[
            Route("/v1/configs/templates", self._templates, methods=["GET"]),
            Route("/v1/configs/webhook", self._webhook, methods=["POST"]),
            Route("/media", self._upload, methods=["POST"]),
            Route("/uploads", self._begin, methods=["POST"]),
            Route("/upload:{session}", self._end, methods=["POST"]),
            Route("/4711", self._node, methods=["GET"]),
            Route("/elsewhere", self._elsewhere, methods=["GET"]),
            Route("/whatsapp_business/attachments/", self._bytes, methods=["GET"]),
        ])  # fmt: skip
        self.url = ""
        self.session = "upload:"
        self.moved = False

    async def _templates(self, request: Request) -> Response:
        start = int(request.query_params.get("offset", "0"))
        self.told.append((request.headers["d360-api-key"], start))
        rows = TEMPLATES[start : start + 2]
        return JSONResponse({"waba_templates": rows, "count": len(rows), "total": len(TEMPLATES), "offset": start})

    async def _webhook(self, request: Request) -> Response:
        self.told.append((request.headers["d360-api-key"], await request.json()))
        return JSONResponse(await request.json())

    async def _upload(self, request: Request) -> Response:
        self.told.append((request.headers["d360-api-key"], len(await request.body()) > 0))
        return JSONResponse({"id": "4711"})

    async def _begin(self, request: Request) -> Response:
        self.told.append((request.headers["d360-api-key"], dict(request.query_params)))
        return JSONResponse({"id": f"{self.session}abc?sig=x"})

    async def _end(self, request: Request) -> Response:
        told = (request.path_params["session"], request.url.query, request.headers["file_offset"], await request.body())
        self.told.append((request.headers["d360-api-key"], told))
        return JSONResponse({"h": "4:handle"})

    async def _node(self, request: Request) -> Response:
        link = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=4711&ext=1"
        return JSONResponse({"id": "4711", "url": link, "file_size": 4})

    async def _bytes(self, request: Request) -> Response:
        self.told.append((request.headers["d360-api-key"], request.url.query))
        return RedirectResponse(f"{self.url}/elsewhere", 302) if self.moved else Response(b"bild")

    async def _elsewhere(self, request: Request) -> Response:
        self.told.append((request.headers["d360-api-key"], "elsewhere"))
        return Response(b"bild")

    def settings(self, **changes: Any) -> SenderSettings:
        given = {
            "phone_number_id": "1065", "token": KEY, "app_secret": WORD, "verify_token": "v", "base_url": self.url,
            "auth_header": "D360-API-KEY", "auth_prefix": "", "messages_path": "/messages",
            "templates_path": "/v1/configs/templates", "media_path": "/media", "webhook_header": "X-Ladenbote-Key",
            "webhook_path": "/v1/configs/webhook",
        }  # fmt: skip
        return SenderSettings.model_validate(given | changes)


@pytest.fixture
def partner() -> Iterator[Partner]:
    found = Partner()
    server = uvicorn.Server(uvicorn.Config(found.app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    found.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield found
    server.should_exit = True
    thread.join()


def test_templates_are_listed_at_the_partners_address_page_by_page(partner: Partner) -> None:
    found = WhatsAppAccount(partner.settings()).templates()
    assert [(t.name, t.status) for t in found] == [
        ("lb_0", "APPROVED"), ("lb_1", "PENDING"), ("lb_2", "REJECTED"), ("lb_3", "PAUSED"), ("lb_4", "APPROVED"),
    ]  # fmt: skip
    assert partner.told == [(KEY, 0), (KEY, 2), (KEY, 4)]


def test_the_partner_is_told_where_to_report_and_with_which_word(partner: Partner) -> None:
    [finding] = WhatsAppAccount(partner.settings()).connect("https://bote.example.de/meta/nummer", "v")
    assert (finding.code, finding.level) == ("connected", Level.OK)
    assert WORD not in finding.text.de
    assert partner.told == [(KEY, {"url": "https://bote.example.de/meta/nummer", "headers": {"X-Ladenbote-Key": WORD}})]


def test_without_a_path_the_owner_is_told_what_to_enter_where(partner: Partner) -> None:
    [finding] = WhatsAppAccount(partner.settings(webhook_path="")).connect("https://bote.example.de/meta/nummer", "v")
    assert (finding.code, finding.level) == ("partner_by_hand", Level.HINT)
    assert finding.remedy and "X-Ladenbote-Key" in finding.remedy.de and WORD not in finding.remedy.de
    assert partner.told == []


def test_a_partner_without_an_agreed_word_is_a_fault() -> None:
    bare = SenderSettings.model_validate({
        "phone_number_id": "1", "token": KEY, "app_secret": WORD, "verify_token": "v",
        "base_url": "https://waba-v2.360dialog.io",
    })  # fmt: skip
    [finding] = WhatsAppAccount(bare).connect("https://bote.example.de/meta/nummer", "v")
    assert (finding.code, finding.level) == ("partner_webhook", Level.FAULT)


def door(header: str = "X-Ladenbote-Key", secret: str = WORD) -> SenderEndpoint:
    return SenderEndpoint("nummer", "firma", "v", secret, WEBHOOK, "", header)


@pytest.mark.parametrize("proof", ["", "falsch", WORD[:-1], WORD + "x", "sha256=" + "0" * 64])
def test_only_the_whole_word_lets_a_report_in(proof: str) -> None:
    assert verify.from_meta(door(), WORD, BODY, AT)
    assert verify.from_meta(door(), proof, BODY, AT) is None
    assert verify.from_meta(door(secret=""), "", BODY, AT) is None


def test_the_word_is_no_signature_for_a_number_of_metas() -> None:
    assert verify.from_meta(door(header=""), WORD, BODY, AT) is None
    assert (verify.proof_header(door()), verify.proof_header(door(header=""))) == (
        "x-ladenbote-key", "x-hub-signature-256",
    )  # fmt: skip


def test_a_letter_needs_the_word_too() -> None:
    stored: list[Any] = []

    async def put(item: Any) -> None:
        stored.append(item)

    slot = LetterSlot({}, {"nummer": door()}, None, put, [].append)  # type: ignore[arg-type]
    for headers, expected in (({}, Reception.UNSIGNED), ({"x-ladenbote-key": WORD}, Reception.STORED)):
        assert asyncio.run(slot.take("meta/nummer", headers, BODY, AT, AT)) is expected
    assert len(stored) == 1


def test_a_short_word_is_refused(partner: Partner) -> None:
    with pytest.raises(ValidationError, match="at least 20"):
        partner.settings(app_secret="kurz")
    assert partner.settings(app_secret="kurz", webhook_header="").app_secret


def test_files_go_and_come_through_the_partner_alone(partner: Partner) -> None:
    account = WhatsAppAccount(partner.settings())
    assert account.upload(b"bild", "image/png") == "4711"
    assert account.download("4711", 100) == b"bild", "the key never goes to the host that the link names"
    assert partner.told == [(KEY, True), (KEY, "mid=4711&ext=1")]


def test_a_file_is_not_followed_anywhere(partner: Partner) -> None:
    partner.moved = True
    with pytest.raises(Refused, match="131052"):
        WhatsAppAccount(partner.settings()).download("4711", 100)
    assert partner.told == [(KEY, "mid=4711&ext=1")], "the key goes nowhere else"


@pytest.mark.parametrize("session", ["upload:", ""])
def test_samples_for_reviewers_go_where_the_partner_takes_them(partner: Partner, session: str) -> None:
    partner.session = session
    account = WhatsAppAccount(partner.settings(uploads_path="/uploads"))
    assert account.takes_samples
    assert account.sample(b"bild", "image/png") == "4:handle"
    about = {"file_length": "4", "file_type": "image/png", "file_name": "beispiel"}
    assert partner.told == [(KEY, about), (KEY, ("abc", "sig=x", "0", b"bild"))]


def test_a_partner_without_such_a_path_takes_none(partner: Partner) -> None:
    account = WhatsAppAccount(partner.settings())
    assert not account.takes_samples
    with pytest.raises(Refused, match="code 0"):
        account.sample(b"bild", "image/png")
    assert partner.told == []
