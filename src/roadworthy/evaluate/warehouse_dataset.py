"""A dataset whose rows stay in a warehouse: each case is a cell, with the number of rows that are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from roadworthy.core.clock import format_time, now
from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import Place
from roadworthy.evaluate.adapters.peer import PeerLog
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.dataset import Dataset, Survey
from roadworthy.evaluate.warehouse.cells import Cells, Question, cell_name, count_cells
from roadworthy.evaluate.warehouse.connection import open_warehouse
from roadworthy.evaluate.warehouse.kinds import Kind
from roadworthy.evaluate.warehouse.spec import WarehouseSpec


@dataclass(frozen=True)
class _Counted:
    """What the warehouse answered, and when."""

    cells: Cells
    weights: dict[str, int]
    kind: Kind
    at: str


@dataclass(frozen=True, kw_only=True)
class WarehouseDataset(Dataset):
    """A table in a warehouse. It is asked once, when a case or the digest is first wanted."""

    cut: tuple[str, float] | None = None
    """Column of numbers of which only the side of a threshold is read."""

    @property
    def _table(self) -> WarehouseSpec:
        assert self.spec.warehouse is not None
        return self.spec.warehouse

    @cached_property
    def path(self) -> Path:
        """Return the name of the table, which stands for the file where a place is told."""
        return Path(self._table.table)

    @cached_property
    def source(self) -> PeerLog | None:
        """Return None: no other tool's log is read."""
        return None

    @property
    def name(self) -> str:
        """Return the name of the table, with its schema."""
        return self._table.table

    def survey(self) -> Survey:
        """Check every cell, and take the digest. Raises InputError at the first thing wrong, and without rows."""
        rows = sum(case.weight for case in self.cases())
        return Survey(rows, self.digest())

    def digest(self) -> str:
        """Return the digest of the cells: of the values that are read and how many rows have them, not of each row."""
        return sha256_json({"cells": self._counted.weights})

    def cases(self, *, surveyed: bool = False) -> Iterator[Case]:  # noqa: ARG002
        """Yield the cells, each with its number of rows, in the order of the warehouse."""
        counted = self._counted
        self._enough(counted.cells.rows)
        left = dict(counted.weights)
        columns = frozenset(counted.cells.columns)
        place = Place(self.path)
        for fields, _ in counted.cells:
            name = cell_name(fields)
            if rows := left.pop(name, None):
                self._check(fields, columns, place)
                yield self.case(name, fields, place, rows)

    @property
    def statement(self) -> dict[str, Any]:
        """Say for the evidence what was counted, by whom and when, and what the digest covers."""
        counted = self._counted
        return {
            "warehouse": counted.kind.title,
            "counts_compared": counted.kind.compared,
            "table": self._table.table,
            "counted": counted.at,
            "rows": counted.cells.rows,
            "cells": len(counted.weights),
            "columns": list(counted.cells.columns),
            "digest_covers": "the values of these columns and how many rows share them; not ids, rows or other columns",
        }

    @cached_property
    def _counted(self) -> _Counted:
        id_, cluster, slices = self.templates
        whole = [template.columns for template in (*slices.values(), *([cluster] if cluster else []))]
        columns = (self.needed or frozenset()).union(*whole)
        cut = None if self.cut is None or self.cut[0] in frozenset[str]().union(*whole) else self.cut
        question = Question(id_, columns, self.spec.where, cut)
        with open_warehouse(self._table, self.place) as warehouse:
            cells = count_cells(warehouse, question, self.place)
            return _Counted(cells, cells.named(), warehouse.kind, format_time(now()))
