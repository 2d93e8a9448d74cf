"""What Meta says of a number, its token, its account and its app, as `NumberFacts`.

Each part may fail by itself: what could not be read is named in `errors` with Graph's code.
"""

from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from connectors.reading import Json, identifier, mapping, rows, text
from connectors.whatsapp.graph import Graph, is_meta
from connectors.whatsapp.settings import SenderSettings
from integration.domain.errors import NotSent, OutcomeUnknown, Refused
from integration.domain.numbers.numbers import NumberFacts, Obstacle

NUMBER_FIELDS: Final = (
    "id,display_phone_number,verified_name,name_status,quality_rating,status,platform_type,account_mode,throughput,"
    "whatsapp_business_manager_messaging_limit,is_on_biz_app,webhook_configuration,health_status"
)
#: asked for when a version or an account does not know all of the fields above
FEWER_FIELDS: Final = "id,display_phone_number,verified_name,quality_rating,throughput"
ACCOUNT_FIELDS: Final = "id,account_review_status"
OBJECT: Final = "whatsapp_business_account"
INVALID_TOKEN: Final = 190

Facts = dict[str, Any]
Found = TypeVar("Found")


class Errors(dict[str, int]):
    """Graph's code by the part that could not be read."""

    async def or_nothing(self, part: str, work: Awaitable[Found]) -> Found | None:
        """What was read, None when it could not be."""
        try:
            return await work
        except Refused as refused:
            self[part] = refused.code
        except (NotSent, OutcomeUnknown):
            self[part] = -1
        return None


async def facts(settings: SenderSettings) -> NumberFacts:
    """Everything that can be read of a number; never raises ChannelError."""
    graph = Graph(settings)
    try:
        if not is_meta(settings):
            return await _partner(graph, settings)
        return await _meta(graph, settings)
    finally:
        await graph.close()


async def _partner(graph: Graph, settings: SenderSettings) -> NumberFacts:
    errors = Errors()
    path = settings.health_path.replace("{phone_number_id}", settings.phone_number_id)
    node = await errors.or_nothing("number", graph.get(path))
    code = errors.get("number", 0)
    return NumberFacts(
        partner=True,
        reachable=code != -1,
        token_valid=False if code in (401, 403, INVALID_TOKEN) else None,
        obstacles=tuple(_obstacles(mapping((node or {}).get("health_status")))),
        errors=dict(errors),
    )


async def _meta(graph: Graph, settings: SenderSettings) -> NumberFacts:
    errors = Errors()
    found = await _token(graph, settings, errors)
    found |= await _number(graph, settings, errors)
    if settings.business_account_id:
        found |= await _account(graph, settings, found.get("app_id", ""), errors)
    found |= await _profile(graph, settings, errors)
    if found.get("app_id") and settings.app_secret.get_secret_value():
        found |= await _app(settings, found["app_id"], errors)
    reachable = not errors or any(code != -1 for code in errors.values()) or bool(found.get("app_id"))
    version = settings.base_url.rstrip("/").rpartition("/")[2]
    return NumberFacts(
        reachable=reachable, account_id=settings.business_account_id, errors=dict(errors), version=version, **found
    )


async def debug_token(graph: Graph, token: str) -> Json:
    """What Meta says of a token. Raises ChannelError."""
    return mapping((await graph.get_secretly("/debug_token", input_token=token)).get("data"))


async def _token(graph: Graph, settings: SenderSettings, errors: Errors) -> Facts:
    data = await errors.or_nothing("token", debug_token(graph, settings.token.get_secret_value()))
    if data is None:
        return {"token_valid": False} if errors["token"] == INVALID_TOKEN else {}
    until = data.get("expires_at")
    return {
        "token_valid": data.get("is_valid") is not False,
        "token_type": text(data.get("type"), 40).upper(),
        "token_expires_at": datetime.fromtimestamp(until, UTC) if isinstance(until, int) and until > 0 else None,
        "permissions": _words(data.get("scopes")),
        "app_id": identifier(data.get("app_id")),
    }


async def _number(graph: Graph, settings: SenderSettings, errors: Errors) -> Facts:
    path = f"/{settings.phone_number_id}"
    node = await errors.or_nothing("number", graph.get(path, fields=NUMBER_FIELDS))
    if node is None and errors.get("number") == 100:
        node = await errors.or_nothing("number", graph.get(path, fields=FEWER_FIELDS))
        if node is not None:
            del errors["number"]
    return {} if node is None else number_of(node)


