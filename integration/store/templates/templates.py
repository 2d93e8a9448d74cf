"""Meta's templates as last read, the owner's own texts, and what the owner decided about them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, insert, literal, null, select, update

from integration.domain.consent.consent import TemplateFacts
from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.messages.components import Row
from integration.domain.messages.holds import Scope, template_key
from integration.domain.templates.parts import restored, stored
from integration.domain.templates.selection import Known, OwnText
from integration.store.fast_select import Query
from integration.store.ids import new_id
from integration.store.tables import block, template, template_choice, template_text

#: Meta did not even take it; it is no status of Meta's
REFUSED = "REFUSED"
#: a status of our own, too: Meta takes no more for now, or nobody knows whether it took this one
PUT_OFF = "PUT_OFF"
#: somebody changed it at Meta to what messages cannot, or may not, say; this is none of Meta's either
CHANGED = "CHANGED"
#: Meta refuses messages with it, whatever its status says; nor is this one
STOPPED = "STOPPED"
_BRAKED = (template.c.category == "MARKETING") & template.c.accepted_at.is_(None)
_OF_ACCOUNT = Query(
    select(
        template.c.name,
        template.c.language,
        template.c.status,
        template.c.category,
        case((_BRAKED, literal(1)), else_=literal(0)),
    ).where(template.c.account == bindparam("account"))
)
_KNOWN = (
    template.c.status,
    template.c.category,
    template.c.reason,
    template.c.quality,
    template.c.body,
    template.c.since,
    template.c.accepted_at,
    template.c.outline,
)
_OWN = tuple(template_text.c[name] for name in OwnText.__dataclass_fields__)


def replace_all(connection: Connection, account: str, found: Sequence[RemoteTemplate], now: datetime) -> None:
    """Store an account's templates in place of those read before, but for what Meta refused to take.

    The list was asked for at `now` and took its time: what a webhook said of a template since then stays.
    """
    before = known(connection, account)
    listed = {(t.name, t.language) for t in found}
    gone = delete(template).where(template.c.account == account)
    connection.execute(gone.where(template.c.status != REFUSED))
    for name, language in listed & {key for key, one in before.items() if one.status == REFUSED}:
        connection.execute(gone.where(template.c.name == name, template.c.language == language))
    rows = [_row(account, t, before.get((t.name, t.language)), now) for t in found]
    if rows:
        connection.execute(insert(template), rows)


def _newest(listed: RemoteTemplate, before: Known | None, asked: datetime) -> RemoteTemplate:
    if before is None or before.since is None or before.since <= asked or before.status in (REFUSED, PUT_OFF):
        return listed
    return replace(listed, status=before.status, category=before.category, reason=before.reason)


def _row(account: str, t: RemoteTemplate, before: Known | None, now: datetime) -> dict[str, Any]:
    t = _newest(t, before, now)
    same_category = before is not None and before.category == t.category
    same = before is not None and same_category and before.status == t.status
    return {
        "account": account,
        "name": t.name,
        "language": t.language,
        "status": t.status,
        "category": t.category,
        "reason": t.reason or (before.reason if before and same else ""),
        "read_at": now,
        "quality": t.quality,
        "body": t.body,
        "footer": t.footer,
        "since": before.since if before and same else now,
        "accepted_at": before.accepted if before and same_category else None,
        "outline": t.outline,
    }


def put(connection: Connection, account: str, answer: RemoteTemplate, now: datetime) -> None:
    """Keep what Meta answered to a text that was submitted just now."""
    here = (template.c.account == account, template.c.name == answer.name, template.c.language == answer.language)
    connection.execute(delete(template).where(*here))
    connection.execute(insert(template), _row(account, answer, None, now))


def note(connection: Connection, account: str, news: TemplateNews, now: datetime) -> bool:
    """Take in what a webhook says of a template; False when it changes nothing."""
    before = known(connection, account).get((news.name, news.language))
    if before is None:
        return False
    status, category = news.status or before.status, news.category or before.category
    quality = before.quality if news.quality is None else news.quality
    values: dict[str, Any] = {"status": status, "category": category, "quality": quality}
    if (status, category) != (before.status, before.category):
        values |= {"since": now, "reason": news.reason}
    elif news.reason:  # it says what is about to come
        values["reason"] = news.reason
    if news.body:
        values["body"] = news.body
    if category != before.category:
        values["accepted_at"] = null()
    where = (template.c.account == account, template.c.name == news.name, template.c.language == news.language)
    connection.execute(update(template).where(*where).values(values))
    same = (status, category, quality) == (before.status, before.category, before.quality)
    return not same or bool(news.body)


def facts(connection: Connection, account: str) -> dict[tuple[str, str], TemplateFacts]:
    """Status and category by (name, language), as a decision sees them."""
    rows = _OF_ACCOUNT.rows(connection, {"account": account})
    return {
        (name, language): TemplateFacts(status, category, bool(braked), flipped=category == "MARKETING")
        for name, language, status, category, braked in rows
    }


def known(connection: Connection, account: str) -> dict[tuple[str, str], Known]:
    """All that Meta said last of an account's templates, by (name, language)."""
    query = select(template.c.name, template.c.language, *_KNOWN).where(template.c.account == account)
    return {(row[0], row[1]): _known(row[2:]) for row in connection.execute(query)}


