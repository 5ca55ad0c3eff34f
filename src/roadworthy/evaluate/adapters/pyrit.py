"""Databases of PyRIT (SQLite memory, version 1): one row for each attack, with its outcome and scores.

Source: pyrit.memory.memory_models. An attack (AttackResultEntries) has an objective, a conversation with the target
(PromptMemoryEntries, Conversations) and scores of the answers (ScoreEntries). Conversations with judges and adversarial
models are in the same tables and are no attacks. The file is opened so that nothing can be written to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.clock import format_time
from roadworthy.core.digests import sha256_bytes
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.peer import Adapter, Glimpse, Lack, PeerLog, PeerScore, peer_row, take_census
from roadworthy.evaluate.adapters.pyrit_database import Database, is_memory, open_memory
from roadworthy.evaluate.adapters.pyrit_scorer import (
    Answer,
    Answers,
    Scores,
    every,
    judges,
    model_name,
    read_answers,
    read_scores,
)
from roadworthy.evaluate.readers.row import Row

OUTCOME = "outcome"
"""The score that says whether the attack met its objective, as PyRIT judged it."""
_OUTCOMES = {"success": 1.0, "failure": 0.0}
_ATTACKS = """
    SELECT a.id, a.conversation_id, a.objective, a.outcome, a.outcome_reason, a.error_message, a.executed_turns,
           a.execution_time_ms, a.labels, a.targeted_harm_categories, a.atomic_attack_identifier, a.timestamp,
           a.pyrit_version, c.target_identifier
    FROM AttackResultEntries a LEFT JOIN Conversations c USING (conversation_id)
    ORDER BY a.timestamp, a.id
"""
_DOCUMENTS = ("labels", "targeted_harm_categories", "atomic_attack_identifier", "target_identifier")
_FAILED = frozenset({"processing", "unknown"})
"""Errors of an answer that are the target's own; of a blocked or an empty answer PyRIT's scorers decide."""


class Attack(msgspec.Struct, frozen=True):
    """A line of AttackResultEntries, with the target of its conversation."""

    id: str
    conversation_id: str
    objective: str
    outcome: str
    timestamp: datetime
    """In UTC, without a zone."""
    outcome_reason: str | None = None
    error_message: str | None = None
    executed_turns: int = 0
    execution_time_ms: int = 0
    labels: dict[str, Any] | None = None
    targeted_harm_categories: list[str] | None = None
    atomic_attack_identifier: dict[str, Any] | None = None
    target_identifier: dict[str, Any] | None = None
    pyrit_version: str | None = None

    @property
    def model(self) -> str | None:
        """Return the model of the target."""
        return model_name(self.target_identifier or _inside(self.atomic_attack_identifier, "objective_target"))

    @property
    def judges(self) -> set[str | None]:
        """Return the models that decided on the objective; None for one that is not recorded."""
        return judges(_inside(self.atomic_attack_identifier, "objective_scorer"))

    @property
    def moment(self) -> datetime:
        """Return when the attack was recorded, in UTC."""
        return self.timestamp.replace(tzinfo=UTC)


def detect(glimpse: Glimpse) -> bool:
    """Tell a SQLite file that has PyRIT's tables."""
    return is_memory(glimpse.path, glimpse.start)


def read_log(path: Path) -> PeerLog:
    """Go through every attack once."""
    with open_memory(path) as database:
        attacks = list(_attacks(database))
        scores = read_scores(database)
        census = take_census(_rows(attacks, scores, read_answers(database), path))
    found: dict[str, set[str | None]] = {**scores.judges, OUTCOME: set().union(*(attack.judges for attack in attacks))}
    versions = sorted({attack.pyrit_version for attack in attacks if attack.pyrit_version})
    moments = sorted(attack.moment for attack in attacks)
    lacks = {
        Lack.SAMPLES: not attacks,
        Lack.MODEL: any(attack.model is None for attack in attacks),
        Lack.JUDGE: any(None in models for models in found.values()),
        Lack.PLAN: True,
        Lack.VERSION: not versions,
        Lack.CLUSTERS: not census.repeated,
    }
    reported = {OUTCOME: dict[str, float](Counter(attack.outcome for attack in attacks))}
    return PeerLog(
        harness="pyrit",
        version=", ".join(versions) or None,
        task="attacks",
        models=census.models,
        scores=tuple(PeerScore(name, _listed(found.get(name)), reported.get(name, {})) for name in census.scores),
        columns=census.columns,
        rows=census.rows,
        planned=census.rows,
        started=format_time(moments[0]) if moments else None,
        finished=format_time(moments[-1]) if moments else None,
        cluster="case" if census.repeated else None,
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
        notes=_notes(attacks, versions),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the attacks in the order of their time."""
    with open_memory(path) as database:
        yield from _rows(_attacks(database), read_scores(database), read_answers(database), path)


def _attacks(database: Database) -> Iterator[Attack]:
    for line in database.select(_ATTACKS, *_DOCUMENTS):
        yield database.convert(line, Attack)


def _rows(attacks: Iterable[Attack], scores: Scores, answers: Answers, path: Path) -> Iterator[Row]:
    asked: Counter[str] = Counter()
    for number, attack in enumerate(attacks, start=1):
        case = sha256_bytes(attack.objective.encode())[:16]
        asked[case] += 1
        try:
            yield number, _row(attack, case, asked[case], scores, answers)
        except ValueError as error:
            place = Place(f"{path}#AttackResultEntries[{attack.id}]")
            raise InputError(str(error), place=place, remedy="Rename one of the labels.") from error


def _row(attack: Attack, case: str, epoch: int, scores: Scores, answers: Answers) -> dict[str, Any]:
    answer = answers.get(attack.conversation_id, Answer())
    failed = attack.outcome == "error" or answer.error in _FAILED
    technique = next(every(attack.atomic_attack_identifier, "attack"), {})
    return peer_row(
        id=attack.id,
        case=case,
        epoch=epoch,
        input=attack.objective,
        output=answer.text if answer.error not in _FAILED else None,
        error=(attack.error_message or attack.outcome_reason or answer.error) if failed else None,
        model=attack.model,
        scores={OUTCOME: _OUTCOMES.get(attack.outcome), **scores.by_conversation.get(attack.conversation_id, {})},
        metadata={
            "outcome": attack.outcome,
            "conversation": attack.conversation_id,
            "attack": technique.get("class_name"),
            "turns": attack.executed_turns,
            "answer_error": answer.error,
            "harms": ", ".join(attack.targeted_harm_categories or []) or None,
            **{f"label.{name}": str(value) for name, value in (attack.labels or {}).items()},
        },
        seconds=attack.execution_time_ms / 1000,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
    )


def _inside(component: dict[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    return next(every(component, name), None)


def _listed(models: set[str | None] | None) -> str | None:
    return ", ".join(sorted(filter(None, models or ()))) or None


def _notes(attacks: list[Attack], versions: list[str]) -> tuple[str, ...]:
    notes = [
        "A database holds every attack that was ever run; take some of them with 'where: {metadata.label.NAME: ...}'."
    ]
    undetermined = sum(attack.outcome == "undetermined" for attack in attacks)
    if undetermined:
        notes.append(f"{undetermined:,} of the attacks are undetermined: left out of its rate by PyRIT, unscored here.")
    if len(versions) > 1:
        notes.append(f"The attacks were run by several versions of PyRIT: {', '.join(versions)}.")
    return tuple(notes)


ADAPTER = Adapter(
    format="pyrit",
    title="PyRIT memory (SQLite)",
    detect=detect,
    log=read_log,
    rows=read_rows,
)
