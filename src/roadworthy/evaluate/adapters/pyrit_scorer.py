"""What PyRIT's scorers said in each conversation, who they are, and what the target answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.evaluate.adapters.peer import column_name
from roadworthy.evaluate.adapters.pyrit_database import Database

_SCORES = """
    SELECT p.conversation_id, s.score_value, s.score_type, s.status, s.scorer_class_identifier
    FROM ScoreEntries s JOIN PromptMemoryEntries p ON p.id = s.prompt_request_response_id
    WHERE p.conversation_id IN (SELECT conversation_id FROM AttackResultEntries)
    ORDER BY s.timestamp, s.id
"""
_ANSWERS = """
    SELECT conversation_id, converted_value, response_error, prompt_metadata
    FROM PromptMemoryEntries
    WHERE role = 'assistant' AND conversation_id IN (SELECT conversation_id FROM AttackResultEntries)
    ORDER BY sequence
"""
_TARGETS = ("prompt_target", "chat_target")
_WORDS = {"true": 1.0, "false": 0.0}


class ScoreLine(msgspec.Struct, frozen=True):
    """A line of ScoreEntries."""

    conversation_id: str
    score_type: str
    scorer_class_identifier: dict[str, Any]
    score_value: str | None = None
    status: str | None = None

    @property
    def number(self) -> float | None:
        """Return true, false or the float; None where the scorer could not tell."""
        if self.score_value is None or self.status == "undetermined":
            return None
        if self.score_type == "true_false":
            return _WORDS.get(self.score_value.strip().lower())
        try:
            value = float(self.score_value)
        except ValueError:
            return None
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Scores:
    """Scores of every attack."""

    judges: Mapping[str, set[str | None]]
    """Column of a scorer -> the models that it asks; None for one that is not recorded."""
    by_conversation: Mapping[str, Mapping[str, float | None]]


@dataclass
class Answer:
    """What the target said in one conversation."""

    text: str | None = None
    error: str = "none"
    """Of the last answer: none, blocked, empty, processing or unknown."""
    tokens_in: int | None = None
    tokens_out: int | None = None


Answers = dict[str, Answer]
"""Conversation -> answer."""


class AnswerLine(msgspec.Struct, frozen=True):
    """A line of PromptMemoryEntries."""

    conversation_id: str
    converted_value: str | None = None
    response_error: str | None = None
    prompt_metadata: dict[str, Any] | None = None


def read_scores(database: Database) -> Scores:
    """Read the last score of each scorer in each attack: where a conversation goes on, earlier ones are overtaken."""
    lines = [database.convert(line, ScoreLine) for line in database.select(_SCORES, "scorer_class_identifier")]
    names = _names([line.scorer_class_identifier for line in lines])
    found: dict[str, dict[str, float | None]] = {}
    models: dict[str, set[str | None]] = {}
    for line in lines:
        name = names[_mark(line.scorer_class_identifier)]
        found.setdefault(line.conversation_id, {})[name] = line.number
        models.setdefault(column_name(name), set()).update(judges(line.scorer_class_identifier))
    return Scores(models, found)


def read_answers(database: Database) -> Answers:
    """Read the last answer of each attack, and the tokens of all of its answers."""
    answers: Answers = {}
    for fields in database.select(_ANSWERS, "prompt_metadata"):
        line = database.convert(fields, AnswerLine)
        answer = answers.setdefault(line.conversation_id, Answer())
        said = line.prompt_metadata or {}
        answer.text, answer.error = line.converted_value, line.response_error or "none"
        answer.tokens_in = _plus(answer.tokens_in, said.get("token_usage_input_tokens"))
        answer.tokens_out = _plus(answer.tokens_out, said.get("token_usage_output_tokens"))
    return answers


def judges(scorer: Mapping[str, Any] | None) -> set[str | None]:
    """Return the models that a scorer, or one that it is made of, asks; None for one that is not recorded."""
    return {model_name(target) for name in _TARGETS for target in every(scorer, name)}


def model_name(target: Mapping[str, Any] | None) -> str | None:
    """Return the model of a target: the one behind a deployment, where it is recorded."""
    said = target or {}
    return str(said.get("underlying_model_name") or said.get("model_name") or "") or None


def every(component: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the children of this name, however deep; an attack holds a technique, which holds a scorer."""
    children = component.get("children") if isinstance(component, Mapping) else None
    for key, value in children.items() if isinstance(children, Mapping) else ():
        for child in value if isinstance(value, list) else [value]:
            if key == name and isinstance(child, Mapping):
                yield child
            yield from every(child, name)


def _names(scorers: list[dict[str, Any]]) -> dict[str, str]:
    """Name each scorer by its class, and by its hash too where there are several of a class."""
    classes: dict[str, set[str]] = {}
    for scorer in scorers:
        classes.setdefault(_class(scorer), set()).add(_mark(scorer))
    return {
        mark: name if len(marks) == 1 else f"{name}.{mark[:8]}" for name, marks in classes.items() for mark in marks
    }


def _class(scorer: Mapping[str, Any]) -> str:
    return str(scorer.get("class_name") or "scorer")


def _mark(scorer: Mapping[str, Any]) -> str:
    return str(scorer.get("hash") or _class(scorer))


def _plus(total: int | None, more: Any) -> int | None:
    return (total or 0) + more if isinstance(more, int) else total
