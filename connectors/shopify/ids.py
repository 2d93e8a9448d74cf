"""Canonical ids: the numeric end of `admin_graphql_api_id`, never the `id` beside it.

Copies of a body that went through JavaScript hold a rounded `id` (2^53) next to the exact one.
"""

from connectors.reading import Json, identifier


def canonical_id(row: Json) -> str:
    """The exact numeric id of an order, fulfilment, customer, … as text; "" when it has none."""
    gid = row.get("admin_graphql_api_id")
    if isinstance(gid, str) and gid:
        return identifier(gid.rpartition("/")[2])
    return identifier(row.get("id"))
