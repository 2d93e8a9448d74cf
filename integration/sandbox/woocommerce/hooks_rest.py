"""Routes of webhooks: what a watchdog asks and mends."""

from typing import Any

from integration.sandbox.woocommerce.hooks import Webhook, valid_topic
from integration.sandbox.woocommerce.listing import PAGING, Answer, absent, links, page
from integration.sandbox.woocommerce.order_body import gmt, local
from integration.sandbox.woocommerce.params import Refused, checked, one_of, text
from integration.sandbox.woocommerce.rest import Call, Route

STATUSES = ("all", "active", "paused", "disabled")
_HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post"],
    "product.updated": ["woocommerce_update_product", "woocommerce_update_product_variation"],
}


def webhooks(call: Call) -> Answer:
    """The list, newest first. The number of pages is wrong in the real one, too (measured: 13 rows by 1, "1")."""
    query = checked(call.query, PAGING | {"status": one_of(STATUSES), "search": text})
    rows = sorted(call.shop.hooks.rows.values(), key=lambda row: -row.id)
    if query.get("status", "all") != "all":
        rows = [row for row in rows if row.status == query["status"]]
    rows = [row for row in rows if query.get("search", "").lower() in row.name.lower()]
    answer = page(rows, query, lambda row: _body(call, row))
    pages = str(min(1, len(rows)))
    return Answer(answer.body, headers={"X-WP-Total": str(len(rows)), "X-WP-TotalPages": pages})


def webhook(call: Call) -> Answer:
    """One webhook."""
    return Answer(_body(call, _row(call)))


def create(call: Call) -> Answer:
    """A new webhook: tried out at once with a ping. Without a secret it draws one and never shows it."""
    topic, url = _topic(call), _url(call)
    now = call.shop.now()
    name = str(call.body.get("name") or f"Webhook created on {now:%b %d, %Y}")
    secret = str(call.body.get("secret") or f"drawn-and-never-shown-{len(call.shop.hooks.rows)}")
    status = checked(call.body, {"status": one_of(STATUSES[1:])}).get("status", "active")
    row = call.shop.hooks.add(
        name=name, topic=topic, url=url, secret=secret, created=now, modified=now, status=status,
    )  # fmt: skip
    call.shop.hooks.ping([row])
    body = _body(call, row) | {"date_modified": None, "date_modified_gmt": None}
    return Answer(body, 201, {"Location": f"{call.shop.site}/wp-json/wc/v3/webhooks/{row.id}"})


def change(call: Call) -> Answer:
    """Pause, wake, point elsewhere. An active one that failed before is pinged again, its failures stay."""
    row = _row(call)
    row.status = checked(call.body, {"status": one_of(STATUSES[1:])}).get("status", row.status)
    row.name = str(call.body.get("name", row.name))
    row.secret = str(call.body.get("secret", row.secret))
    row.topic = _topic(call) if "topic" in call.body else row.topic
    row.url = _url(call) if "delivery_url" in call.body else row.url
    row.modified = call.shop.now()
    if row.status == "active" and row.failures:
        call.shop.hooks.ping([row])
    return Answer(_body(call, row))


def delete(call: Call) -> Answer:
    """Gone for good; only with force, webhooks know no trash."""
    row = _row(call)
    if str(call.given.get("force", "")).lower() not in ("true", "1"):
        raise Refused(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
    del call.shop.hooks.rows[row.id]
    return Answer(_body(call, row))


def _row(call: Call) -> Webhook:
    row = call.shop.hooks.rows.get(call.ids[0])
    if row is None:
        raise absent("woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
    return row


def _topic(call: Call) -> str:
    topic = str(call.body.get("topic", ""))
    if not valid_topic(topic):
        code = "woocommerce_rest_shop_webhook_invalid_topic"
        raise Refused(400, code, "Webhook topic is required and must be valid.")
    return topic


def _url(call: Call) -> str:
    url = str(call.body.get("delivery_url", ""))
    if not url.startswith(("http://", "https://")):
        words = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise Refused(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", words)
    return url


def _body(call: Call, row: Webhook) -> dict[str, Any]:
    resource, _, event = row.topic.partition(".")
    return {
        "id": row.id, "name": row.name, "status": row.status, "topic": row.topic, "resource": resource,
        "event": event, "hooks": [event] if resource == "action" else _HOOKS.get(row.topic, []),
        "delivery_url": row.url,
        "date_created": local(row.created), "date_created_gmt": gmt(row.created),
        "date_modified": local(row.modified), "date_modified_gmt": gmt(row.modified),
        "_links": links(call.shop.site, f"wc/v3/webhooks/{row.id}", "wc/v3/webhooks"),
    }  # fmt: skip


ROUTES = (
    Route("wc/v3/webhooks", {"GET": webhooks, "POST": create}),
    Route("wc/v3/webhooks/<id>", {"GET": webhook, "PUT": change, "DELETE": delete}),
)
