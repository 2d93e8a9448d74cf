"""Points (docs/reference/shopify.md section 2): an object is 1, a connection 2 and its nodes, a mutation 10."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    value_from_ast_untyped,
)

MUTATION: Final = 10
CONNECTION: Final = 2
FREE: Final = frozenset({"PageInfo"})
SIZES: Final = frozenset({"first", "last", "ids"})


@dataclass(frozen=True, slots=True)
class Price:
    """Prices one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def requested(self, operation: OperationDefinitionNode) -> int:
        """What must be in the bucket before it runs."""
        root = self.schema.get_root_type(operation.operation)
        if operation.operation.value == "mutation":
            return sum(
                MUTATION + self._selection(node.selection_set, get_named_type(field.type))
                for node, field, _ in self._fields(operation.selection_set, root)
            )
        return self._selection(operation.selection_set, root)

    def actual(self, operation: OperationDefinitionNode, data: Any) -> int:
        """What it cost, by what came back."""
        root = self.schema.get_root_type(operation.operation)
        if operation.operation.value != "mutation":
            return self._answered(operation.selection_set, root, data or {})
        done = data or {}
        return sum(
            MUTATION + self._answered(node.selection_set, get_named_type(field.type), done.get(_key(node)) or {})
            for node, field, _ in self._fields(operation.selection_set, root)
        )

    def _selection(self, selection: SelectionSetNode | None, parent: Any) -> int:
        """The dearest alternative of a union counts."""
        totals: dict[str, int] = {}
        for node, field, owner in self._fields(selection, parent):
            totals[owner] = totals.get(owner, 0) + self._field(node, field)
        common = totals.pop(parent.name, 0)
        return common + max(totals.values(), default=0)

    def _field(self, node: FieldNode, field: GraphQLField) -> int:
        kind = get_named_type(field.type)
        if is_leaf_type(kind) or kind.name in FREE:
            return 0
        if kind.name.endswith("Connection"):
            return CONNECTION + self._size(node) * self._node(node.selection_set, kind)
        each = 1 + self._selection(node.selection_set, kind)
        return each * self._size(node)

    def _node(self, selection: SelectionSetNode | None, kind: Any) -> int:
        """The price of one node, asked for by `nodes` or by `edges { node }`."""
        prices = [0]
        for node, field, _ in self._fields(selection, kind):
            inner = get_named_type(field.type)
            if node.name.value == "nodes":
                prices.append(1 + self._selection(node.selection_set, inner))
            if node.name.value == "edges":
                prices.append(self._node(node.selection_set, inner))
            if node.name.value == "node":
                prices.append(1 + self._selection(node.selection_set, inner))
        return max(prices)

    def _size(self, node: FieldNode) -> int:
        """How often its content is asked for: `first`, `last` or so many `ids`; once without either."""
        given = [argument.value for argument in node.arguments if argument.name.value in SIZES]
        if not given:
            return 1
        value = value_from_ast_untyped(given[0], dict(self.variables))
        return value if isinstance(value, int) else len(value or ())

    def _answered(self, selection: SelectionSetNode | None, parent: Any, data: Mapping[str, Any]) -> int:
        seen, total = set(), 0
        for node, field, _ in self._fields(selection, parent):
            key, kind = _key(node), get_named_type(field.type)
            if key in seen or data.get(key) is None or is_leaf_type(kind) or kind.name in FREE:
                continue
            seen.add(key)
            if kind.name.endswith("Connection"):
                total += CONNECTION + self._answered(node.selection_set, kind, data[key])
                continue
            values = data[key] if isinstance(data[key], list) else [data[key]]
            if not parent.name.endswith("Connection") and not SIZES & set(field.args):
                values = values[:1]  # asking counted a list without a size once, so answering does
            free = kind.name.endswith("Edge")
            total += sum((not free) + self._answered(node.selection_set, kind, one) for one in values if one)
        return total

    def _fields(self, selection: SelectionSetNode | None, parent: Any) -> Iterator[tuple[FieldNode, GraphQLField, str]]:
        """Every field, through fragments, with the name of the type that it belongs to."""
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                field = getattr(parent, "fields", {}).get(node.name.value)
                if field is not None:
                    yield node, field, parent.name
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                inner = self.fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the third and last kind
                inner = node
            condition = inner.type_condition
            kind = self.schema.type_map[condition.name.value] if condition else parent
            yield from self._fields(inner.selection_set, kind)


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value