def number_of(node: Json) -> Facts:
    """The fields of one number's node."""
    hooks = mapping(node.get("webhook_configuration"))
    ways = (hooks.get(name) for name in ("phone_number", "whatsapp_business_account", "application"))
    return {
        "display_number": text(node.get("display_phone_number"), 40),
        "verified_name": text(node.get("verified_name"), 100),
        "name_status": text(node.get("name_status"), 40).upper(),
        "quality": text(node.get("quality_rating"), 40).upper(),
        "status": text(node.get("status"), 40).upper(),
        "platform": text(node.get("platform_type"), 40).upper(),
        "mode": text(node.get("account_mode"), 40).upper(),
        "throughput": text(mapping(node.get("throughput")).get("level"), 40).upper(),
        "messaging_limit": text(node.get("whatsapp_business_manager_messaging_limit"), 40).upper(),
        "on_business_app": node.get("is_on_biz_app") is True,
        "callback": next((found for way in ways if (found := text(way, 300))), ""),
        "obstacles": tuple(_obstacles(mapping(node.get("health_status")))),
    }


def _obstacles(health: Json) -> Iterator[Obstacle]:
    """What stands in the way of sending, over the number, its account, the business and the app."""
    for entity in rows(health.get("entities")):
        for error in rows(entity.get("errors")):
            code = error.get("error_code")
            said, remedy = text(error.get("error_description"), 300), text(error.get("possible_solution"), 300)
            yield Obstacle(code if isinstance(code, int) else 0, said, remedy)
        infos = entity.get("additional_info")
        for info in infos if isinstance(infos, list) else ():
            if said := text(info, 300):
                yield Obstacle(0, said, "", blocks=False)


async def _account(graph: Graph, settings: SenderSettings, app_id: str, errors: Errors) -> Facts:
    path = f"/{settings.business_account_id}"
    account = await errors.or_nothing("account", graph.get(path, fields=ACCOUNT_FIELDS))
    if account is None:
        return {}
    numbers = await errors.or_nothing("numbers", graph.every(f"{path}/phone_numbers", fields="id"))
    apps = await errors.or_nothing("apps", graph.every(f"{path}/subscribed_apps"))
    ids = {str(row.get("id")) for row in numbers or ()}
    return {
        "account_review": text(account.get("account_review_status"), 40).upper(),
        "in_account": settings.phone_number_id in ids if numbers else None,
        "subscribed": None if apps is None else _listens(apps, app_id),
    }


async def _profile(graph: Graph, settings: SenderSettings, errors: Errors) -> Facts:
    """The links that customers see; who may not send may not read them either."""
    if "number" in errors:
        return {}
    path = f"/{settings.phone_number_id}/whatsapp_business_profile"
    found = await errors.or_nothing("profile", graph.get(path, fields="websites"))
    if found is None:
        return {}
    row = next(iter(rows(found.get("data"))), {})
    return {"websites": _words(row.get("websites"), 256)}


def _listens(apps: list[Json], app_id: str) -> bool:
    """Whether the token's app is among those that an account reports to; another one's hears nothing for us."""
    ids = {identifier(mapping(row.get("whatsapp_business_api_data")).get("id")) for row in apps}
    return app_id in ids if app_id else bool(apps)


async def _app(settings: SenderSettings, app_id: str, errors: Errors) -> Facts:
    """The app's webhook, read with the app's own token: that proves the app secret, too."""
    graph = app_graph(settings, app_id)
    try:
        found = await errors.or_nothing("app", graph.get(f"/{app_id}/subscriptions"))
    finally:
        await graph.close()
    if found is None:
        return {"app_secret_fits": False} if errors["app"] in (1, 100, 101, INVALID_TOKEN) else {}
    ours = next((row for row in rows(found.get("data")) if row.get("object") == OBJECT), {})
    return {"app_secret_fits": True, "fields": fields_of(ours)}


def fields_of(subscription: Json) -> tuple[str, ...]:
    """The webhook fields of a subscription: objects with a name, or plain names."""
    fields = subscription.get("fields")
    return tuple(text(row.get("name"), 64) for row in rows(fields)) or _words(fields)


def app_graph(settings: SenderSettings, app_id: str) -> Graph:
    """Requests in the app's own name."""
    return Graph(settings, f"Bearer {app_id}|{settings.app_secret.get_secret_value()}")


def _words(value: object, limit: int = 64) -> tuple[str, ...]:
    return tuple(text(word, limit) for word in value if isinstance(word, str)) if isinstance(value, list) else ()
