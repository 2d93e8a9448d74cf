"""Which numbers a token may write from."""

from collections.abc import AsyncIterator
from typing import Final

from connectors.reading import Json, identifier, mapping, rows, text
from connectors.whatsapp.graph import Graph, is_meta
from connectors.whatsapp.number import debug_token
from connectors.whatsapp.settings import SenderSettings
from integration.domain.errors import Refused
from integration.domain.numbers import NumberChoice

MANAGEMENT: Final = "whatsapp_business_management"
#: more accounts than a shop owner has
MOST_ACCOUNTS: Final = 20


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
    for account in (await _accounts(graph, token))[:MOST_ACCOUNTS]:
        try:
            node = await graph.get(f"/{account}", fields="id,name")
            listed = await graph.get(
                f"/{account}/phone_numbers", fields="id,display_phone_number,verified_name", limit="100"
            )
        except Refused:
            continue  # an account that was taken from the token since
        for row in rows(listed.get("data")):
            yield _choice(row, account, text(node.get("name"), 100))


async def _accounts(graph: Graph, token: Json) -> list[str]:
    """The accounts that the token's permission names; one that names none holds for all of its user's."""
    granted = [row for row in rows(token.get("granular_scopes")) if row.get("scope") == MANAGEMENT]
    named = [found for row in granted for one in row.get("target_ids") or () if (found := identifier(one))]
    user = identifier(token.get("user_id"))
    if named or not user:
        return named
    listed = await graph.get(f"/{user}/assigned_whatsapp_business_accounts", fields="id", limit="100")
    return [found for row in rows(listed.get("data")) if (found := identifier(mapping(row).get("id")))]


def _choice(row: Json, account: str, name: str) -> NumberChoice:
    return NumberChoice(
        phone_number_id=identifier(row.get("id")),
        display_number=text(row.get("display_phone_number"), 40),
        name=text(row.get("verified_name"), 100),
        account_id=account,
        account_name=name,
    )
