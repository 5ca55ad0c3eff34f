"""A step of the intake as a Django form: from answers to fields, and from what was sent to answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from roadworthy.server.systems.intake_questions import Answers, Form, Question, Rows, Step, asked, value_at

SPARE = 1
"""Empty rows that are offered beyond those that are filled in."""
MOST_ROWS = 60
LONGEST = 20_000


@dataclass(frozen=True)
class RowForm:
    """The fields of one model, tool, ..."""

    number: int
    title: str
    fields: list[tuple[str, bool]]
    """Names of fields, and whether the answer is needed."""
    spare: bool


@dataclass(frozen=True)
class RowsForm:
    """All rows of one kind on a page."""

    rows: Rows
    forms: list[RowForm]


class StepForm(forms.Form):
    """The fields of one step; nothing is required here, since what is unfinished is kept, too."""

    use_required_attribute = False

    def __init__(self, step: Step, answers: Answers, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="id_%s", prefix=None)
        self.step = step
        self.answers = answers
        self.initial = {}
        self.needed: set[str] = set()
        for question in step.questions:
            self._add(field_name(question.path), question, value_at(answers, question.path))
        self.groups = [self._rows(rows) for rows in step.rows if asked(rows, answers)]

    def _rows(self, rows: Rows) -> RowsForm:
        given = [row for row in answers_rows(self.answers, rows.path) if isinstance(row, Mapping)]
        sent = _sent_rows(self.data, rows.path) if self.is_bound else 0
        count = min(max(len(given) + SPARE, sent), MOST_ROWS)
        found = []
        for number in range(count):
            row = given[number] if number < len(given) else {}
            names = []
            for question in rows.questions:
                name = row_name(rows.path, number, question.path)
                self._add(name, question, row.get(question.path))
                names.append((name, question.needed))
            title = f"{rows.one.capitalize()} {row.get('id') or number + 1}"
            found.append(RowForm(number, title, names, number >= len(given)))
        return RowsForm(rows, found)

    def _add(self, name: str, question: Question, value: Any) -> None:
        self.fields[name] = _field(question)
        self.initial[name] = _shown(question.form, value)
        if question.needed:
            self.needed.add(name)

    def marked(self) -> StepForm:
        """Return the form with those fields marked whose answers are needed in the end; for drawing only."""
        for name in self.needed:
            self.fields[name].required = True
        return self

    def given(self) -> dict[str, Any]:
        """Return what was sent as answers of this step: path -> value; None where nothing was answered."""
        found: dict[str, Any] = {}
        for question in self.step.questions:
            found[question.path] = _value(question.form, self.cleaned_data.get(field_name(question.path)))
        for group in self.groups:
            found[group.rows.path] = self._given_rows(group) or None
        return found

    def _given_rows(self, group: RowsForm) -> list[dict[str, Any]]:
        rows = []
        for form in group.forms:
            row = {
                question.path: value
                for question in group.rows.questions
                if (value := self._row_value(group.rows.path, form.number, question)) not in (None, False, [])
            }
            if row:
                rows.append(row)
        return rows

    def _row_value(self, path: str, number: int, question: Question) -> Any:
        return _value(question.form, self.cleaned_data.get(row_name(path, number, question.path)))


def field_name(path: str) -> str:
    """Return the name of the field of a path."""
    return path.replace(".", "__")


def row_name(path: str, number: int, key: str) -> str:
    """Return the name of a field within a row."""
    return f"{path}-{number}-{key}"


def answers_rows(answers: Answers, path: str) -> list[Any]:
    """Return the rows that were answered at a path."""
    rows = answers.get(path)
    return rows if isinstance(rows, list) else []


def with_answers(answers: Answers, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with those of a step in place of what was there."""
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in answers.items()}
    for path, value in given.items():
        head, _, tail = path.partition(".")
        if not tail:
            merged[head] = value
        else:
            inner = merged.get(head)
            merged[head] = {**(inner if isinstance(inner, dict) else {}), tail: value}
    return _without_nothing(merged)


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        key: _without_nothing(value) if isinstance(value, Mapping) and key not in {"guard", "settings"} else value
        for key, value in values.items()
    }
    return {key: value for key, value in kept.items() if value not in (None, "", [], {})}


def _sent_rows(data: Mapping[str, Any], path: str) -> int:
    numbers = [name.split("-")[1] for name in data if name.startswith(f"{path}-") and name.count("-") >= 2]
    return max((int(number) + 1 for number in numbers if number.isdigit() and len(number) < 4), default=0)


def _field(question: Question) -> forms.Field:
    kept: dict[str, Any] = {"label": question.label, "help_text": question.help, "required": False}
    if question.form is Form.LONG:
        return forms.CharField(widget=forms.Textarea({"rows": 4}), max_length=LONGEST, **kept)
    if question.form in {Form.LINES, Form.PAIRS}:
        return forms.CharField(widget=forms.Textarea({"rows": 3}), max_length=LONGEST, **kept)
    if question.form is Form.CHOICE:
        return forms.ChoiceField(choices=[("", "Choose"), *question.choices], **kept)
    if question.form is Form.CHOICES:
        return forms.MultipleChoiceField(choices=question.choices, widget=forms.CheckboxSelectMultiple, **kept)
    if question.form is Form.YES:
        return forms.BooleanField(**kept)
    if question.form is Form.NUMBER:
        return forms.IntegerField(min_value=0, max_value=10**12, **kept)
    if question.form is Form.DAY:
        return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kept)
    return forms.CharField(max_length=1000, **kept)


def _shown(form: Form, value: Any) -> Any:
    if form is Form.LINES:
        return "\n".join(map(str, value)) if isinstance(value, list) else (value or "")
    if form is Form.PAIRS:
        return "\n".join(f"{key}: {_word(item)}" for key, item in value.items()) if isinstance(value, Mapping) else ""
    return value


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(form: Form, value: Any) -> Any:
    if form is Form.LINES:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]
    if form is Form.PAIRS:
        return _pairs(str(value or ""))
    if form is Form.DAY:
        return value.isoformat() if value else None
    if form is Form.YES:
        return True if value else None
    return value if value not in ("", []) else None


def _pairs(text: str) -> dict[str, Any] | None:
    found = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if key.strip() and colon:
            found[key.strip()] = _read(value.strip())
    return found or None


def _read(text: str) -> Any:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if abs(number) < 2**53:
            return number
    return text
