"""The page that every HTML document shares: templates, signs and style in one file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from roadworthy.documents.number import count
from roadworthy.documents.plain import plain, sentence
from roadworthy.documents.sign import SIGNS

if TYPE_CHECKING:
    from jinja2 import Environment

_CODE = re.compile(r"`([^`\n]+)`|'(roadworthy [^'\n]+)'")
"""Code between backticks, or a command of ours between quotes."""
TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Render a template; a value that is missing is an error, never an empty space."""
    return _environment().get_template(template).render(signs=SIGNS, **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["count"] = count
    environment.filters["sentence"] = lambda text: prose(sentence(text))
    environment.filters["prose"] = prose
    environment.filters["short"] = lambda digest: str(digest)[:12]
    return environment


def prose(text: str) -> Markup:
    """Write text from outside as HTML, with what stands between backticks as code."""
    line, pieces, end = plain(text), list[Markup](), 0
    for found in _CODE.finditer(line):
        pieces += [escape(line[end : found.start()]), Markup("<code>{}</code>").format(found[1] or found[2])]
        end = found.end()
    return Markup("").join([*pieces, escape(line[end:])])


def _finalize(value: Any) -> Any:
    """Strip control characters and directional overrides from every text that is not markup of our own."""
    return plain(value) if type(value) is str else value
