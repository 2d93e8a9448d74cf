"""`ladenbote check`: does everything fit together? Reads settings and databases, asks nobody outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from integration.domain.errors import LadenboteError
from integration.domain.templates.templates import all_templates
from integration.flow.consent import evidence
from integration.flow.world import World
from integration.run.wiring import ensure_usable, opened, owner
from integration.settings.settings import Settings, load
from integration.store.numbers import paused as paused_numbers
from integration.store.templates import templates
from integration.web import auth


@dataclass(frozen=True, slots=True)
class Check:
    """One question, whether the answer is good, and what to do if not."""

    name: str
    ok: bool
    detail: str


def run_checks(file: Path) -> list[Check]:
    """Ask every question that can be asked; a broken settings file or database ends the list."""
    try:
        settings = load(file)
    except LadenboteError as error:
        return [Check("settings", False, str(error))]
    found = [Check("settings", True, str(file)), *_settings(settings)]
    try:
        with opened(settings, file.absolute().parent) as world:
            found += [_database(world)]
            if found[-1].ok:
                found += [check for ask in (_password, _ledger, _numbers) for check in ask(world)]
    except (LadenboteError, OSError) as error:
        found.append(Check("database", False, str(error)))
    return found


def _settings(settings: Settings) -> Iterator[Check]:
    for table in ("companies", "shops"):
        count = len(getattr(settings, table))
        yield Check(table, count > 0, f"{count} set up" if count else f"none yet; add a [{table}.…] table")
    told = [route.target for route in owner(settings).routes]
    advice = "appear on the dashboard only; add [alarms.mail] or [alarms.webhook] to be told"
    yield Check("alarms", True, f"go to {', '.join(told)}; `ladenbote test-alarm` tries it" if told else advice)
    local = urlsplit(settings.public_url).hostname in ("127.0.0.1", "localhost")
    https = settings.public_url.startswith("https://") or settings.demo
    advice = "shops and Meta reach only a public https address; put a proxy with a certificate in front"
    yield Check("public_url", https and (settings.demo or not local), settings.public_url if https else advice)
    for slug, sender in settings.senders.items():
        known = bool(sender.business_account_id)
        advice = "is missing: without it templates cannot be read, and nothing is sent"
        yield Check(f"senders.{slug}.business_account_id", known, sender.business_account_id if known else advice)


def _database(world: World) -> Check:
    name = "PostgreSQL" if not world.database.is_sqlite else "SQLite"
    if str(world.database.engine.url) == str(world.keys.engine.url):
        return Check("database", False, "keys_url must be another database than url: backups leave the keys out")
    try:
        ensure_usable(world)
    except LadenboteError as error:
        return Check("database", False, str(error))
    shared = "" if world.database.is_sqlite or not world.keys.is_sqlite else "; keys_url lies on this machine alone"
    return Check("database", True, f"{name}, schema up to date{shared}")


def _password(world: World) -> Iterator[Check]:
    has = auth.has_password(world.database, world.vault)
    yield Check("password", has, "set" if has else "the dashboard has none; run `ladenbote init`")


def _ledger(world: World) -> Iterator[Check]:
    for report in evidence.verify(world):
        found = [evidence.sentence(fault).en for fault in report.faults]
        detail = f"{found[0]} Marketing is stopped." if found else "chain is whole"
        yield Check(f"consent ledger {report.company}", not found, detail)


def _numbers(world: World) -> Iterator[Check]:
    count = len(world.senders)
    advice = "none yet; connect one in the dashboard, or add a [senders.…] table"
    yield Check("senders", count > 0, f"{count} set up" if count else advice)
    wanted = {(t.name, t.language) for t in all_templates()}
    with world.database.read() as connection:
        paused = paused_numbers.paused(connection)
        for slug, sender in world.senders.items():
            known = templates.facts(connection, sender.account)
            missing = [name for name, language in wanted if (name, language) not in known]
            waiting = [k for k, facts in known.items() if k in wanted and facts.status != "APPROVED"]
            yield Check(f"senders.{slug}", slug not in paused, _paused(paused.get(slug)))
            yield Check(f"templates of {slug}", not missing and not waiting, _templates(missing, waiting))


def _paused(code: int | None) -> str:
    return "may send" if code is None else f"paused by Meta with code {code}; the dashboard says what to do"


def _templates(missing: list[str], waiting: list[tuple[str, str]]) -> str:
    if missing:
        return f"{len(missing)} not submitted yet; `ladenbote run` submits them"
    return f"{len(waiting)} wait for Meta's approval" if waiting else "all approved"
