"""Reconciliation: does every order have its message, or a reason why not?"""

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.shops.events import ObjectType, object_key
from integration.domain.shops.reconciliation import EXPLANATIONS, GAPS, REACHED, sentence
from integration.store.shops import reconciliation
from integration.store.shops.reconciliation import Reconciliation
from integration.web.render import Pages

#: reasons of events that never became a message
SILENT = frozenset({"before_connection", "too_old", "order_unknown", "no_notification"})
#: more gaps than this are one trouble, not many
MOST = 200


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    with pages.world.database.read() as connection:
        checks = reconciliation.last(connection)
        found = reconciliation.open_gaps(connection, MOST)
    language = pages.language(request)
    shown = [checks[slug] for slug in pages.deps.shops if slug in checks]
    return pages.render(
        request,
        "shops/reconciliation.html",
        checks=shown,
        rows=[(row, row.order_key.removeprefix(_prefix(row.shop))) for row in found],
        explained={code: (a.in_(language), b.in_(language)) for code, (a, b) in EXPLANATIONS.items()},
        reached=sum(check.reasons.get(REACHED, 0) for check in shown),
        orders=sum(check.orders for check in shown),
        reasons={check.shop: _reasons(check, language) for check in shown},
    )


def _prefix(shop: str) -> str:
    return object_key(shop, ObjectType.ORDER, "")


def _reasons(check: Reconciliation, language: str) -> list[tuple[str, str, int]]:
    """Where the rows are, sentence and number of each reason why orders got no message, the most frequent first."""
    named = [(code, count) for code, count in check.reasons.items() if code not in GAPS and code != REACHED]
    ordered = sorted(named, key=lambda item: (-item[1], item[0]))
    return [(_behind(check.shop, code), sentence(code).in_(language), count) for code, count in ordered]


def _behind(shop: str, code: str) -> str:
    """The address that lists what a number counts, "" where no list does."""
    if code == "not_placed":
        return ""
    if code in SILENT:
        return f"/received?outcome={code}"
    return f"/messages?shop={shop}&" + ("status=queued" if code == "waiting" else f"reason={code}")
