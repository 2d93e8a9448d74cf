"""The schema: Shopify's own introspection where a file is given, else the part in the .graphql files here."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Final

from graphql import GraphQLSchema, build_client_schema, build_schema

HERE: Final = Path(__file__).parent
FIRST: Final = ("root", "customers", "orders", "shop")
_CONNECTION: Final = re.compile(r": (\w+)Connection\b")


@cache
def own_schema() -> GraphQLSchema:
    """The part that our documents need, for a fresh clone."""
    text = "\n".join((HERE / f"{name}.graphql").read_text(encoding="utf-8") for name in FIRST)
    nodes = sorted(set(_CONNECTION.findall(text)))
    return build_schema(text + "".join(_connection(node) for node in nodes))


@cache
def genuine_schema(path: Path) -> GraphQLSchema:
    """An introspection as the package @shopify/dev-mcp holds it: gzipped, beside a list of scopes."""
    with gzip.open(path) as file:
        return build_client_schema(json.load(file)["data"])


def _connection(node: str) -> str:
    return (
        f"\ntype {node}Connection {{ pageInfo: PageInfo! nodes: [{node}!]! edges: [{node}Edge!]! }}"
        f"\ntype {node}Edge {{ cursor: String! node: {node}! }}\n"
    )
