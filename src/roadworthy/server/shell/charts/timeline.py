"""The timeline of an approval: who signed, who is next, who comes after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.server.shell.components.chip import person
from roadworthy.server.shell.components.icon import icon, sign
from roadworthy.server.shell.components.moment import when


class Progress(StrEnum):
    """Where a step of an approval stands."""

    SIGNED = "signed"
    NEXT = "next"
    LATER = "later"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """It was signed, and what was signed has changed since."""


_LOOKS = {
    Progress.SIGNED: ("met", "Signed"),
    Progress.NEXT: ("accent", "Next"),
    Progress.LATER: ("neutral", "Later"),
    Progress.REFUSED: ("not-met", "Refused"),
    Progress.LAPSED: ("stale", "No longer counts"),
}


@dataclass(frozen=True)
class Step:
    """One step: a role that signs."""

    title: str
    """For example `Security approver`."""
    progress: Progress
    who: Any = None
    """A person, where one is known."""
    at: datetime | None = None
    """When it was signed, or is due."""
    note: str = ""
    """The reason that was given, or what is waited for."""


def timeline(steps: Sequence[Step]) -> SafeString:
    """Draw the steps in their order; the next one is marked as the present step."""
    return format_html('<ol class="timeline">{}</ol>', format_html_join("", "{}", ((_step(step),) for step in steps)))


def _step(step: Step) -> SafeString:
    css, word = _LOOKS[step.progress]
    due = step.progress in (Progress.NEXT, Progress.LATER)
    time = ""
    if step.at is not None:
        time = format_html("{}{}", f"{_('due')} " if due else "", when(step.at, due=due))
    return format_html(
        '<li class="s-{}"{}><span class="mark">{}</span><div class="step"><div class="what"><strong>{}</strong>'
        '<span class="word">{}</span></div>{}{}{}</div></li>',
        css,
        format_html(' aria-current="{}"', "step") if step.progress is Progress.NEXT else "",
        _mark(step.progress),
        step.title,
        _(word),
        format_html('<div class="who">{}</div>', person(step.who)) if step.who else "",
        format_html('<div class="at">{}</div>', time) if time else "",
        format_html('<p class="why">{}</p>', step.note) if step.note else "",
    )


def _mark(progress: Progress) -> SafeString:
    if progress is Progress.NEXT:
        return icon("arrow-right")
    return sign({"signed": "met", "refused": "not-met", "lapsed": "stale"}.get(progress.value, "not-shown"))
