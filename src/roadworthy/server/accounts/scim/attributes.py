"""The tables of attributes that resources can be found and sorted by, and where their values are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from scim2_models.path import CompareOperator as Op

from roadworthy.server.accounts.models import Group
from roadworthy.server.accounts.scim.schemas import ENTERPRISE

NONE = Q(pk__in=[])
ORDERING = {Op.gt: "gt", Op.ge: "gte", Op.lt: "lt", Op.le: "lte"}
PARTS = {Op.eq: "exact", Op.co: "contains", Op.sw: "startswith", Op.ew: "endswith"}


@dataclass(frozen=True)
class Attribute:
    """An attribute: its column, and how it is compared."""

    column: str
    """Field of the row that it is sorted by; empty for what has none."""
    compare: Callable[[str, Op, Any], Q | None]
    """Takes column, operator and value; None for an operator that is not answered."""
    held: Callable[[str], Q]
    """Takes the column; whether there is a value."""

    def condition(self, op: Op, value: Any) -> Q | None:
        """Return the condition of a comparison; None when it is not answered."""
        if op == Op.ne:
            same = self.compare(self.column, Op.eq, value)
            return None if same is None else ~same
        return self.compare(self.column, op, value)

    def present(self) -> Q:
        """Return the condition that there is a value."""
        return self.held(self.column)


def _not_empty(column: str) -> Q:
    return Q(**{f"{column}__isnull": False}) & ~Q(**{column: ""})


def _always(column: str) -> Q:
    return ~NONE


def _text(column: str, op: Op, value: Any) -> Q | None:
    """Compare without regard to case."""
    if not isinstance(value, str) or op not in PARTS:
        return None
    return Q(**{f"{column}__isnull": False, f"{column}__i{PARTS[op]}": value})


def _exact(column: str, op: Op, value: Any) -> Q | None:
    """Compare letter by letter; an empty text is no value."""
    if not isinstance(value, str) or op not in PARTS:
        return None
    return Q(**{f"{column}__{PARTS[op]}": value}) & ~Q(**{column: ""})


def _folded(column: str, op: Op, value: Any) -> Q | None:
    """Compare with a column that is kept folded."""
    if not isinstance(value, str):
        return None
    small = normalize("NFC", normalize("NFC", value).lower())
    lookup = PARTS.get(op) or ORDERING.get(op)
    return Q(**{f"{column}__isnull": False, f"{column}__{lookup}": small})


def _flag(column: str, op: Op, value: Any) -> Q | None:
    return Q(**{column: value}) if op == Op.eq and isinstance(value, bool) else None


def _time(column: str, op: Op, value: Any) -> Q | None:
    if not isinstance(value, datetime) or op not in {Op.eq, *ORDERING}:
        return None
    return Q(**{f"{column}__{ORDERING.get(op, 'exact')}": value})


def _key(column: str, op: Op, value: Any) -> Q | None:
    """Compare an id; what is none is nobody's."""
    if op != Op.eq:
        return None
    key = as_key(value)
    return NONE if key is None else Q(**{column: key})


def as_key(value: Any) -> UUID | None:
    """Return an id; None for what is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _member(column: str, op: Op, value: Any) -> Q | None:
    key = as_key(value)
    if op != Op.eq:
        return None
    through = Group.members.through.objects.filter(group=OuterRef("pk"), user__scim_id=key)
    return NONE if key is None else Q(Exists(through))


def _some_member(column: str) -> Q:
    return Q(Exists(Group.members.through.objects.filter(group=OuterRef("pk"), user__scim_id__isnull=False)))


def _group(column: str, op: Op, value: Any) -> Q | None:
    key = as_key(value)
    if op != Op.eq:
        return None
    through = Group.members.through.objects.filter(user=OuterRef("pk"), group__scim_id=key)
    return NONE if key is None else Q(Exists(through))


def _some_group(column: str) -> Q:
    return Q(Exists(Group.members.through.objects.filter(user=OuterRef("pk"), group__scim_id__isnull=False)))


def _kind(name: str) -> Attribute:
    """Return `meta.resourceType`, which is the same for all."""

    def same(column: str, op: Op, value: Any) -> Q | None:
        return None if op != Op.eq else ~NONE if value == name else NONE

    return Attribute("", same, _always)


def _sort_of_address(column: str, op: Op, value: Any) -> Q | None:
    """Pass over type and primary of an address: one address of each person is compared, the one that is used."""
    return ~NONE


def _said(path: str) -> Attribute:
    """Return an attribute that is kept as it was said."""
    return Attribute(f"scim__{path}", _text, lambda column: Q(**{f"{column}__isnull": False}))


META = {
    "id": Attribute("scim_id", _key, _always),
    "external_id": Attribute("external_id", _exact, _not_empty),
    "meta.created": Attribute("created_at", _time, _always),
    "meta.last_modified": Attribute("updated_at", _time, _always),
}
USER: dict[str, Attribute] = {
    **META,
    "meta.resource_type": _kind("User"),
    "user_name": Attribute("scim_name", _folded, _not_empty),
    "active": Attribute("is_active", _flag, _always),
    "emails.value": Attribute("email", _folded, _not_empty),
    "emails": Attribute("email", _folded, _not_empty),
    "emails[].value": Attribute("email", _folded, _not_empty),
    "emails[].type": Attribute("", _sort_of_address, _always),
    "emails[].primary": Attribute("", _sort_of_address, _always),
    "groups.value": Attribute("", _group, _some_group),
    "groups": Attribute("", _group, _some_group),
    "display_name": _said("displayName"),
    "name.formatted": _said("name__formatted"),
    "name.given_name": _said("name__givenName"),
    "name.family_name": _said("name__familyName"),
    "title": _said("title"),
    "user_type": _said("userType"),
    "enterprise.employee_number": _said(f"{ENTERPRISE}__employeeNumber"),
    "enterprise.department": _said(f"{ENTERPRISE}__department"),
    "enterprise.division": _said(f"{ENTERPRISE}__division"),
    "enterprise.organization": _said(f"{ENTERPRISE}__organization"),
    "enterprise.cost_center": _said(f"{ENTERPRISE}__costCenter"),
    "enterprise.manager": _said(f"{ENTERPRISE}__manager__value"),
    "enterprise.manager.value": _said(f"{ENTERPRISE}__manager__value"),
}
"""What people are found by."""
GROUP: dict[str, Attribute] = {
    **META,
    "meta.resource_type": _kind("Group"),
    "display_name": Attribute("name", _text, _not_empty),
    "members.value": Attribute("", _member, _some_member),
    "members": Attribute("", _member, _some_member),
    "members[].value": Attribute("", _member, _some_member),
}
"""What groups are found by."""
