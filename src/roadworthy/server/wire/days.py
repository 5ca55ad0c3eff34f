"""Days as the API takes them: written as 2026-11-26, and never as a number of seconds."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written(value: Any) -> Any:
    if isinstance(value, date) or value is None or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written as 2026-11-26")


Day = Annotated[date, BeforeValidator(_written)]
"""A day in a query or a body."""
