"""Counting the ledger as it grows: each new row changes the totals by what it changed for its person.

Nobody's state is kept. Where a person stood before and stands now is folded from the person's own rows, up to where
the count had come and up to where it comes now, so a view costs the same for a thousand people and for a million.
People are counted by the ledger's own subjects; contacts that turn out to be one person count as one from then on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.consent.consent import (
    MARKETING_NEWS,
    MARKETING_OFFERS,
    SCOPES,
    SERVICE_SCOPE,
    ConsentEvent,
    ConsentType,
    Situation,
)
from integration.domain.consent.standing import GRANTS, INVALID, Standing, State, fold
from integration.flow.world import Company, World
from integration.store.consent import totals
from integration.store.consent.totals import Act, Key

CHUNK = 2_000
#: so many people at a time are counted as one
JOINED = 500
GENERAL = tuple(dict.fromkeys(scope for scope in SCOPES.values() if scope and ":" not in scope))
#: what a person who never said anything about a scope has
NOTHING = "no_consent"
#: so many new rows are counted while somebody waits for a page; the sweep counts the rest
AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom all companies together can write to, in people. `marketing` is news or offers, `withdrawn` a no to
    something of people who agreed to nothing else."""

    with_phone: int
    service: int
    marketing: int
    withdrawn: int


def reach(world: World) -> Reach:
    """Whom we can write to now; people who turned out to be one may count twice until the next sweep."""
    _grown(world, AT_ONCE)
    found: Counter[str] = Counter()
    with world.database.read() as connection:
        phones = totals.with_phone(connection, list(world.companies))
        for company in world.companies:
            found.update({name: n for (name, _), n in totals.of_company(connection, company, "reach").items()})
    return Reach(phones, found["service"], found["marketing"], found["withdrawn"])


def catch_up(world: World, most: int) -> int:
    """Count what the ledgers have grown by, at most so many rows per company; returns how many."""
    for company in world.companies.values():
        _join(world, company)
    return _grown(world, most)


def _grown(world: World, most: int) -> int:
    with world.database.read() as connection:
        waiting = totals.behind(connection)
    return sum(_company(world, company, *span, most) for company, span in waiting.items() if company in world.companies)


def _company(world: World, company: str, counted: int, end: int, most: int) -> int:
    done = 0
    while counted < end and done < most:
        with world.database.write() as connection:
            acts = totals.fresh(connection, company, counted, min(CHUNK, most - done))
            if not acts or not totals.move(connection, company, counted, acts[-1].seq):
                return done
            theirs = _people(connection, company, acts)
            totals.add(connection, company, changes(world.companies[company], acts, theirs, world.clock()))
        counted, done = acts[-1].seq, done + len(acts)
    return done


def _people(connection: Connection, company: str, acts: Sequence[Act]) -> dict[str, list[Act]]:
    """Every row, up to these, of the people whom these rows are about."""
    leads = totals.leads(connection, company, sorted({act.subject for act in acts}))
    everybody = totals.members(connection, company, sorted(set(leads.values())))
    found: dict[str, list[Act]] = {}
    for subject, mine in totals.of_subjects(connection, company, list(everybody), acts[-1].seq).items():
        found.setdefault(everybody[subject], []).extend(mine)
    return found


def _join(world: World, company: Company) -> None:
    """Count contacts that turned out to be one person as one."""
    with world.database.read() as connection:
        waiting = totals.apart(connection, company.slug, 1)
    while waiting:
        with world.database.write() as connection:
            upto = totals.counted(connection, company.slug)
            waiting = totals.apart(connection, company.slug, JOINED)
            if waiting:
                _join_these(world, connection, company, waiting, upto)


def _join_these(world: World, connection: Connection, company: Company, kept: Mapping[str, str], upto: int) -> None:
    merged = totals.merged(connection, sorted(kept))
    groups = {subject: subject for subject in kept.values()} | {s: kept[id_] for s, id_ in merged.items()}
    before = totals.leads(connection, company.slug, list(groups))
    theirs = totals.of_subjects(connection, company.slug, list(groups), upto)
    apart: dict[str, dict[str, list[Act]]] = {}
    for subject, lead in groups.items():
        apart.setdefault(lead, {}).setdefault(before[subject], []).extend(theirs.get(subject, []))
    found: Counter[Key] = Counter()
    for parts in apart.values():
        found.update(joined(company, list(parts.values()), world.clock()))
    totals.add(connection, company.slug, found)
    totals.join(connection, company.slug, groups)


def joined(company: Company, parts: Sequence[Sequence[Act]], now: datetime) -> Mapping[Key, int]:
    """What changes when these parts of a ledger, counted as people of their own, are one person."""
    found: Counter[Key] = Counter()
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    before = [_states(company, [act.event for act in part], now) for part in parts]
    after = _states(company, [act.event for part in parts for act in part], now)
    for scope in sorted({scope for seen in (*before, after) for scope in seen}):
        seen = [states[scope] for states in before if scope in states]
        _merged(found, scope, seen, after.get(scope), today)
    _reached(found, before, after)
    return found


def _merged(found: "Counter[Key]", scope: str, before: "list[_Seen]", after: "_Seen | None", today: date) -> None:
    for seen in (*before, *([after] if after else [])):
        found[Key("standing", scope, seen.code)] += 1 if seen is after else -1
    on = sorted(seen.day or today for seen in before if seen.code == "on")
    if after and after.code == "on":
        # the first gain was the person's; the others were none
        for day in on[1:]:
            found[Key("day", day.isoformat(), f"gained:{scope}")] -= 1
        if not on:
            found[Key("day", (after.day or today).isoformat(), f"gained:{scope}")] += 1
    elif on:
        ended = (after.day if after else None) or today
        found[Key("day", ended.isoformat(), f"lost:{scope}")] += len(on)


