"""The client against a server on loopback: what was accepted, refused, never sent, or is unknown."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import orjson
import pytest
from graph_server import (
    TOKEN,
    Answer,
    Request,
    Server,
    answer,
    babble,
    drop,
    graph,
    graph_error,
    half,
    hang,
    reset,
    trickle,
)

from connectors.whatsapp import WhatsAppChannel, http
from connectors.whatsapp.definitions import definition
from integration.domain.actions import Action
from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown, Refused
from integration.domain.messages.channel import Accepted, Envelope, RemoteTemplate
from integration.domain.templates.templates import template_for
from jobs.loops.stopping import FOR_ANSWERS

PHONE = "+491713920012"
ENVELOPE = Envelope("attempt-1", PHONE, None, "de", template="lb_x_v1", variables={"name": "Anna"})
OK = {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1", "message_status": "accepted"}]}


def sending(*answers: Answer, **settings: Any) -> tuple[Accepted | ChannelError, list[Request]]:
    async def run() -> tuple[Accepted | ChannelError, list[Request]]:
        async with graph(*answers) as server:
            channel = WhatsAppChannel(server.settings(**settings), limit=2)
            try:
                return await channel.send(ENVELOPE), server.requests
            except ChannelError as error:
                return error, server.requests
            finally:
                await channel.close()

    return asyncio.run(run())


def test_accepted() -> None:
    outcome, (request,) = sending(answer(200, OK))
    assert outcome == Accepted("wamid.1")
    assert request.line == "POST /v26.0/1065/messages HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert orjson.loads(request.body)["biz_opaque_callback_data"] == "attempt-1"


def test_held_is_accepted_but_told() -> None:
    held = {"messages": [{"id": "wamid.1", "message_status": "held_for_quality_assessment"}]}
    assert sending(answer(200, held))[0] == Accepted("wamid.1", held=True)


def test_a_partners_header_and_path() -> None:
    partner = {"auth_header": "D360-API-KEY", "auth_prefix": "", "messages_path": "/messages"}
    _, (request,) = sending(answer(200, OK), **partner)
    assert request.line == "POST /v26.0/messages HTTP/1.1"
    assert request.headers["d360-api-key"] == TOKEN and "authorization" not in request.headers


@pytest.mark.parametrize(
    ("status", "code", "action", "wait"),
    [
        (401, 190, Action.PAUSE_SENDER, 0),
        (400, 131026, Action.UNDELIVERABLE, 0),
        (400, 131050, Action.OPT_OUT, 0),
        (400, 131056, Action.PAIR, 0),
        (503, 2, Action.RETRY, 10),
        (500, 131016, Action.RETRY, 10),
        (400, 424242, Action.FAIL, 0),
        (200, 100, Action.FAIL, 0),
    ],
)
def test_metas_envelope_is_a_refusal_whatever_the_status(status: int, code: int, action: Action, wait: float) -> None:
    outcome, _ = sending(graph_error(status, code, "Einzelheit"))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.http_status, outcome.action, outcome.wait) == (code, status, action, wait)
    assert outcome.detail == "Einzelheit"


@pytest.mark.parametrize(("subcode", "code"), [(33, 33), (2388299, 100), (None, 100)])
def test_the_graph_apis_way_to_say_that_there_is_no_such_number(subcode: int | None, code: int) -> None:
    error = {"message": "Unsupported post request.", "type": "GraphMethodException", "code": 100}
    outcome, _ = sending(answer(400, {"error": error | {"error_subcode": subcode}}))
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert (outcome.action is Action.PAUSE_SENDER) == (code == 33), "the number pauses instead of losing every message"


@pytest.mark.parametrize(
    ("error", "action", "code"),
    [
        ({"code": "131056"}, Action.PAIR, 131056),
        ({"code": "190", "error_subcode": 463}, Action.PAUSE_SENDER, 190),
        ({"code": 999_999, "is_transient": True}, Action.RETRY, 999_999),
        ({"code": 999_999, "is_transient": False}, Action.FAIL, 999_999),
        ({"code": 131026, "is_transient": True}, Action.UNDELIVERABLE, 131026),
        # no codes at all: then the status says it
        ({"code": 2**31}, Action.FAIL, 400),
        ({"code": -1}, Action.FAIL, 400),
        ({"code": True}, Action.FAIL, 400),
        ({"code": "oops"}, Action.FAIL, 400),
        ({"code": "9" * 5_000}, Action.FAIL, 400),
        ({"code": 1.5}, Action.FAIL, 400),
        ({}, Action.FAIL, 400),
    ],
)
def test_a_code_may_be_text_new_or_none(error: dict[str, Any], action: Action, code: int) -> None:
    outcome, _ = sending(answer(400, {"error": {"message": "x"} | error}))
    assert isinstance(outcome, Refused)
    assert (outcome.action, outcome.code) == (action, code)


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 60), ("120", 120), ("999999", 900), ("Wed, 21 Oct 2026 07:28:00 GMT", 60), ("-5", 60)]
)
def test_a_partner_may_ask_for_patience(asked: str, wait: float) -> None:
    outcome, _ = sending(answer(429, b"slow down", "text/plain", **{"Retry-After": asked}))
    assert isinstance(outcome, Refused)
    assert (outcome.action, outcome.wait) == (Action.RETRY, wait)


def test_metas_words_hold_nothing_that_a_database_refuses() -> None:
    outcome, _ = sending(graph_error(400, 100, "zu\0lang"))
    assert isinstance(outcome, Refused) and outcome.detail == "zulang"


@pytest.mark.parametrize(
    "reply",
    [
        graph_error(500, 131000),
        answer(200, {"messages": [{"id": "w" * 256}]}),
        answer(200, {"messages": [{"id": "wamid.\0"}]}),
        answer(204, b""),
        answer(500, b"<html>Sorry</html>", "text/html"),
        answer(502, b"", "text/html"),
        answer(503, {"message": "down"}),
        answer(408, b""),
        answer(200, b"<html>OK</html>", "text/html"),
        answer(200, b""),
        answer(200, []),
        answer(200, {"messages": []}),
        answer(200, {"messages": [{"id": 7}]}),
        answer(200, {"error": {"message": "no code"}}),
        drop,
        reset,
        half,
        babble,
    ],
)
def test_what_may_have_been_accepted_is_unknown_and_sent_once(reply: Answer) -> None:
    outcome, requests = sending(reply)
    assert isinstance(outcome, OutcomeUnknown)
    assert len(requests) == 1


def test_a_reused_connection_that_breaks_is_unknown_too() -> None:
    async def run() -> int:
        async with graph(answer(200, OK), drop, answer(200, OK)) as server:
            channel = WhatsAppChannel(server.settings(), limit=1)
            await channel.send(ENVELOPE)
            with pytest.raises(OutcomeUnknown):
                await channel.send(ENVELOPE)
            await channel.close()
            return len(server.requests)

    assert asyncio.run(run()) == 2


def test_no_answer_in_time_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.whatsapp.http.TIMEOUT", aiohttp.ClientTimeout(sock_read=1))
    outcome, requests = sending(hang)
    assert isinstance(outcome, OutcomeUnknown)
    assert len(requests) == 1


def test_an_answer_that_comes_drop_by_drop_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each drop is in time for `sock_read`: without a bound for the whole, a process that is to end waits for ever."""
    assert http.TIMEOUT.total and http.TIMEOUT.total < FOR_ANSWERS
    monkeypatch.setattr(http, "TIMEOUT", aiohttp.ClientTimeout(total=1, sock_read=30))
    outcome, requests = sending(trickle)
    assert isinstance(outcome, OutcomeUnknown)
    assert len(requests) == 1


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    outcome, requests = sending(answer(200, b"x" * (http.MOST + 5_000_000)))
    assert isinstance(outcome, OutcomeUnknown)
    assert len(requests) == 1


