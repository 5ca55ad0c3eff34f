"""Widgets of forms: selects and lists of boxes have hundreds of choices, and are drawn here and not by templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class Renderer(DjangoTemplates):
    """Draws what Django's own templates draw, sooner."""

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        """Draw a widget."""
        widget = context.get("widget", {})
        if template_name in _DRAWN and all(not name for name, _, _ in widget["optgroups"]):
            return _DRAWN[template_name](widget)
        return super().render(template_name, context, request)


def _select(widget: Mapping[str, Any]) -> SafeString:
    options = [
        f'<option value="{_text(one["value"])}"{_attributes(one["attrs"])}>{_text(one["label"])}</option>'
        for _, choices, _ in widget["optgroups"]
        for one in choices
    ]
    name, attributes = _text(widget["name"]), _attributes(widget["attrs"])
    return mark_safe(f'<select name="{name}"{attributes}>{"".join(options)}</select>')  # noqa: S308 (all is escaped)


def _boxes(widget: Mapping[str, Any]) -> SafeString:
    boxes = [f"<div>{_box(one)}</div>" for _, choices, _ in widget["optgroups"] for one in choices]
    held = {name: widget["attrs"][name] for name in ("id", "class") if widget["attrs"].get(name)}
    return mark_safe(f"<div{_attributes(held)}>{''.join(boxes)}</div>")  # noqa: S308 (all is escaped)


def _box(one: Mapping[str, Any]) -> str:
    value = "" if one["value"] is None else f' value="{_text(one["value"])}"'
    attributes = _attributes(one["attrs"])
    box = f'<input type="{_text(one["type"])}" name="{_text(one["name"])}"{value}{attributes}>'
    if not one.get("wrap_label"):
        return box
    of = f' for="{_text(one["attrs"]["id"])}"' if one["attrs"].get("id") else ""
    return f"<label{of}>{box} {_text(one['label'])}</label>"


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def _text(value: Any) -> str:
    return conditional_escape(value if isinstance(value, str) else str(value))


_DRAWN = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/checkbox_select.html": _boxes,
    "django/forms/widgets/radio.html": _boxes,
}
