"""The answers of an intake as a person reads them over before submitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadworthy.server.systems.intake_form import answers_rows
from roadworthy.server.systems.intake_questions import Answers, Form, Question, Step, asked, steps_for, value_at

Fact = tuple[str, str]


def summary_of(answers: Answers) -> list[tuple[Step, list[Fact]]]:
    """Return each step with its questions and what was answered; what is open reads as a dash."""
    return [(step, [*_single(step, answers), *_rows(step, answers)]) for step in steps_for(answers)]


def _single(step: Step, answers: Answers) -> list[Fact]:
    return [(one.label, _shown(one, value_at(answers, one.path))) for one in step.questions if asked(one, answers)]


def _rows(step: Step, answers: Answers) -> list[Fact]:
    found = []
    for rows in step.rows:
        for number, row in enumerate(answers_rows(answers, rows.path), 1):
            if isinstance(row, Mapping):
                told = [
                    f"{one.label}: {_shown(one, row.get(one.path))}" for one in rows.questions[1:] if row.get(one.path)
                ]
                found.append((f"{rows.one.capitalize()} {row.get('id') or number}", "; ".join(told) or "-"))
    return found


def _shown(question: Question, value: Any) -> str:
    if value in (None, "", [], {}):
        return "no" if question.form is Form.YES else "-"
    if question.form is Form.YES:
        return "yes"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    words = dict(question.choices)
    if isinstance(value, list):
        return ", ".join(words.get(str(item), str(item)) for item in value)
    return words.get(str(value), str(value))
