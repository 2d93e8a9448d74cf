"""What a GraphQL document requests in points, by Shopify's published rule (docs/reference/shopify.md section 2).

An object costs 1, a connection 2 and its nodes `first` times, another list its items `first` times, a mutation 10.
"""

from collections.abc import Mapping
from typing import Any

from graphql import parse
from graphql.language import ast


def requested_cost(document: str, variables: Mapping[str, Any] | None = None) -> int:
    """The points of the document's one operation."""
    definitions = parse(document).definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, ast.FragmentDefinitionNode)}
    (operation,) = [one for one in definitions if isinstance(one, ast.OperationDefinitionNode)]
    start = 10 if operation.operation is ast.OperationType.MUTATION else 0
    return start + _Rule(fragments, variables or {}).inside(operation.selection_set)


class _Rule:
    def __init__(self, fragments: Mapping[str, ast.FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self.fragments = fragments
        self.variables = variables

    def inside(self, selected: ast.SelectionSetNode) -> int:
        return sum(self._cost(one) for one in selected.selections)

    def _cost(self, one: ast.SelectionNode) -> int:
        if isinstance(one, ast.FragmentSpreadNode):
            return self.inside(self.fragments[one.name.value].selection_set)
        if isinstance(one, ast.InlineFragmentNode):
            return self.inside(one.selection_set)
        assert isinstance(one, ast.FieldNode)
        if one.selection_set is None or one.name.value in ("pageInfo", "userErrors"):
            return 0
        return self._field(one, one.selection_set)

    def _field(self, field: ast.FieldNode, selected: ast.SelectionSetNode) -> int:
        items = next(
            (one for one in selected.selections if isinstance(one, ast.FieldNode) and one.name.value == "nodes"), None
        )
        if items is not None:
            return 2 + self._size(field) * (1 + self.inside(_selected(items)))
        return self._size(field) * (1 + self.inside(selected))

    def _size(self, field: ast.FieldNode) -> int:
        given = {argument.name.value: argument.value for argument in field.arguments}
        if "ids" in given:
            return len(self.variables["ids"])
        first = given.get("first")
        if isinstance(first, ast.VariableNode):
            return int(self.variables[first.name.value])
        return int(first.value) if isinstance(first, ast.IntValueNode) else 1


def _selected(field: ast.FieldNode) -> ast.SelectionSetNode:
    assert field.selection_set is not None
    return field.selection_set