def test_a_failed_handshake_is_not_sent() -> None:
    """The other side speaks no TLS: not a byte of the message left."""

    async def run() -> None:
        async with graph(babble) as server:
            channel = WhatsAppChannel(server.settings(base_url=f"https://127.0.0.1:{server.port}/v26.0"))
            try:
                await channel.send(ENVELOPE)
            finally:
                await channel.close()

    with pytest.raises(NotSent):
        asyncio.run(run())


def test_no_free_connection_in_time_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.whatsapp.http.TIMEOUT", aiohttp.ClientTimeout(connect=1, sock_read=2))

    async def run() -> list[Any]:
        async with graph(hang) as server:
            channel = WhatsAppChannel(server.settings(), limit=1)
            outcomes = await asyncio.gather(*[channel.send(ENVELOPE) for _ in range(2)], return_exceptions=True)
            await channel.close()
            assert len(server.requests) == 1
            return outcomes

    assert [type(outcome) for outcome in asyncio.run(run())] == [OutcomeUnknown, NotSent]


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1/v26.0", "https://graph.invalid/v26.0"])
def test_nobody_there_is_not_sent(base_url: str) -> None:
    outcome, requests = sending(answer(200, OK), base_url=base_url)
    assert isinstance(outcome, NotSent)
    assert requests == []


def test_a_closed_channel_does_not_send() -> None:
    async def run() -> None:
        channel = WhatsAppChannel(Server([]).settings(base_url="http://127.0.0.1:1"))
        await channel.close()
        await channel.send(ENVELOPE)

    with pytest.raises(NotSent):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (401, Action.PAUSE_SENDER),
        (403, Action.PAUSE_SENDER),
        (404, Action.PAUSE_SENDER),
        (429, Action.RETRY),
        (400, Action.FAIL),
    ],
)
def test_somebody_elses_refusal_is_one_too(status: int, action: Action) -> None:
    outcome, _ = sending(answer(status, b"<html>Nein</html>", "text/html"))
    assert isinstance(outcome, Refused)
    assert outcome.action is action