def usable(connection: Connection, account: str) -> dict[tuple[str, str], Known]:
    """The same, with those STOPPED that rest because Meta refused messages with them."""
    resting = set(connection.execute(select(block.c.key).where(block.c.scope == Scope.TEMPLATE)).scalars())
    return {
        key: replace(one, status=STOPPED) if template_key(account, *key) in resting else one
        for key, one in known(connection, account).items()
    }


def _known(row: Sequence[Any]) -> Known:
    outline = None if row[-1] is None else tuple((kind, title, value) for kind, title, value in row[-1])
    return Known(*[*row[:-1], outline])


def texts(connection: Connection) -> list[OwnText]:
    """Every version that an owner wrote, oldest first."""
    query = select(*_OWN).order_by(template_text.c.at, template_text.c.version)
    return [_text(tuple(row)) for row in connection.execute(query)]


def _text(row: tuple[Any, ...]) -> OwnText:
    return OwnText(*[*row[:-1], restored(row[-1] or {})])


def words_of(connection: Connection, name: str, language: str) -> str:
    """A text by Meta's name of it: as the owner wrote it, or as Meta lists it."""
    own = select(template_text.c.body).where(template_text.c.name == name, template_text.c.language == language)
    listed = select(template.c.body).where(template.c.name == name, template.c.language == language).limit(1)
    return str(connection.execute(own).scalar() or connection.execute(listed).scalar() or "")


def outline_of(connection: Connection, name: str, language: str) -> list[Row]:
    """What people see of a text besides its words, as Meta showed it last; nothing while it never did."""
    query = select(template.c.outline).where(template.c.name == name, template.c.language == language).limit(1)
    return [(kind, title, value) for kind, title, value in connection.execute(query).scalar() or ()]


def add_text(connection: Connection, text: OwnText) -> None:
    """Store a new version; none is ever changed."""
    row = {name: getattr(text, name) for name in OwnText.__dataclass_fields__}
    connection.execute(insert(template_text), row | {"parts": stored(text.parts) or None})


def choose(connection: Connection, account: str, key: tuple[str, str], *, accept: bool, by: str, now: datetime) -> None:
    """Record what the owner decided about a text that Meta calls MARKETING."""
    name, language = key
    row = {"id": new_id(), "account": account, "name": name, "language": language, "at": now, "by": by}
    connection.execute(insert(template_choice), row | {"choice": "accept" if accept else "pause"})
    where = (template.c.account == account, template.c.name == name, template.c.language == language)
    connection.execute(update(template).where(*where).values(accepted_at=now if accept else null()))


def choices(connection: Connection, names: Iterable[str]) -> list[Any]:
    """Those decisions about these names, newest first."""
    query = select(template_choice).where(template_choice.c.name.in_(sorted(set(names))))
    return list(connection.execute(query.order_by(template_choice.c.at.desc(), template_choice.c.id.desc())))


def approved_at(connection: Connection) -> dict[str, datetime]:
    """When templates were last read as approved, by the key of their block."""
    query = select(template.c.account, template.c.name, template.c.language, template.c.read_at)
    rows = connection.execute(query.where(template.c.status == "APPROVED"))
    return {template_key(account, name, language): at for account, name, language, at in rows}
