"""What sends no message goes by httpx: bounded in time and size, by itself, and its failures say what they mean."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from graph_server import Answer, Server, answer, babble, drop, graph, half, hang, reset, trickle
from yarl import URL

from connectors.whatsapp import calls
from connectors.whatsapp.calls import Calls
from connectors.whatsapp.http import Reply
from integration.domain.errors import ChannelError, NotSent, OutcomeUnknown

HELLO = {"ok": True}
Act = Callable[[Calls, URL], Awaitable[Reply]]


async def asked(server: Server, act: Act) -> Reply | ChannelError:
    one = Calls({"X-Key": "geheim"})
    try:
        return await act(one, URL(f"http://127.0.0.1:{server.port}/v26.0/1065"))
    except ChannelError as error:
        return error
    finally:
        await one.close()


def ask(*answers: Answer, act: Act = lambda one, url: one.exchange("GET", url)) -> tuple[Reply | ChannelError, Server]:
    async def run() -> tuple[Reply | ChannelError, Server]:
        async with graph(*answers) as server:
            return await asked(server, act), server

    return asyncio.run(run())


def test_an_answer_comes_whole_with_what_it_asks_for() -> None:
    found, server = ask(answer(429, HELLO, **{"Retry-After": "7"}))
    assert found == Reply(429, b'{"ok":true}', 7)
    assert server.requests[0].headers["x-key"] == "geheim"


def test_a_redirect_is_an_answer() -> None:
    found, server = ask(answer(302, HELLO, Location="/elsewhere"))
    assert isinstance(found, Reply) and found.status == 302
    assert len(server.requests) == 1


def test_no_cookie_comes_back() -> None:
    async def twice(one: Calls, url: URL) -> Reply:
        await one.exchange("GET", url)
        return await one.exchange("GET", url)

    _, server = ask(answer(200, HELLO, **{"Set-Cookie": "a=1; Path=/"}), act=twice)
    assert len(server.requests) == 2
    assert not any("cookie" in request.headers for request in server.requests)


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    found, _ = ask(answer(200, HELLO))
    assert isinstance(found, Reply)


def test_more_than_was_asked_for_is_not_kept() -> None:
    found, _ = ask(answer(200, b"x" * 5_000_000), act=lambda one, url: one.exchange("GET", url, most=1_000))
    assert isinstance(found, Reply) and len(found.body) == 1_001


def test_packed_bytes_stay_packed() -> None:
    """A small answer must not unfold to a large one."""
    found, _ = ask(answer(200, b"\x1f\x8b not really", **{"Content-Encoding": "gzip"}))
    assert isinstance(found, Reply) and found.body == b"\x1f\x8b not really"


@pytest.mark.parametrize("broken", [drop, reset, half, babble])
def test_a_connection_that_breaks_leaves_it_open(broken: Answer) -> None:
    found, server = ask(broken)
    assert isinstance(found, OutcomeUnknown)
    assert len(server.requests) == 1


def test_no_answer_in_time_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "TIMEOUT", httpx.Timeout(5, read=0.2))
    assert isinstance(ask(hang)[0], OutcomeUnknown)


def test_an_answer_that_comes_drop_by_drop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 0.3)
    assert isinstance(ask(trickle)[0], OutcomeUnknown)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://graph.invalid/"])
def test_nobody_there_is_not_sent(url: str) -> None:
    assert isinstance(ask(hang, act=lambda one, _: one.exchange("GET", URL(url)))[0], NotSent)


def test_a_failed_handshake_is_not_sent() -> None:
    assert isinstance(ask(babble, act=lambda one, url: one.exchange("GET", url.with_scheme("https")))[0], NotSent)


def test_closed_is_closed() -> None:
    async def late(one: Calls, url: URL) -> Reply:
        await one.close()
        return await one.exchange("GET", url)

    found, server = ask(answer(200, HELLO), act=late)
    assert isinstance(found, NotSent) and server.requests == []
