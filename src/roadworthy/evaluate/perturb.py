"""Small changes that must not change an answer: typing errors, case, unicode, white space."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec
from pydantic import Field

from roadworthy.core.model import FileModel
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.template import as_text, lookup

SLICE = "perturbation"
NONE = "none"


class Perturbation(StrEnum):
    """Kind of change."""

    TYPOS = "typos"
    CASE = "case"
    UNICODE = "unicode"
    """Look-alike letters and zero-width characters."""
    WHITESPACE = "whitespace"


class PerturbSpec(FileModel):
    """Ask each case in changed forms; the forms of one case are one independent unit."""

    column: str = "prompt"
    """The column that is changed."""
    kinds: list[Perturbation] = Field(default=list(Perturbation), min_length=1)
    rate: float = Field(default=0.1, gt=0, le=1)
    """Share of the places that are changed; at least one is."""
    include_original: bool = False
    """Also ask the unchanged case, with `none` in the slice `perturbation`."""


def perturb(case: Case, spec: PerturbSpec, seed: int) -> Iterator[Case]:
    """Yield the changed forms of a case: id `<id>~<kind>`, cluster the original, slice `perturbation` the kind."""
    unit = case.unit or case.id
    if spec.include_original:
        yield msgspec.structs.replace(case, id=f"{case.id}~{NONE}", unit=unit, slices={**case.slices, SLICE: NONE})
    text = as_text(lookup(case.fields, spec.column))
    for kind in spec.kinds:
        dice = random.Random(f"{seed}:{case.id}:{kind}")  # noqa: S311 - reproducible noise, not a secret
        yield msgspec.structs.replace(
            case,
            id=f"{case.id}~{kind}",
            unit=unit,
            slices={**case.slices, SLICE: str(kind)},
            fields={**case.fields, spec.column: change(text, kind, spec.rate, dice)},
        )


def change(text: str, kind: Perturbation, rate: float, dice: random.Random) -> str:
    """Change `text` in about `rate` of the places where this kind applies; the same dice give the same text."""
    return _CHANGES[kind](text, rate, dice)


def _typos(text: str, rate: float, dice: random.Random) -> str:
    letters = [i for i in range(len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    out = list(text)
    for i in _some(letters, rate, dice):
        match dice.randrange(3):
            case 0:
                out[i], out[i + 1] = out[i + 1], out[i]
            case 1:
                out[i] = ""
            case _:
                out[i] = out[i] * 2
    return "".join(out)


def _case(text: str, rate: float, dice: random.Random) -> str:
    style = dice.randrange(3)
    if style == 0:
        return text.upper()
    if style == 1:
        return text.lower()
    chosen = set(_some([i for i, c in enumerate(text) if c.isalpha()], max(rate, 0.3), dice))
    return "".join(c.swapcase() if i in chosen else c for i, c in enumerate(text))


# Cyrillic and Greek letters that Unicode Technical Standard 39 lists as confusable with these Latin ones.
_LOOK_ALIKES = dict(zip("aceopxyisjhABEHIKMNOPTXYZ", "асеорхуіѕјһΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", strict=True))
_ZERO_WIDTH = "\u200b\u200c\u2060"


def _unicode(text: str, rate: float, dice: random.Random) -> str:
    chosen = set(_some([i for i, c in enumerate(text) if c in _LOOK_ALIKES], rate, dice))
    out = [_LOOK_ALIKES[c] if i in chosen else c for i, c in enumerate(text)]
    for i in _some(list(range(len(out))), rate / 2, dice):
        out[i] += dice.choice(_ZERO_WIDTH)
    return "".join(out)


def _whitespace(text: str, rate: float, dice: random.Random) -> str:
    chosen = set(_some([i for i, c in enumerate(text) if c == " "], max(rate, 0.3), dice))
    body = "".join(dice.choice(["  ", "\t", " \n", "\u00a0"]) if i in chosen else c for i, c in enumerate(text))
    return dice.choice(["  ", "\n\n", "\t"]) + body + dice.choice(["  ", "\n", " \n \n"])


def _some(places: list[int], rate: float, dice: random.Random) -> list[int]:
    return sorted(dice.sample(places, max(1, round(len(places) * rate)))) if places else []


_CHANGES: dict[Perturbation, Callable[[str, float, random.Random], str]] = {
    Perturbation.TYPOS: _typos,
    Perturbation.CASE: _case,
    Perturbation.UNICODE: _unicode,
    Perturbation.WHITESPACE: _whitespace,
}
