"""Filters of SCIM as conditions of the database: values are parameters, names come from the tables of attributes only.

Each condition is true or false, never unknown, so that `not` turns it round also where a value is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from scim2_models import AttributeBinding, InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)

from roadworthy.server.accounts.scim.attributes import Attribute

ALL = ~Q(pk__in=[])
NONE = Q(pk__in=[])
EXTENSION = "enterprise."
"""Before the names of attributes of the extension."""
LONGEST = 4000
"""Characters of a filter."""


def condition(filter_: ScimFilter[Any] | None, model: Any, attributes: Mapping[str, Attribute]) -> Q:
    """Return the condition that a filter is on rows of one resource.

    Raises InvalidFilterException for an attribute that cannot be filtered by, or not with this operator.
    """
    if filter_ is None:
        return ALL
    if len(filter_) > LONGEST:
        raise InvalidFilterException(detail=f"a filter has at most {LONGEST} characters here")
    try:
        bound = ScimFilter[model](filter_)
        return _Condition(bound, attributes).visit(bound.ast)
    except RecursionError as error:
        raise InvalidFilterException(detail="the filter is nested too deep") from error


def named(binding: AttributeBinding) -> str:
    """Return the name of an attribute in the tables, without that of its extension."""
    return binding.field_name + (f".{binding.sub_field_name}" if binding.sub_field_name else "")


class _Condition(FilterVisitor[Q]):
    """Walks a filter."""

    def __init__(self, bound: ScimFilter[Any], attributes: Mapping[str, Attribute], within: str = "") -> None:
        self._bound = bound
        self._attributes = attributes
        self._within = within
        """Name of the attribute among whose values is chosen, as `emails[].`."""

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        found = self.visit(node.terms[0])
        for term in node.terms[1:]:
            found = found & self.visit(term) if node.op == LogicalOperator.and_ else found | self.visit(term)
        return found

    def visit_present(self, node: Present) -> Q:
        name, known = self._name(node.attr_path)
        if not known:
            return NONE
        return self._attribute(name).present()

    def visit_comparison(self, node: Comparison) -> Q:
        name, known = self._name(node.attr_path)
        if not known:
            return NONE
        attribute = self._attribute(name)
        if node.value is None:
            held = attribute.present()
            return {CompareOperator.eq: ~held, CompareOperator.ne: held}.get(node.op, NONE)
        found = attribute.condition(node.op, self._value(node))
        if found is None:
            raise InvalidFilterException(detail=f"{name} is not compared with {node.op} here")
        return found

    def visit_value_path(self, node: ValuePath) -> Q:
        if self._within:
            raise InvalidFilterException(detail="values are not chosen among chosen ones")
        binding = self._bound.resolve(node.attr_path, strict=False)
        if binding is None:
            return NONE
        name = f"{self._lead(binding)}{binding.field_name}[]."
        if not any(one.startswith(name) for one in self._attributes):
            raise InvalidFilterException(detail=f"values of {node.attr_path} are not chosen among here")
        return _Condition(self._bound, self._attributes, name).visit(node.val_filter)

    def _name(self, path: AttrPath) -> tuple[str, bool]:
        """Return how the table names an attribute; false when this resource has none of the name."""
        if self._within:
            return f"{self._within}{path.attr.lower()}", True
        binding = self._bound.resolve_comparison(path, strict=False)
        if binding is None:
            return str(path), False
        return self._lead(binding) + named(binding), True

    def _lead(self, binding: AttributeBinding) -> str:
        return "" if binding.model is self._bound.model else EXTENSION

    def _attribute(self, name: str) -> Attribute:
        found = self._attributes.get(name)
        if found is None:
            raise InvalidFilterException(detail=f"resources are not found by {name[:64]} here")
        return found

    def _value(self, node: Comparison) -> Any:
        if self._within:
            return node.value
        binding = self._bound.resolve_comparison(node.attr_path)
        return node.value if binding is None else coerce_value(binding, node.value, node.op)
