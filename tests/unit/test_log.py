"""Logs say what happened to which id, and nothing about anybody."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from blank import databases
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from worlds import NOON, Clock, make_world, order, parcel, post, post_meta

from integration import log
from integration.domain.errors import OutcomeUnknown
from integration.domain.messages.channel import Inbound, MetaUpdate, StatusUpdate
from integration.flow import answer, react, send
from integration.store import overview
from integration.store.db import Database
from integration.store.ids import new_id

PHONES = [
    "+491713920012",
    "491713920012",
    "00491713920012",
    "01713920012",
    "0171 3920012",
    "0171 / 392 00-12",
    "+49 171 3920012",
    "+49 171 392 00 12",
    "+49 (0) 171 3920012",
    "(0171) 3920012",
    "0171-3920012",
    "0171.392.0012",
    "+49-171-3920012",
    "tel:+491713920012",
    "phone:491713920012",
    "+43 664 1234567",
    "+447700900123",
]
FRAMES = ["{}", "Kunde {} ruft an", "({})", '{{"phone":"{}"}}', "phone={}", "an {}.", "a@b {}", "https://x.de/w/{}?a=1"]
MAILS = ["anna@example.com", "anna.beispiel+shop@mail.example.co.uk", "a_b-c@xn--mller-kva.de"]
TOKENS = ["EAAGm0PX4ZCpsBAKZCZBx", "shpat_0123456789abcdef", "shpss_0123456789abcdef", "shpca_0123456789abcdef",
          "ck_0123456789abcdef", "cs_0123456789abcdef"]  # fmt: skip
READABLE = [
    "01931c7e-8f3a-7c31-9d52-123456789012",
    "wamid.HBgMNDkxNzEzOTIwMDEyFQIAERgS",
    "laden/order/1001/placed",
    "2026-11-24T11:00:00Z",
    "KeyError (react.py:112)",
    "firma/order_confirmation/laden/1001/1",
    "127.0.0.1:8080",
    "stranded=0 expired=12",
]
Lines = Callable[[], str]


@pytest.fixture(params=[False, True], ids=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """Logging as `ladenbote run` sets it up at debug level; gives what was written."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    log.configure("debug", request.param, stream)
    yield stream.getvalue
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def digits(text_: str) -> str:
    return "".join(c for c in text_ if c.isdigit())


def gone(personal: str, told: str) -> bool:
    """Neither as typed nor with other separators, but for the ends that a mask may leave."""
    return personal not in told and digits(personal)[4:-2] not in digits(told.replace("\n", " "))


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_in_any_spelling_is_masked(phone: str) -> None:
    shown = [log.masked_value(frame.format(phone)) for frame in FRAMES]
    assert [told for told in shown if not gone(phone, told)] == []


@pytest.mark.parametrize("secret", [*MAILS, *TOKENS])
def test_addresses_and_tokens_are_masked(secret: str) -> None:
    for frame in FRAMES:
        assert secret not in log.masked_value(frame.format(secret))


@pytest.mark.parametrize("text_", READABLE)
def test_what_is_needed_to_find_a_fault_stays(text_: str) -> None:
    assert log.masked_value(text_) == text_


def test_ids_stay_whatever_digits_they_have() -> None:
    for _ in range(2000):
        id_ = new_id()
        assert log.masked_value(id_) == id_
        assert log.masked_value(f"inbox={id_} x") == f"inbox={id_} x"


@pytest.mark.parametrize(
    "key", ["token", "app_secret", "webhook_secret", "password", "Authorization", "x-hub-signature-256", "api_key",
            "consumer_key", "accessToken"],
)  # fmt: skip
def test_a_key_that_names_a_secret_hides_its_value(key: str) -> None:
    line = log.mask(None, "", {"event": "x", key: "kurz", "deep": {key: "kurz"}})
    assert "kurz" not in str(line)


@pytest.mark.parametrize(
    "value",
    [
        {"customer": {"phone": "+491713920012", "mails": ["anna@example.com"]}},
        ["+491713920012", ("anna@example.com",)],
        {"+491713920012": "as a key", "anna@example.com": 1},
        {"+491713920012", "anna@example.com"},
        ValueError("+491713920012 anna@example.com"),
        b"+491713920012 anna@example.com",
        491713920012,
        Clock(NOON.replace(year=2027)) and Path("/tmp/+491713920012/anna@example.com"),  # noqa: S108
    ],
    ids=["nested", "lists", "keys", "set", "exception", "bytes", "number", "object"],
)
def test_no_kind_of_value_lets_personal_data_through(written: Lines, value: Any) -> None:
    log.get("test").warning("something", value=value)
    assert "something" in written()
    assert "1713920012" not in written()
    assert "anna@" not in written()