def test_a_redirect_never_gets_the_token() -> None:
    async def run() -> tuple[Any, int]:
        async with graph(answer(200, OK)) as other:
            moved = answer(307, b"", Location=f"http://127.0.0.1:{other.port}/v26.0/1065/messages")
            async with graph(moved) as server:
                channel = WhatsAppChannel(server.settings())
                outcome = (await asyncio.gather(channel.send(ENVELOPE), return_exceptions=True))[0]
                await channel.close()
                return outcome, len(other.requests)

    outcome, followed = asyncio.run(run())
    assert isinstance(outcome, Refused) and outcome.action is Action.PAUSE_SENDER
    assert followed == 0


@pytest.mark.parametrize(
    "reply",
    [
        graph_error(400, 131030, f"Recipient {PHONE} is not allowed, nor DE.100020003000, nor anna@example.com"),
        graph_error(401, 190, f"Malformed access token {TOKEN}"),
        graph_error(500, 131000, f"{PHONE} {TOKEN}"),
        answer(500, f"{PHONE} {TOKEN}".encode()),
        drop,
    ],
)
def test_no_person_and_no_token_in_an_exception(reply: Answer) -> None:
    outcome, _ = sending(reply)
    assert isinstance(outcome, ChannelError)
    told = f"{outcome} {outcome!r} {outcome.args} {getattr(outcome, 'detail', '')}"
    for secret in (PHONE[1:], "100020003000", "anna@", TOKEN, "Anna"):
        assert secret not in told
    assert outcome.__cause__ is None


def managing(
    work: Callable[[WhatsAppChannel], Coroutine[Any, Any, Any]], *answers: Answer
) -> tuple[Any, list[Request]]:
    async def run() -> tuple[Any, list[Request]]:
        async with graph(*answers) as server:
            channel = WhatsAppChannel(server.settings())
            try:
                return await work(channel), server.requests
            finally:
                await channel.close()

    return asyncio.run(run())


def _page(name: str, after: str, follow: str = "https://evil.example/steal") -> dict[str, Any]:
    row = {
        "name": name,
        "language": "de",
        "status": "APPROVED",
        "category": "UTILITY",
        "rejected_reason": "NONE",
    }
    return {"data": [row, 7, {}], "paging": {"cursors": {"after": after}, "next": follow} if after else {}}


def test_templates_of_every_page_from_our_own_address_only() -> None:
    pages = (
        answer(200, _page("lb_a_v1", "C1")),
        answer(200, _page("lb_b_v1", "C&2")),
        answer(200, _page("lb_c", "")),
    )
    found, requests = managing(WhatsAppChannel.templates, *pages)
    assert found[0] == RemoteTemplate("lb_a_v1", "de", "APPROVED", "UTILITY", "")
    assert [one.name for one in found] == ["lb_a_v1", "lb_b_v1", "lb_c"]
    fields = "fields=name%2Clanguage%2Cstatus%2Ccategory%2Crejected_reason%2Cquality_score%2Ccomponents&limit=100"
    assert (
        requests[0].line == f"GET /v26.0/4190/message_templates?{fields} HTTP/1.1".replace("%2C", ",")
        or fields in requests[0].line
    )
    assert requests[2].line.count("after=") == 1 and "after=C%262" in requests[2].line


def test_a_cursor_that_stands_still_ends_the_list() -> None:
    found, requests = managing(WhatsAppChannel.templates, answer(200, _page("lb_a_v1", "C1")))
    assert (len(found), len(requests)) == (2, 2)


def test_templates_refused() -> None:
    with pytest.raises(Refused):
        managing(WhatsAppChannel.templates, graph_error(400, 100))


def test_a_template_is_submitted() -> None:
    template = template_for("order_confirmation", "de", "du")
    _, (request,) = managing(lambda channel: channel.create_template(template, {}), answer(200, {"id": "1"}))
    assert request.line == "POST /v26.0/4190/message_templates HTTP/1.1"
    assert orjson.loads(request.body) == definition(template, {})
    with pytest.raises(Refused):
        managing(lambda channel: channel.create_template(template, {}), graph_error(400, 100))


@pytest.mark.parametrize(
    ("reply", "healthy"),
    [
        (answer(200, {"id": "1065"}), True),
        (graph_error(401, 190), False),
        (drop, False),
        (answer(200, b"x"), False),
    ],
)
def test_healthy(reply: Answer, healthy: bool) -> None:
    found, requests = managing(WhatsAppChannel.healthy, reply)
    assert found is healthy
    assert requests[0].line == "GET /v26.0/1065?fields=id HTTP/1.1"
