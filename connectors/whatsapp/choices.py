"""Which numbers a token may write from."""

from collections.abc import AsyncIterator
from typing import Final

from connectors.reading import Json, identifier, rows, text
from connectors.whatsapp.answers import following
from connectors.whatsapp.graph import Graph, is_meta
from connectors.whatsapp.number import debug_token
from connectors.whatsapp.settings import SenderSettings
from integration.domain.numbers.numbers import NumberChoice

MANAGEMENT: Final = "whatsapp_business_management"
#: more accounts than an agency has
MOST_ACCOUNTS: Final = 500
NUMBER: Final = "id,display_phone_number,verified_name"


async def choices(settings: SenderSettings) -> list[NumberChoice]:
    """Every number of every account that the token was given; none at a partner. Raises ChannelError."""
    if not is_meta(settings):
        return []
    graph = Graph(settings)
    try:
        return [choice async for choice in _numbers(graph, settings)]
    finally:
        await graph.close()


async def _numbers(graph: Graph, settings: SenderSettings) -> AsyncIterator[NumberChoice]:
    token = await debug_token(graph, settings.token.get_secret_value())
    accounts = (await _accounts(graph, token))[:MOST_ACCOUNTS]
    nodes = await graph.several([(f"/{account}", {"fields": "id,name"}) for account in accounts])
    lists = await graph.several([
        (f"/{account}/phone_numbers", {"fields": NUMBER, "limit": "100"}) for account in accounts
    ])  # fmt: skip
    for account, node, listed in zip(accounts, nodes, lists, strict=True):
        if listed is None:
            continue  # an account that was taken from the token since
        found = rows(listed.get("data"))
        if more := following(listed, len(found)):
            found += await graph.every(f"/{account}/phone_numbers", fields=NUMBER, **more)
        for row in found:
            yield _choice(row, account, text((node or {}).get("name"), 100))


async def _accounts(graph: Graph, token: Json) -> list[str]:
    """The accounts that the token's permission names; one that names none holds for all of its user's."""
    granted = [row for row in rows(token.get("granular_scopes")) if row.get("scope") == MANAGEMENT]
    targets = [one for row in granted if isinstance(row.get("target_ids"), list) for one in row["target_ids"]]
    named = list(dict.fromkeys(found for one in targets if (found := identifier(one))))
    user = identifier(token.get("user_id"))
    if named or not user:
        return named
    listed = await graph.every(f"/{user}/assigned_whatsapp_business_accounts", fields="id")
    return [found for row in listed if (found := identifier(row.get("id")))]


def _choice(row: Json, account: str, name: str) -> NumberChoice:
    return NumberChoice(
        phone_number_id=identifier(row.get("id")),
        display_number=text(row.get("display_phone_number"), 40),
        name=text(row.get("verified_name"), 100),
        account_id=account,
        account_name=name,
    )