def test_a_line_carries_its_fields_and_level(written: Lines) -> None:
    id_ = new_id()
    log.get("test").error("body_failed", inbox=id_, error="KeyError (react.py:1)")
    told = written()
    assert "body_failed" in told and id_ in told and "KeyError (react.py:1)" in told and "error" in told
    if told.startswith("{"):
        assert json.loads(told)["inbox"] == id_


def test_messages_and_tracebacks_are_masked(written: Lines) -> None:
    try:
        raise ValueError("customer +491713920012 <anna@example.com>")
    except ValueError:
        log.get("test").exception("failed for +491713920012")
        logging.getLogger("somebody.else").exception("failed for %s", "+491713920012")
        logging.getLogger("somebody.else").warning("failed for %s", {"mail": "anna@example.com"})
    assert written().count("failed for") == 3
    assert "ValueError" in written()
    assert "1713920012" not in written()
    assert "anna@" not in written()


def test_levels_are_kept(written: Lines) -> None:
    root = logging.getLogger()
    log.configure("warning", False, stream := io.StringIO())
    log.get("test").info("quiet")
    logging.getLogger("other").info("quiet")
    log.get("test").warning("loud")
    assert "quiet" not in stream.getvalue() and "loud" in stream.getvalue()
    assert len(root.handlers) == 1


def test_an_exception_in_brief_has_its_place_and_not_its_words() -> None:
    try:
        raise ValueError("Anna +491713920012")
    except ValueError as error:
        told = log.brief(error)
    assert told.startswith("ValueError (test_log.py:")
    assert "Anna" not in told
    assert log.brief(ValueError("Anna")) == "ValueError"


def test_an_error_of_a_library_is_told_with_the_place_of_ours_that_met_it(tmp_path: Path) -> None:
    log.configure("debug", True, stream := io.StringIO())
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    try:
        with empty.read() as connection:
            overview.probe(connection)
    except DBAPIError as error:
        told = log.brief(error)
    empty.close()
    assert re.sub(r"\d+", "N", told) == "OperationalError (integration/store/overview.py:N)"
    [way] = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == "traceback"]
    assert way["level"] == "debug" and way["error"] == "OperationalError"
    files = [place.partition(":")[0] for place in way["places"]]
    assert files.index("test_log.py") < files.index("integration/store/overview.py") < len(files) - 1


def test_the_way_of_an_error_holds_none_of_its_words_and_is_not_told_above_debug() -> None:
    for level, lines in (("debug", 1), ("info", 0)):
        log.configure(level, True, stream := io.StringIO())
        try:
            raise ValueError("Anna")
        except ValueError as error:
            log.brief(error)
        assert stream.getvalue().count("test_log.py") == lines and "Anna" not in stream.getvalue()


PERSONAL = ["Anna", "Beispielfrau", "3920012", "392 00-12", "anna@example", "Geheimstr", "DE.geheim", "Bitte nicht"]


def test_a_processed_order_leaves_nothing_personal_at_debug(written: Lines, tmp_path: Path) -> None:
    """From the webhook to STOP, with bodies and sends that fail on the way; databases opened under debug, too."""
    database, keys = databases(tmp_path)
    world = make_world(database, keys)
    facts = {"last_name": "Beispielfrau", "phone": "0171 / 392 00-12", "note": "Geheimstr. 5"}
    broken = order(number="3", **facts)
    del broken["facts"]["refunds"]
    post(world, order(number="1", **facts), parcel("1"))
    post(world, broken)
    post(world, order(number="2", total=None, **facts))
    post(world, body=b"Anna Beispielfrau Geheimstr. anna@example.com")
    react.run(world)
    channel = world.senders["nummer"].channel
    channel.fates["+491713920012"] = OutcomeUnknown("Anna +49 171 3920012")  # type: ignore[attr-defined]
    results = [asyncio.run(send.dispatch(world, channel, item)) for item in send.claim(world, "nummer", 9)]
    channel.fates["+491713920012"] = KeyError("Anna +49 171 3920012")  # type: ignore[attr-defined]
    send.claim(world, "nummer", 0, results)
    said = Inbound("in1", "+491713920012", "DE.geheim", "Anna Beispielfrau", NOON, "text", "Bitte nicht mehr schreiben")
    told = StatusUpdate("w", "failed", NOON, attempt_id=results[0].attempt.id, phone="+491713920012")
    post_meta(world, MetaUpdate(messages=(said,), statuses=(told,)))
    answer.run(world)
    with pytest.raises(Exception, match="nowhere"), database.write() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Anna Beispielfrau"})
    database.close()
    keys.close()
    found = written()
    assert "failed" in found, "something was logged"
    assert [word for word in PERSONAL if word in found] == []
