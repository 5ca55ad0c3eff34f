"""Names of scores: which one of another tool sounds like one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_OPPOSITE = frozenset({"no", "non", "not", "without"})
_STEM, _ENDING = 4, 2
"""Words are forms of one another when they begin with so many same letters, up to so many at the end of the shorter."""


def likeliest_pair(theirs: Iterable[str], ours: Iterable[str]) -> tuple[str, str] | None:
    """Return the score of theirs that is called most like one of ours, and that one; None when none is.

    It has every word of ours: `success` alone is not `attack_success`, of which it may be the opposite. Even so a name
    does not tell what counts as a success: this is a suggestion to a person, and never taken as it is.
    """
    pairs = [(-_likeness(their, our), their, our) for their, our in product(theirs, ours)]
    best = min(pairs, default=(0.0, "", ""))
    return (best[1], best[2]) if best[0] < 0 else None


def _likeness(their: str, our: str) -> float:
    """Return the share of their words that ours has, 0 when theirs lacks one of ours."""
    one, two = _words(their), _words(our)
    if _OPPOSITE & (one ^ two):
        return 0.0
    shared = sum(any(_one_stem(word, other) for other in one) for word in two)
    return shared / len(one) if shared == len(two) else 0.0


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _one_stem(one: str, two: str) -> bool:
    same = max(_STEM, min(len(one), len(two)) - _ENDING)
    return one[:same] == two[:same]
