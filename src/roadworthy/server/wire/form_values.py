"""Values of forms as services take them; what is not readable becomes an error that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from django.utils import timezone

from roadworthy.core.errors import InputError, InputErrors, RoadworthyError


def number_of(values: Mapping[str, str], name: str) -> int:
    """Return a whole number that a form carries, such as a revision; 0 where it is none."""
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def decimal_of(values: Mapping[str, str], name: str) -> float:
    """Return a number; raises InputError where it is none."""
    try:
        return float(values.get(name, "").strip())
    except ValueError as error:
        raise InputError(f"{name}: this is no number", remedy="Write it as 0.95.") from error


def day_of(values: Mapping[str, str], name: str) -> datetime | None:
    """Return the first moment of a day in the organisation's zone; None where nothing was chosen."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time()))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{name}: this is no day", remedy="Write it as 2027-01-31.") from error


def said(error: RoadworthyError) -> list[str]:
    """Return the problems of an error as sentences: place, problem, remedy."""
    errors: Sequence[RoadworthyError] = error.errors if isinstance(error, InputErrors) else [error]
    return [_sentence(one) for one in errors]


def _sentence(error: RoadworthyError) -> str:
    place = f"{error.place}: " if error.place else ""
    problem = error.problem if place else f"{error.problem[:1].upper()}{error.problem[1:]}"
    return f"{place}{problem}. {error.remedy or ''}".strip()
