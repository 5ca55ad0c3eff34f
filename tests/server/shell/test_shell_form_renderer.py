"""Widgets that are drawn without templates are those that Django's templates draw."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from django.utils.safestring import mark_safe

from roadworthy.server.shell.form_renderer import Renderer

CHOICES = [("", "None"), (7, "Seven <b>"), ('"q"', mark_safe("A &amp; B")), ("x", "X")]
WIDGETS = [
    forms.Select(attrs={"id": "id_of", "required": True, "disabled": False, "title": 'a "b"'}, choices=CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.Select(choices=[("Group", [("x", "X")]), ("y", "Y")]),
    forms.CheckboxSelectMultiple(attrs={"id": "id_of", "class": "many"}, choices=CHOICES),
    forms.CheckboxSelectMultiple(choices=[]),
    forms.RadioSelect(attrs={"id": "id_of"}, choices=CHOICES),
    forms.TextInput(),
]


def drawn(widget: forms.Widget, value: object, renderer: DjangoTemplates) -> str:
    """Draw a widget; space between tags does not count."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", widget.render("name", value, renderer=renderer))


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("value", [None, "x", ["x", "7"], "<"])
def test_widgets_are_drawn_as_django_draws_them(widget, value):
    assert drawn(widget, value, Renderer()) == drawn(widget, value, DjangoTemplates())


def test_forms_use_it():
    class OfChoices(forms.Form):
        which = forms.ChoiceField(choices=CHOICES)

    assert isinstance(OfChoices().renderer, Renderer)


def test_options_are_escaped_and_one_is_chosen():
    page = Template("{% options pairs chosen %}")
    shown = page.render(Context({"pairs": [("a", "A"), ("b<", "B & C")], "chosen": "b<"}))
    assert shown == '<option value="a">A</option><option value="b&lt;" selected>B &amp; C</option>'
