"""One case of a dataset: what is asked, and which unit and slices it belongs to."""

from __future__ import annotations

from typing import Any

import msgspec


class Case(msgspec.Struct, frozen=True):
    """One row of a dataset, read."""

    id: str
    """Unique within the dataset."""
    unit: str | None
    """Value of the cluster column: cases of one unit are not independent. None when none is declared."""
    slices: dict[str, str | None]
    fields: dict[str, Any]
    """The columns that were asked for."""
    line: int
    """Line of the file (row number in Parquet, number of the file among JSON files), from 1."""
    weight: int = 1
    """Samples that this stands for; more than one where a warehouse counted those that are alike."""
    round: int = 1
    """Of a run that may end early: the round in which it is asked (evaluate/unit_order.py)."""


Work = tuple[Case, int]
"""A case and an epoch."""
