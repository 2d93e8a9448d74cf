"""Who is braked: each visitor alone, and nobody's claim of an address counts but a trusted proxy's."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from integration.settings.sections import ServerSettings
from integration.web import auth
from integration.web.auth import FREE_TRIES
from integration.web.rate_limit import Pace
from integration.web.visitor import address_of, group_of

LOCAL = (ip_network("127.0.0.1/32"), ip_network("::1/128"))
TWO = (*LOCAL, ip_network("10.0.0.0/24"))


def asked(peer: str | None, *told: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in told]
    return Request({"type": "http", "client": (peer, 1) if peer else None, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "told", "trusted", "visitor"),
    [
        ("203.0.113.9", (), LOCAL, "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), LOCAL, "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.1",), (), "127.0.0.1"),
        ("127.0.0.1", ("198.51.100.1",), LOCAL, "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1",), LOCAL, "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6", "198.51.100.1"), LOCAL, "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1, 10.0.0.7",), TWO, "198.51.100.1"),
        ("127.0.0.1", ("6.6.6.6, 198.51.100.1, 10.0.0.7",), LOCAL, "10.0.0.7"),
        ("127.0.0.1", (), LOCAL, "127.0.0.1"),
        ("127.0.0.1", ("unknown",), LOCAL, "127.0.0.1"),
        ("127.0.0.1", (", ,",), LOCAL, "127.0.0.1"),
        ("127.0.0.1", ("127.0.0.1",), LOCAL, "127.0.0.1"),
        ("::1", ("2001:db8::5",), LOCAL, "2001:db8::5"),
        ("::ffff:127.0.0.1", ("198.51.100.1",), LOCAL, "198.51.100.1"),
        (None, ("198.51.100.1",), LOCAL, ""),
    ],
)
def test_only_what_a_trusted_proxy_wrote_counts(peer: str | None, told: Any, trusted: Any, visitor: str) -> None:
    assert address_of(asked(peer, *told), trusted) == visitor


def test_a_household_is_one_visitor() -> None:
    assert group_of("2001:db8:1:2::5") == group_of("2001:db8:1:2:ffff::9") != group_of("2001:db8:1:3::5")
    assert group_of("198.51.100.1") == "198.51.100.1" and group_of("") == ""


def test_the_forms_brake_each_household_alone(clock: Any) -> None:
    pace = Pace(2, 100)
    asked_by = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2::3", "2001:db8:1:3::1"]
    assert [pace.allows(address, clock()) for address in asked_by] == [True, True, False, True]


def login(client: Any, password: str, visitor: str) -> int:
    headers = {"origin": "http://testserver", "x-forwarded-for": visitor}
    answer = client.post("/login", data={"password": password, "next": "/"}, headers=headers)
    return int(answer.status_code)


@pytest.mark.parametrize("behind", [True, False])
def test_who_guesses_slows_down_nobody_else_behind_a_trusted_proxy(
    client_for: Callable[..., Any], database: Any, world: Any, behind: bool
) -> None:
    client = client_for(trusted_proxies=LOCAL if behind else ())
    auth.set_password(database, world.deps(database, None, world.Clock()).world.vault, world.PASSWORD, world.NOW)
    tries = [login(client, f"wrong {n}", "203.0.113.66") for n in range(FREE_TRIES + 1)]
    assert tries == [401] * FREE_TRIES + [429]
    assert login(client, world.PASSWORD, "198.51.100.1") == (303 if behind else 429)


@pytest.mark.parametrize("wrong", ["0.0.0.0/0", "::/0", "proxy.example", "10.0.0.1/24"])
def test_a_proxy_is_an_address_or_a_network(wrong: str) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(trusted_proxies=(wrong,))


def test_nobody_is_trusted_unless_named() -> None:
    assert ServerSettings().proxies() == ()
    assert ServerSettings(trusted_proxies=("127.0.0.1", "::1")).proxies() == LOCAL
