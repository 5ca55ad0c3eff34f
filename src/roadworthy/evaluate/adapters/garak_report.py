"""A garak report, entry by entry: rows of what was detected, and what else was seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.clock import format_time
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.garak_attempt import Attempt
from roadworthy.evaluate.adapters.garak_setup import GarakSetup
from roadworthy.evaluate.adapters.peer import not_a_log, peer_row
from roadworthy.evaluate.readers.jsonl import read_jsonl
from roadworthy.evaluate.readers.row import Row

TOOL = "garak"
START = "start_run setup"
"""The first entry."""
HIT = "hit"
"""Some detector says that the attack succeeded."""
PRIMARY = "primary_hit"
"""The detector that belongs to the probe says so."""
_ANSWERED, _DETECTED = 1, 2
_EASTERNMOST = timezone(timedelta(hours=14))


class GarakReport:
    """A report that is read once, and what was seen on the way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.setup = GarakSetup({})
        self.started: str | None = None
        self.finished: str | None = None
        self.probes: set[str] = set()
        self.detectors: dict[str, None] = {}
        """In the order of their first appearance."""
        self.said: dict[str, list[int]] = {}
        """Detector -> passed, hits and not scored over all probes, as garak counts them."""
        self.empty = 0
        self._waiting: dict[str, int] = {}
        self._seen: dict[str, int] = {}
        self._made: dict[str, int] = {}
        """Case -> generations so far."""
        self._counts: dict[tuple[str, str], list[int]] = {}
        """Probe and detector -> passed, hits, not scored."""

    @property
    def planned(self) -> int:
        """Return the generations that were made: those that the detectors have seen, and those that they have not."""
        return sum(self._seen.values()) + sum(self._waiting.values())

    def rows(self) -> Iterator[Row]:
        """Go through the entries."""
        line = 0
        for line, entry in read_jsonl(self.path, None):
            if line == 1 and entry.get("entry_type") != START:
                raise not_a_log(self.path, TOOL, f"it does not start with {START!r}", line)
            match entry.get("entry_type"):
                case "attempt":
                    yield from self._attempt(entry, line)
                case "eval":
                    self._check(entry, line)
                case kind:
                    self._note(str(kind), entry)
        if not line:
            raise not_a_log(self.path, TOOL, "it is empty")

    def _note(self, kind: str, entry: dict[str, Any]) -> None:
        match kind:
            case "start_run setup":
                self.setup = GarakSetup(entry)
            case "init":
                self.setup = self.setup.with_version(entry.get("garak_version"))
                self.started = _time(entry.get("start_time"))
            case "plugin_cache":
                self.setup = self.setup.with_plugins(entry.get("plugin_cache"))
            case "completion":
                self.finished = _time(entry.get("end_time"))

    def _attempt(self, entry: dict[str, Any], line: int) -> Iterator[Row]:
        try:
            attempt = msgspec.convert(entry, Attempt)
        except msgspec.ValidationError as error:
            raise not_a_log(self.path, TOOL, str(error), line) from error
        self.probes.add(attempt.probe_classname)
        if attempt.status == _ANSWERED and attempt.uuid not in self._seen:
            self._waiting[attempt.uuid] = len(attempt.outputs)
        if attempt.status != _DETECTED:
            return
        if attempt.uuid in self._seen:
            raise not_a_log(self.path, TOOL, f"the attempt {attempt.uuid} is counted twice", line)
        self._waiting.pop(attempt.uuid, None)
        self._seen[attempt.uuid] = attempt.generations
        for at in range(attempt.generations):
            yield line, self._row(attempt, at, line)

    def _row(self, attempt: Attempt, at: int, line: int) -> dict[str, Any]:
        values = {name: attempt.score(name, at) for name in attempt.detector_results}
        hits = {name: self._hit(attempt.probe_classname, name, value) for name, value in values.items()}
        output = attempt.answer(at)
        self.empty += output is None
        epoch = self._made[attempt.case] = self._made.get(attempt.case, 0) + 1
        primary = self.setup.primary_detector(attempt.probe_classname)
        own = {PRIMARY: hits.get(primary)} if primary else {}
        try:
            return peer_row(
                id=f"{attempt.case}#{epoch}",
                case=attempt.case,
                epoch=epoch,
                input=attempt.question,
                output=output,
                error=None if output is not None else "there is no answer",
                model=self.setup.model,
                scores={HIT: _any(list(hits.values())), **own, **hits},
                metadata={
                    "probe": attempt.probe_classname,
                    "goal": attempt.goal,
                    "intent": attempt.intent,
                    **{f"score.{name}": value for name, value in values.items()},
                },
            )
        except ValueError as error:
            raise InputError(str(error), place=Place(self.path, line), remedy="Rename one of the detectors.") from error

    def _hit(self, probe: str, detector: str, value: float | None) -> float | None:
        hit = None if value is None else float(value >= self.setup.threshold)
        at = 2 if hit is None else int(hit)
        self._counts.setdefault((probe, detector), [0, 0, 0])[at] += 1
        self.detectors[detector] = None
        return hit

    def _check(self, entry: dict[str, Any], line: int) -> None:
        """Compare with garak's own counts; before they said `fails`, these were the rest of the total."""
        probe, detector = str(entry.get("probe")), str(entry.get("detector")).removeprefix("detector.")
        ours = self._counts.get((probe, detector), [0, 0, 0])
        try:
            passed = int(entry["passed"])
            fails = int(entry["fails"] if "fails" in entry else entry["total"] - passed)
        except (KeyError, TypeError, ValueError) as error:
            raise not_a_log(self.path, TOOL, f"the entry 'eval' lacks a count: {error}", line) from error
        if [passed, fails] != ours[:2]:
            why = (
                f"garak counts {passed} passed and {fails} hits of {detector} on {probe}, its attempts give {ours[0]} "
                f"and {ours[1]} at the threshold {self.setup.threshold}: some are missing, or it used another threshold"
            )
            raise not_a_log(self.path, TOOL, why, line)
        total = self.said.setdefault(detector, [0, 0, 0])
        self.said[detector] = [before + now for before, now in zip(total, ours, strict=True)]


def _any(hits: list[float | None]) -> float | None:
    """Tell whether some detector says hit; None where none does and some could not tell."""
    if 1.0 in hits:
        return 1.0
    return None if None in hits or not hits else 0.0


def _time(value: Any) -> str | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=_EASTERNMOST))
