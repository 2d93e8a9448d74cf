"""Metafields beside customers and orders, with a digest that shows whether somebody else wrote in between."""

import hashlib
import json
from typing import Any, Final

from integration.sandbox.shopify.call import Args, Call, Fields, attribute, gid, legacy, moment
from integration.sandbox.shopify.records import Metafield

LARGEST: Final = 128 * 1024


def digest(found: Metafield) -> str:
    """The compareDigest of what stands there."""
    return hashlib.sha256(f"{found.id} {found.value}".encode()).hexdigest()


def _json(found: Metafield, _: Call, __: Args) -> Any:
    return json.loads(found.value) if found.type == "json" else found.value


def of_record(record: Any, _: Call, args: Args) -> Metafield | None:
    """The field `metafield` of a customer or an order."""
    found: Metafield | None = record.metafields.get((args.get("namespace") or "app", args["key"]))
    return found


METAFIELD: Final[Fields] = {
    "id": gid("Metafield"), "legacyResourceId": legacy, "namespace": attribute("namespace"), "key": attribute("key"),
    "type": attribute("type"), "value": attribute("value"), "jsonValue": _json,
    "createdAt": moment("created"), "updatedAt": moment("updated"), "compareDigest": lambda m, _, __: digest(m),
}  # fmt: skip


def fault_of(row: Args, found: Metafield | None) -> tuple[str, str, str] | None:
    """Field, message and code of what is wrong with a MetafieldsSetInput, None when it can be stored."""
    if "compareDigest" in row and row["compareDigest"] != (digest(found) if found else None):
        return "compareDigest", "The resource has been updated since it was loaded.", "STALE_OBJECT"
    if len(row["value"].encode()) > LARGEST:
        return "value", "Value is too long.", "TOO_LONG"
    if row.get("type", found.type if found else "") == "json":
        try:
            json.loads(row["value"])
        except ValueError:
            return "value", "Value is invalid JSON.", "INVALID_VALUE"
    if not row.get("type") and found is None:
        return "type", "Type can't be blank.", "BLANK"
    return None
