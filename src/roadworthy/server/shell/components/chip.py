"""Chips and the stamp: sign, word and colour together."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS
from roadworthy.server.shell.components.icon import icon, sign
from roadworthy.server.shell.components.kept import kept
from roadworthy.server.shell.components.moment import day, when

STAMP_STATUS = {
    VerdictKind.SHIP: Status.MET,
    VerdictKind.SHIP_WITH_CONDITIONS: Status.WAIVED,
    VerdictKind.HOLD: Status.NOT_MET,
}
"""Colour of a stamp where nobody says which outcome decided."""
_STATES_BY_TONE = {
    "met": "accepted answered approved cleared closed delivered done published shipped",
    "not-met": "breached expired failed held overdue refused rejected revoked",
    "inconclusive": "awaiting-decision changes-requested open proposed requested waiting",
    "accent": "building in-assessment in-progress in-review running triaged",
    "stale": "reopened stale superseded",
    "waived": "approved-with-conditions delegated paused",
}
TONES = {state.replace("-", " "): tone for tone, states in _STATES_BY_TONE.items() for state in states.split()}
"""Colour of the dot of well-known states; all others are neutral."""
LEVELS = {"low": 1, "medium": 2, "high": 3, "critical": 4}
TIER_LEVELS = {"low": 1, "medium": 2, "high": 3}


def status_of(status: Any) -> Status:
    """Read a status as code, templates and style sheets write it: `Status.NOT_MET`, `not met`, `not-met`, `not_met`."""
    return Status(str(status).lower().replace("_", " ").replace("-", " "))


@kept
def status_chip(status: Any, word: str = "") -> SafeString:
    """Draw the outcome of a requirement."""
    row = SIGNS[status_of(status)]
    return format_html('<span class="chip s-{}">{}{}</span>', row.css, sign(row.css), word or _(row.word))


@kept
def tier_chip(tier: Any) -> SafeString:
    """Draw a risk tier: bars that fill, quiet since a tier is no verdict."""
    name = str(tier).lower()
    if name == "prohibited":
        return format_html('<span class="chip quiet s-not-met">{}{}</span>', sign("not-met"), _("Prohibited"))
    return format_html(
        '<span class="chip quiet s-accent">{}{}<span class="unit">{}</span></span>',
        _bars(TIER_LEVELS.get(name, 0), 3),
        _(name.capitalize()),
        _("tier"),
    )


@kept
def severity_chip(severity: Any) -> SafeString:
    """Draw the severity of a finding."""
    name = str(severity).lower()
    tone = {"critical": "not-met", "high": "not-met", "medium": "inconclusive"}.get(name, "neutral")
    loud = "" if name == "critical" else " quiet"
    bars = _bars(LEVELS.get(name, 0), 4)
    return format_html('<span class="chip{} s-{}">{}{}</span>', loud, tone, bars, _(name.capitalize()))


def _bars(filled: int, of: int) -> SafeString:
    """Draw rising bars, the first `filled` of them in the colour of the chip."""
    width = 14 / of
    rises = [round(8 * place / (of - 1), 2) for place in range(of)]
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            ("on" if place < filled else "off", round(place * width, 2), 10 - rise, round(width - 1, 2), 4 + rise)
            for place, rise in enumerate(rises)
        ),
    )
    return format_html('<svg class="icon level" viewBox="0 0 14 14" aria-hidden="true">{}</svg>', bars)


@kept
def state_chip(state: Any, tone: str = "") -> SafeString:
    """Draw any state as a quiet chip with a dot; `tone` is the style-sheet name of an outcome, or accent, neutral."""
    label = str(getattr(state, "label", state))
    css = tone or TONES.get(str(state).lower().replace("_", " "), "neutral")
    shown = label.replace("_", " ").capitalize()
    return format_html('<span class="chip quiet s-{}"><span class="dot"></span>{}</span>', css, shown)


def verdict_stamp(
    verdict: Any,
    at: datetime | date | None = None,
    standard: str = "",
    *,
    size: str = "large",
    status: Any = None,
    tier: Any = "",
) -> SafeString:
    """Draw the stamp: the verdict in the colour of the outcome that decides, with date and standard under it.

    `status` is the outcome that decides (`documents.sign.deciding_status`); `size` is `large` or `small`.
    """
    if not verdict:
        return state_chip(_("Not judged yet"))
    kind = VerdictKind(str(verdict).lower().replace("_", " "))
    row = SIGNS[status_of(status) if status else STAMP_STATUS[kind]]
    word = _(VERDICT_WORDS[kind])
    if size == "small":
        return format_html(
            '<span class="stamp small s-{}">{}<span class="word">{}</span></span>', row.css, sign(row.css), word
        )
    return format_html(
        '<div class="stamp s-{}"><span class="hidden">{}</span>{}<span class="word">{}</span>{}</div>',
        row.css,
        _("Verdict:"),
        sign(row.css),
        word,
        _facts(at, standard, tier),
    )


def _facts(at: datetime | date | None, standard: str, tier: Any) -> SafeString:
    facts: list[tuple[str, Any]] = []
    if at is not None:
        facts.append((_("Judged"), when(at, absolute=True) if isinstance(at, datetime) else day(at)))
    if standard:
        facts.append((_("Standard"), standard))
    if tier:
        facts.append((_("Tier"), str(tier).capitalize()))
    if not facts:
        return SafeString("")
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", facts))


def digest(value: str, length: int = 12) -> SafeString:
    """Draw the first characters of a digest or id, the whole on hover, with a button that copies it."""
    text = str(value or "")
    if not text:
        return format_html('<span class="soft">{}</span>', _("none"))
    shown = text.removeprefix("sha256:")[:length]
    return format_html(
        '<span class="digest"><code title="{}">{}</code><button type="button" class="copy" data-copy="{}"'
        ' data-told="{}" aria-label="{}">{}</button></span>',
        text,
        shown,
        text,
        _("Copied"),
        _("Copy %(start)s") % {"start": shown},
        icon("copy"),
    )


def person(user: Any, link: bool = False) -> SafeString:
    """Draw a person: initials and name; `link` leads to their page. None reads as nobody."""
    if user is None or user == "":
        return format_html('<span class="soft">{}</span>', _("Nobody"))
    name = str(getattr(user, "name", user))
    initials = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    shown = format_html("{}", name)
    subject = getattr(user, "subject", None)
    if link and subject is not None and subject.url:
        shown = format_html('<a href="{}">{}</a>', subject.url, name)
    return format_html(
        '<span class="person"><span class="initials" aria-hidden="true">{}</span><span class="name">{}</span></span>',
        initials,
        shown,
    )
