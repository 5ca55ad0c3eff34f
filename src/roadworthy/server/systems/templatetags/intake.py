"""Filters of the guided form: a field by its name, and a value by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms, template

register = template.Library()


@register.filter
def bound(form: forms.Form, name: str) -> forms.BoundField:
    """Return a field of a form, as a page draws it."""
    return form[name]


@register.filter
def at(values: Mapping[str, Any], key: str) -> Any:
    """Return the value of a key; empty where there is none."""
    return values.get(key, "") if isinstance(values, Mapping) else ""
