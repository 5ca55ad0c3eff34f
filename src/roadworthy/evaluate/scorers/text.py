"""Scorers that compare text: equal, contained, matching, numbers, JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.scorers.scorer import Score, Scorer, ScorerSpec
from roadworthy.evaluate.template import Template, as_text

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FENCE = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)


def plain(text: str, *, ignore_case: bool) -> str:
    """Fold white space, and case where asked."""
    folded = " ".join(text.split())
    return folded.casefold() if ignore_case else folded


def _exact_match(spec: ScorerSpec, _folder: Path) -> Score:
    expected = Template(spec.expected or "")
    ignore = spec.ignore_case is not False

    def score(case: Case, reply: Reply) -> float:
        wanted = plain(expected.render(case.fields), ignore_case=ignore)
        return float(plain(reply.text, ignore_case=ignore) == wanted)

    return score


def _contains(judge: Callable[[Iterable[bool]], bool]) -> Callable[[ScorerSpec, Path], Score]:
    def build(spec: ScorerSpec, _folder: Path) -> Score:
        ignore = spec.ignore_case is not False

        def score(case: Case, reply: Reply) -> float | None:
            text = plain(reply.text, ignore_case=ignore)
            wanted = [plain(value, ignore_case=ignore) for value in listed(spec.values, case)]
            return float(judge(value in text for value in wanted)) if wanted and all(wanted) else None

        return score

    return build


def listed(values: list[str] | str | None, case: Case) -> list[str]:
    """Fill in a list of texts, or take the list from a column; a single text is a list of one."""
    if isinstance(values, list):
        return [Template(value).render(case.fields) for value in values]
    found: Any = Template(values or "").value(case.fields)
    return [as_text(value) for value in found] if isinstance(found, list) else [as_text(found)]


def _none_of(found: Iterable[bool]) -> bool:
    return not any(found)


def _regex(spec: ScorerSpec, _folder: Path) -> Score:
    pattern = re.compile(spec.pattern or "", re.IGNORECASE if spec.ignore_case else 0)

    def score(case: Case, reply: Reply) -> float:  # noqa: ARG001
        return float(pattern.search(reply.text) is not None)

    return score


def _number_equals(spec: ScorerSpec, _folder: Path) -> Score:
    expected = Template(spec.expected or "")
    tolerance = spec.tolerance or 0.0

    def score(case: Case, reply: Reply) -> float | None:
        wanted = numbers(expected.render(case.fields))
        found = numbers(reply.text)
        if len(wanted) != 1:
            return None
        return float(bool(found) and math.isclose(found[-1], wanted[0], rel_tol=1e-9, abs_tol=tolerance))

    return score


def numbers(text: str) -> list[float]:
    """List the numbers in a text, thousands separated by commas included."""
    found = (match.group().replace(",", "") for match in _NUMBER.finditer(text))
    return [float(number) for number in found if any(c.isdigit() for c in number)]


def _json_valid(spec: ScorerSpec, _folder: Path) -> Score:
    keys = spec.keys or []

    def score(case: Case, reply: Reply) -> float:  # noqa: ARG001
        fenced = _FENCE.match(reply.text)
        try:
            value = json.loads(fenced.group(1) if fenced else reply.text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return 0.0
        return float(all(isinstance(value, dict) and key in value for key in keys))

    return score


def _refuse(name: str) -> None:
    raise ValueError(name)


def _column(spec: ScorerSpec, _folder: Path) -> Score:
    template = Template(spec.value or "")

    def score(case: Case, reply: Reply) -> float | None:  # noqa: ARG001
        value = template.value(case.fields)
        if isinstance(value, bool):
            return float(value)
        try:
            return float(value)
        except (TypeError, ValueError):
            return None

    return score


_VALUES = frozenset({"values"})
_IGNORE = frozenset({"ignore_case"})

SCORERS: tuple[Scorer, ...] = (
    Scorer(
        "exact_match",
        "1 when the answer equals `expected`, white space folded, case ignored unless told not to.",
        "1",
        _exact_match,
        frozenset({"expected"}),
        _IGNORE,
    ),
    Scorer(
        "contains_any",
        "1 when the answer holds at least one of `values`.",
        "1",
        _contains(any),
        _VALUES,
        _IGNORE,
        "A text that names a value only to deny it counts as holding it.",
    ),
    Scorer(
        "contains_all",
        "1 when the answer holds every one of `values`.",
        "1",
        _contains(all),
        _VALUES,
        _IGNORE,
        "A text that names the values only to deny them counts as holding them.",
    ),
    Scorer(
        "contains_none",
        "1 when the answer holds none of `values`.",
        "1",
        _contains(_none_of),
        _VALUES,
        _IGNORE,
        "The same thing in other words is not noticed.",
    ),
    Scorer(
        "regex",
        "1 when the regular expression `pattern` is found in the answer.",
        "1",
        _regex,
        frozenset({"pattern"}),
        _IGNORE,
        "As good as the pattern.",
    ),
    Scorer(
        "number_equals",
        "1 when the last number in the answer equals `expected` within `tolerance`.",
        "1",
        _number_equals,
        frozenset({"expected"}),
        frozenset({"tolerance"}),
        "Reads the last number of the answer, which may not be the one that is meant; words for numbers are not read.",
    ),
    Scorer(
        "json_valid",
        "1 when the answer is valid JSON (a code fence around it is allowed) and an object with `keys`.",
        "1",
        _json_valid,
        takes=frozenset({"keys"}),
    ),
    Scorer(
        "column",
        "The number in a column of the dataset, such as a human rating between 0 and 1.",
        "1",
        _column,
        frozenset({"value"}),
        known_error="That of whoever filled the column.",
    ),
)
