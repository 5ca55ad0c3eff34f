"""The assessment within a row: read, written back with the figures that lists and the portfolio ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from roadworthy.assess.assessment import Assessment as Content
from roadworthy.assess.assessment import read_assessment
from roadworthy.assess.mitigation import Treatment
from roadworthy.assess.risk import Band
from roadworthy.core.errors import InputError
from roadworthy.server.assessments.models import Assessment

LARGEST = 2_000_000
"""Characters of the JSON of an assessment."""
MOST_SCENARIOS = 300


def today() -> date:
    """Return the day on which evidence counts or not, in the zone of the server."""
    return timezone.localdate()


def content_of(row: Assessment) -> Content:
    """Return the assessment that a row holds."""
    return read_assessment(row.content)


def put_content(row: Assessment, content: Content, day: date) -> None:
    """Put an assessment into its row, with its figures on a day. Raises InputError when it has grown too large."""
    text = content.model_dump_json()
    if len(text) > LARGEST or len(content.scenarios) > MOST_SCENARIOS:
        raise InputError(
            "the assessment has grown too large", remedy="Write shorter, or begin a fresh one from the newest version."
        )
    row.content = text
    put_figures(row, content, day)


def put_figures(row: Assessment, content: Content, day: date) -> None:
    """Put the figures of an assessment on a day into its row."""
    counting = [item for item in content.scenarios if item.counts]
    inherent = [item.inherent for item in counting]
    residual = [item.residual(day) for item in counting]
    row.inherent_low, row.inherent_high = (float(sum(ends)) for ends in _ends(inherent))
    row.residual_low, row.residual_high = (float(sum(ends)) for ends in _ends(residual))
    bands = Counter(score.band for score in residual)
    row.worst = str(max(bands, key=lambda band: band.rank)) if bands else ""
    row.band_low, row.band_moderate = bands[Band.LOW], bands[Band.MODERATE]
    row.band_high, row.band_critical = bands[Band.HIGH], bands[Band.CRITICAL]
    row.residual_until = _until((one for item in counting for one in item.treatments), day)


def _ends(scores: Iterable[object]) -> tuple[list[int], list[int]]:
    found = list(scores)
    return [score.low for score in found], [score.high for score in found]  # type: ignore[attr-defined]


def _until(treatments: Iterable[Treatment], day: date) -> date | None:
    """Return the last day on which every mitigation that counts still does; None where none ends."""
    ends = [_last_day(one) for one in treatments if one.counts(day)]
    return min((end for end in ends if end is not None), default=None)


def _last_day(treatment: Treatment) -> date | None:
    days = [support.until for support in treatment.evidence]
    return None if None in days else max(day for day in days if day is not None)
