"""Mail and webhook reach real servers, and what goes wrong is said without secrets or addresses."""

import json
import socket
import ssl
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from mailserver import Hooks, Letters, certificate, hook_server, knows, mail_server
from pydantic import ValidationError

from connectors.alarm_routes.mail import Mail
from connectors.alarm_routes.settings import MailSettings, WebhookSettings
from connectors.alarm_routes.webhook import Webhook
from integration.domain.alarms.alarm_texts import Notice
from integration.domain.errors import NoticeFailed
from integration.domain.signing import signed_at

AT = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
NOTICE = Notice("Ladenbote braucht Sie:\r\nBcc: x@example.com", "Was zu tun ist: nichts. Grüße\n", {"type": "test"})
SECRET = "geheim-und-lang-genug"


def mail(port: int, **more: Any) -> Mail:
    chosen = {"host": "localhost", "port": port, "security": "none", "sender": "bote@example.com"}
    return Mail(MailSettings(**(chosen | {"to": ["a@example.com", "b@example.com"]} | more)))


def failure(route: Mail | Webhook) -> str:
    with pytest.raises(NoticeFailed) as failed:
        route.send(NOTICE, AT)
    assert "example" not in str(failed.value)
    return failed.value.code


def test_a_letter_arrives_whole_and_its_subject_makes_no_header() -> None:
    letters = Letters()
    with mail_server(letters) as port:
        mail(port).send(NOTICE, AT)
    [taken] = letters.taken
    found = message_from_bytes(taken.content, policy=policy.default)
    assert taken.rcpt_tos == ["a@example.com", "b@example.com"]
    assert found["subject"] == "Ladenbote braucht Sie: Bcc: x@example.com"
    assert found["bcc"] is None
    assert found["date"].datetime == AT
    assert found.get_content().replace("\r\n", "\n") == NOTICE.text  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_encrypted_with_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    options: dict[str, Any] = {"authenticator": knows("bote", "passwort"), "auth_required": True}
    options |= {"tls_context": tls, "require_starttls": True} if security == "starttls" else {"ssl_context": tls}
    options["auth_require_tls"] = security == "starttls"  # aiosmtpd knows no other TLS
    letters = Letters()
    with mail_server(letters, **options) as port:
        strict = mail(port, security=security, user="bote", password="passwort")
        assert failure(strict) == "certificate", "nobody vouches for it yet"
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        strict.send(NOTICE, AT)
        assert failure(mail(port, security=security, user="bote", password="falsch")) == "login"
    assert len(letters.taken) == 1


def test_a_server_without_starttls_gets_no_letter_in_clear() -> None:
    letters = Letters()
    with mail_server(letters) as port:
        assert failure(mail(port, security="starttls")) == "no_starttls"
    assert not letters.taken


def test_a_server_that_takes_no_password() -> None:
    letters = Letters()
    with mail_server(letters) as port:
        assert failure(mail(port, user="bote", password="passwort")) == "no_login"
    assert not letters.taken


def test_a_name_with_control_signs_harms_no_letter() -> None:
    letters = Letters()
    with mail_server(letters) as port:
        mail(port).send(Notice("Laden\x00 \x1b[31m \u2028Bcc: x@example.com\u202e", "Text\n.\nQUIT\n", {}), AT)
    found = message_from_bytes(letters.taken[0].content, policy=policy.default)
    assert found["subject"] == "Laden [31m Bcc: x@example.com"
    assert found.get_content().replace("\r\n", "\n") == "Text\n.\nQUIT\n"  # type: ignore[attr-defined]


def test_a_server_that_refuses_or_is_not_there() -> None:
    letters = Letters()
    letters.refuse = "554 a@example.com is not welcome"
    with mail_server(letters) as port:
        assert failure(mail(port)) == "refused_554"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert failure(mail(free.getsockname()[1])) == "unreachable"


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "smtp.example.com"},
        {"to": []},
        {"to": ["a@example.com\nBcc: b@example.com"]},
        {"sender": "Bote <bote@example.com>"},
        {"port": 65536},
        {"to": ["größe@example.com"]},
        {"to": ["a@b@example.com"]},
        {"to": ["<a>@example.com"]},
    ],
)
def test_wrong_mail_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        mail(**({"port": 25} | wrong))


def webhook(url: str) -> Webhook:
    return Webhook(WebhookSettings(url=url, secret=SECRET))  # type: ignore[arg-type]


def test_a_webhook_is_signed_json() -> None:
    hooks = Hooks()
    with hook_server(hooks) as address:
        webhook(f"{address}/alarm?key=1").send(NOTICE, AT)
    [(path, headers, body)] = hooks.taken
    assert path == "/alarm?key=1"
    assert headers["content-type"] == "application/json"
    assert signed_at(headers, body, [SECRET]) == AT
    assert json.loads(body) == {"subject": NOTICE.subject, "text": NOTICE.text, "type": "test"}


def test_a_webhook_follows_no_redirect_and_takes_no_for_an_answer() -> None:
    hooks, other = Hooks(), Hooks()
    with hook_server(other) as elsewhere, hook_server(hooks) as address:
        hooks.answer, hooks.location = 307, elsewhere
        assert failure(webhook(address)) == "answered_307"
        hooks.answer, hooks.location = 503, ""
        assert failure(webhook(address)) == "answered_503"
    assert not other.taken
    assert failure(webhook(address)) == "unreachable"


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://user:secret@example.com/", "file:///etc/passwd", "https:///x", "gopher://x"]
)
def test_wrong_webhook_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        webhook(url)
    assert SECRET not in str(wrong.value)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(url="https://example.com/", secret="kurz")  # type: ignore[arg-type]


def test_every_failure_has_a_remedy() -> None:
    codes = (
        "login",
        "no_login",
        "fault",
        "certificate",
        "no_starttls",
        "recipients",
        "refused_550",
        "answered_404",
        "unreachable",
    )
    assert all(NoticeFailed(code).remedy != code for code in codes)
    assert "404" in NoticeFailed("answered_404").remedy