def changes(
    company: Company, acts: Sequence[Act], theirs: Mapping[str, Sequence[Act]], now: datetime
) -> Mapping[Key, int]:
    """What these new rows change. `theirs` are all rows of their subjects, the new ones among them."""
    found: Counter[Key] = Counter()
    today, first = now.astimezone(ZoneInfo(company.time_zone)).date(), acts[0].seq
    for mine in theirs.values():
        before = _states(company, [act.event for act in mine if act.seq < first], now)
        after = _states(company, [act.event for act in mine], now)
        for scope in {*before, *after}:
            _differ(found, scope, before.get(scope), after.get(scope), today)
        _reached(found, [before], after)
    for act in acts:
        if act.event.type in GRANTS and act.wording_hash:
            found[Key("wording", act.wording_hash, "")] += 1
    return found


def _differ(found: "Counter[Key]", scope: str, before: "_Seen | None", after: "_Seen | None", today: date) -> None:
    if before:
        found[Key("standing", scope, before.code)] -= 1
    if after:
        found[Key("standing", scope, after.code)] += 1
    was, is_ = bool(before and before.code == "on"), bool(after and after.code == "on")
    day = after.day if after and after.day else today
    if was != is_:
        found[Key("day", day.isoformat(), f"{'gained' if is_ else 'lost'}:{scope}")] += 1
    elif not is_ and after and after.on_since and (before is None or before.on_since != after.on_since):
        # came and went since the last count
        found[Key("day", after.on_since.isoformat(), f"gained:{scope}")] += 1
        found[Key("day", day.isoformat(), f"lost:{scope}")] += 1


def _reached(found: "Counter[Key]", before: "Iterable[_States]", after: "_States") -> None:
    for states in before:
        found.subtract(Key("reach", name, "") for name in _groups(states))
    found.update(Key("reach", name, "") for name in _groups(after))


def _groups(states: "_States") -> list[str]:
    """What a person counts as in the whole."""
    codes = {scope: seen.code for scope, seen in states.items()}
    no = any(code.startswith("off:") and code != "off:expired" for code in codes.values())
    counts = {
        "service": codes.get(SERVICE_SCOPE) == "on",
        "marketing": "on" in (codes.get(MARKETING_NEWS), codes.get(MARKETING_OFFERS)),
        "withdrawn": no and "on" not in codes.values(),
    }
    return [name for name, counted in counts.items() if counted]


def codes_of(company: Company, ledger: Sequence[ConsentEvent], now: datetime) -> dict[str, str]:
    """Where a person stands per scope, in the words of the totals."""
    return {scope: seen.code for scope, seen in _states(company, ledger, now).items()}


class _Seen:
    """Where a scope of one person stands, in the words of the totals."""

    __slots__ = ("code", "day", "on_since")

    def __init__(self, code: str, day: date | None, on_since: date | None) -> None:
        self.code, self.day, self.on_since = code, day, on_since


_States = Mapping[str, _Seen]


def _states(company: Company, ledger: Sequence[ConsentEvent], now: datetime) -> _States:
    """A person's scopes; one without anything said about it is left out, and so is everything of who was erased."""
    if not ledger or any(event.type is ConsentType.ERASED for event in ledger):
        return {}
    situation = Situation(now=now, company=company.slug, zones=(), country=None, template=None)
    seen: dict[str, _Seen] = {}
    zone = ZoneInfo(company.time_zone)
    for scope in (*GENERAL, *_items(ledger)):
        state = fold(ledger, scope, situation, company.policy)
        if code := _code(state, ledger):
            name, best = scope.partition(":")[0], seen.get(scope.partition(":")[0])
            if best is None or _rank(code) < _rank(best.code):
                at = state.ended.occurred_at if state.ended else state.used_at
                since = _on_before(ledger, scope, state.ended, situation, company)
                seen[name] = _Seen(code, _day(at, zone), _day(since, zone))
    return seen


def _on_before(
    ledger: Sequence[ConsentEvent], scope: str, ended: ConsentEvent | None, situation: Situation, company: Company
) -> datetime | None:
    """Since when a scope had been on when it was ended, None when it was not."""
    if ended is None:
        return None
    earlier = [event for event in ledger if event.occurred_at < ended.occurred_at]
    state = fold(earlier, scope, situation, company.policy)
    return state.used_at if state.standing is Standing.ON else None


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None


def _items(ledger: Iterable[ConsentEvent]) -> list[str]:
    return sorted({scope for event in ledger for scope in event.purposes if ":" in scope})


def _code(state: State, ledger: Sequence[ConsentEvent]) -> str:
    """on, pending:why, off:why, or none:why for a consent that does not count; "" when nothing was ever said."""
    if state.standing is Standing.ON:
        return "on"
    if state.standing is not Standing.NONE:
        return f"{state.standing}:{state.code}"
    if state.code == NOTHING:
        return ""
    missed = next((event for event in ledger if event.event_id in state.basis), None)
    flaws = sorted(missed.flags & INVALID) if missed and state.code == "invalid_consent" else []
    return f"none:{flaws[0] if flaws else state.code}"


def _rank(code: str) -> int:
    return ("on", "pending", "off", "none").index(code.partition(":")[0])
