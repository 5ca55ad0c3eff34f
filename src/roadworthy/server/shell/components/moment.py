"""Times and days: relative in lists, absolute with the zone on hover, coloured only when late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.server.shell.components.icon import icon
from roadworthy.server.shell.components.kept import kept

_STEPS = (
    (timedelta(days=365), "year", "years"),
    (timedelta(days=30), "month", "months"),
    (timedelta(days=7), "week", "weeks"),
    (timedelta(days=1), "day", "days"),
    (timedelta(hours=1), "hour", "hours"),
    (timedelta(minutes=1), "minute", "minutes"),
)


def absolute_words(moment: datetime) -> str:
    """Write `14 Mar 2026, 09:05 UTC`, in the zone of the server."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{_short(local.date())}, {local:%H:%M} {local.tzname() or ''}".strip()


@kept
def _short(day: date) -> str:
    return f"{day.day} {MONTHS_3[day.month].title()} {day.year}"


@kept
def _long(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month]} {day.year}"


def relative_words(moment: datetime, now: datetime | None = None) -> str:
    """Write `3 hours ago` or `in 2 days`, in whole units of the largest that fits."""
    span = (now or timezone.now()) - moment
    size = abs(span)
    if size < timedelta(minutes=1):
        return _("just now")
    unit, one, many = next(step for step in _STEPS if size >= step[0])
    return _relative(int(size / unit), one, many, span > timedelta(0))


@kept
def _relative(number: int, one: str, many: str, past: bool) -> str:
    words = f"{number} {ngettext(one, many, number)}"
    return _("%(span)s ago") % {"span": words} if past else _("in %(span)s") % {"span": words}


def when(moment: datetime | date | None, *, absolute: bool = False, due: bool = False) -> SafeString:
    """Draw a time; a due time that has passed is marked as late."""
    if moment is None:
        return format_html('<span class="soft">{}</span>', _("never"))
    if not isinstance(moment, datetime):
        return day(moment, due=due)
    told, exact = relative_words(moment), absolute_words(moment)
    shown, hover = (exact, told) if absolute else (told, exact)
    late = due and moment < timezone.now()
    return _time(moment.isoformat(), shown, hover, late)


def day(moment: datetime | date | None, *, due: bool = False) -> SafeString:
    """Draw a day: `14 Mar 2026`; a due day that has passed is marked as late."""
    if moment is None:
        return format_html('<span class="soft">{}</span>', _("none"))
    shown = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    late = due and shown < timezone.localdate()
    return _time(shown.isoformat(), _short(shown), _long(shown), late)


def _time(stamp: str, shown: str, hover: str, late: bool) -> SafeString:
    shown, hover = escape(shown), escape(hover)
    late_class, mark = (' class="late"', _late()) if late else ("", "")
    told = f'<time{late_class} datetime="{stamp}" title="{hover}">{mark}{shown}</time>'
    return mark_safe(told)  # noqa: S308 (words are escaped)


@kept
def _late() -> SafeString:
    return format_html('{}<span class="hidden">{}</span>', icon("clock"), _("late: "))
