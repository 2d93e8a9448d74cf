"""Who gets in, which forms count, what stands in the headers."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from integration.store.tables import secret, session
from integration.web import auth
from integration.web.guard import local_path

OWN = {"origin": "http://testserver"}
CLOSED = ("/", "/messages", "/messages.csv", "/messages/x", "/contacts", "/contacts/x", "/received", "/connections")


def attempt(client: Any, password: str, target: str = "/", origin: str | None = "http://testserver") -> Any:
    headers = {"origin": origin} if origin else {}
    return client.post("/login", data={"password": password, "next": target}, headers=headers)


@pytest.fixture
def locked(client: Any, database: Any, world: Any) -> Any:
    auth.set_password(database, world.deps(database, None, world.Clock()).world.vault, world.PASSWORD, world.NOW)
    return client


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_without_signing_in(client: Any, seeded: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")


@pytest.mark.parametrize("path", ["/live", "/nowhere/else"])
def test_live_says_401(client: Any, path: str) -> None:
    assert client.get(path).status_code == (401 if path == "/live" else 303)


@pytest.mark.parametrize("path", ["/messages", "/contacts", "/logout", "/language", "/messages.csv"])
def test_forms_need_a_session(client: Any, path: str) -> None:
    assert client.post(path, data={}, headers=OWN).status_code == 401


def test_signing_in_and_out(locked: Any, world: Any, csrf: Callable[[], str], database: Any) -> None:
    answer = attempt(locked, world.PASSWORD, "/messages?status=read")
    assert (answer.status_code, answer.headers["location"]) == (303, "/messages?status=read")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "max-age=1209600" in cookie
    assert locked.get("/").status_code == 200
    assert locked.post("/logout", data={"csrf": csrf()}, headers=OWN).status_code == 303
    assert locked.get("/").status_code == 303


def test_revoked_token_does_not_come_back(locked: Any, world: Any, csrf: Callable[[], str]) -> None:
    attempt(locked, world.PASSWORD)
    token = locked.cookies["ladenbote"]
    locked.post("/logout", data={"csrf": csrf()}, headers=OWN)
    locked.cookies.clear()
    assert locked.get("/", headers={"cookie": f"ladenbote={token}"}).status_code == 303


def test_only_hashes_are_stored(locked: Any, world: Any, database: Any) -> None:
    attempt(locked, world.PASSWORD)
    with database.read() as connection:
        (hashed,) = connection.execute(session.select()).scalars()
        sealed = connection.execute(secret.select()).one().ciphertext
    assert locked.cookies["ladenbote"] != hashed and len(hashed) == 64
    assert b"argon2" not in sealed and world.PASSWORD.encode() not in sealed


def test_session_ends_after_fourteen_days(locked: Any, world: Any, clock: Any) -> None:
    attempt(locked, world.PASSWORD)
    clock.now += timedelta(days=14)
    assert locked.get("/").status_code == 303


def test_new_password_ends_all_sessions(locked: Any, world: Any, database: Any) -> None:
    attempt(locked, world.PASSWORD)
    vault = world.deps(database, None, world.Clock()).world.vault
    auth.set_password(database, vault, "another", world.NOW)
    assert locked.get("/").status_code == 303
    assert auth.check_password(database, vault, "another")
    assert not auth.check_password(database, vault, world.PASSWORD)


def test_without_a_password_nobody_gets_in(client: Any, database: Any, world: Any) -> None:
    assert not auth.has_password(database, world.deps(database, None, world.Clock()).world.vault)
    assert attempt(client, "").status_code == 401
    assert "ladenbote password" in client.get("/login").text


def test_secure_cookie(client_for: Callable[..., Any], database: Any, world: Any) -> None:
    client = client_for(secure_cookies=True)
    auth.set_password(database, world.deps(database, None, world.Clock()).world.vault, world.PASSWORD, world.NOW)
    cookie = attempt(client, world.PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-ladenbote=") and "Secure" in cookie and "Path=/" in cookie


def test_guessing_is_slowed_down(locked: Any, world: Any, clock: Any) -> None:
    for _ in range(5):
        assert attempt(locked, "wrong").status_code == 401
    slowed = attempt(locked, world.PASSWORD)
    assert slowed.status_code == 429
    assert "Bitte warten Sie 2 Sekunden" in slowed.text or "Bitte warten Sie" in slowed.text
    clock.now += timedelta(seconds=int(slowed.headers["retry-after"]))
    assert attempt(locked, "wrong").status_code == 401
    longer = attempt(locked, world.PASSWORD)
    assert int(longer.headers["retry-after"]) > int(slowed.headers["retry-after"])
    clock.now += timedelta(minutes=16)
    assert attempt(locked, world.PASSWORD).status_code == 303
    assert attempt(locked, "wrong").status_code == 401


def test_many_addresses_are_slowed_down_together(world: Any, clock: Any) -> None:
    brake = auth.Brake()
    for n in range(50):
        assert not brake.wait(f"10.0.0.{n}", clock())
        brake.failed(f"10.0.0.{n}", clock())
    assert brake.wait("10.0.1.1", clock()) > timedelta(0)


def test_signing_in_often_slows_nobody_down(world: Any, clock: Any) -> None:
    brake = auth.Brake()
    for _ in range(200):
        brake.failed("10.0.0.1", clock())
        brake.succeeded("10.0.0.1")
    assert not brake.wait("10.0.0.1", clock()) and not brake.wait("10.0.0.2", clock())


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://testserver.evil.example"])
def test_forms_of_other_sites_do_not_count(locked: Any, world: Any, origin: str | None) -> None:
    answer = attempt(locked, world.PASSWORD, origin=origin)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_stage_may_sign_its_frame_in_and_nothing_else(
    client_for: Callable[..., Any], database: Any, world: Any, csrf: Callable[[], str]
) -> None:
    stage = "http://127.0.0.1:8099"
    client = client_for(embed_from=stage)
    auth.set_password(database, world.deps(database, None, world.Clock()).world.vault, world.PASSWORD, world.NOW)
    assert attempt(client, world.PASSWORD, origin=stage).status_code == 303
    page = client.get("/")
    assert f"frame-ancestors {stage}" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    refused = client.post("/logout", data={"csrf": csrf()}, headers={"origin": stage})
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["/messages", "/contacts", "/logout", "/language", "/messages.csv"])
def test_forms_need_their_token(inside: Any, csrf: Callable[[], str], path: str) -> None:
    assert inside.post(path, data={}).status_code == 403
    assert inside.post(path, data={"csrf": "wrong"}).status_code == 403
    assert inside.post(path, data={"csrf": csrf()}).status_code in (200, 303)


def test_every_form_of_every_page_carries_the_token(inside: Any, seeded: Any, csrf: Callable[[], str]) -> None:
    for path in ("/", "/messages", "/contacts", "/received", "/connections", f"/contacts/{seeded.contacts[0]}"):
        forms = re.findall(r'<form[^>]*method="post".*?</form>', inside.get(path).text, re.DOTALL)
        assert forms
        assert all(f'name="csrf" value="{csrf()}"' in form for form in forms), path


def test_large_form(inside: Any) -> None:
    assert inside.post("/messages", content=b"q=" + b"x" * 70_000).status_code == 413


@pytest.mark.parametrize("path", ["/login", "/", "/messages/none", "/static/ladenbote.css"])
def test_headers(inside: Any, path: str) -> None:
    headers = inside.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["permissions-policy"] == "camera=(), microphone=(), geolocation=()"
    assert all(rule in policy for rule in ("base-uri 'none'", "form-action 'self'", "object-src 'none'"))
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_login_speaks_the_browsers_language(client: Any) -> None:
    assert "Anmelden" in client.get("/login", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"}).text
    assert "Sign in" in client.get("/login", headers={"accept-language": "fr,en;q=0.5,de;q=0.3"}).text
    assert "Anmelden" in client.get("/login", headers={"accept-language": "fr"}).text


def test_language_is_remembered(inside: Any, csrf: Callable[[], str]) -> None:
    answer = inside.post("/language", data={"csrf": csrf(), "language": "en", "next": "/contacts"})
    assert answer.headers["location"] == "/contacts"
    assert '<html lang="en">' in inside.get("/").text
    inside.post("/language", data={"csrf": csrf(), "language": "xx"})
    assert '<html lang="en">' in inside.get("/").text


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/\t/evil"]
)
def test_next_stays_here(target: str) -> None:
    assert local_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/messages?day=2026-11-23&status=read", "/contacts/1"])
def test_next_goes_where_it_should(target: str) -> None:
    assert local_path(target) == target
