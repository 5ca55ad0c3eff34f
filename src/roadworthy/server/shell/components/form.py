"""Fields of forms: label, required mark, help and error, tied together for assistive technology."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Form, RadioSelect
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


def field(bound: BoundField, *, wide: bool = False, help_text: bool = True) -> SafeString:
    """Draw one field of a Django form; `help_text=False` leaves its help out."""
    widget = bound.field.widget
    many = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    check = isinstance(widget, CheckboxInput) and not many
    marks: dict[str, Any] = {} if help_text else {"aria-describedby": None}
    if not many and bound.errors and bound.auto_id:
        described = [f"{bound.auto_id}_helptext"] if bound.help_text and help_text else []
        marks["aria-describedby"] = " ".join([*described, f"{bound.auto_id}_error"])
    widget_html = bound.as_widget(attrs=marks)
    return SafeString(
        render_to_string(
            "shell/field.html",
            {
                "field": bound,
                "widget": widget_html,
                "many": many,
                "check": check,
                "wide": wide,
                "help": bound.help_text if help_text else "",
            },
        )
    )


def options(pairs: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """Draw the options of a long select from (value, title) pairs."""
    drawn = [
        f'<option value="{conditional_escape(value)}"{" selected" if value == chosen else ""}>'
        f"{conditional_escape(title)}</option>"
        for value, title in pairs
    ]
    return mark_safe("".join(drawn))  # noqa: S308 (each part is escaped)


def form_fields(form: Form) -> SafeString:
    """Draw all fields of a form, with the errors that belong to none of them first."""
    return SafeString(render_to_string("shell/fields.html", {"form": form}))
