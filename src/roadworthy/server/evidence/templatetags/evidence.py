"""Tags of the pages of evidence."""

from __future__ import annotations

from typing import Any

from django import template

from roadworthy.server.evidence.written_markdown import markdown_html

register = template.Library()
register.filter("markdown", markdown_html)


@register.simple_tag
def sample_score(row: dict[str, Any], score: str) -> str:
    """Write the score of a sample; `none` where it has none."""
    value = row["scores"].get(score)
    return "none" if value is None else f"{value:.3g}"
