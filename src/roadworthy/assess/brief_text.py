"""The text of a product brief: whether it can be read at all, its clauses, and what in a clause is denied."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from roadworthy.core.errors import InputError

LIMIT = 60_000
"""Characters; a page has 3,000."""
FEWEST_WORDS = 5
_VERBS = (
    "reads|sends|uses|stores|writes|makes|takes|runs|processes|handles|sees|gets|collects|keeps|shares|opens|closes|books"
    "|pays|issues|calls|acts|decides|recommends|ranks|scores|flags|blocks|deletes|updates|posts|publishes|searches|browses"
    "|learns|trains|generates|summari[sz]es|drafts|suggests|answers|works|helps|tells|shows|can|may|will|is|are|has|does|must"
)
_CLAUSE_END = re.compile(
    r"[.!](?=\s|$)|[?;\n•]|:\s|\s[–—-]\s"
    r"|,?\s\b(?:but|however|although|though|whereas|while|yet)\b"
    r"|,\s(?=(?:and\s|or\s)?(?:it|they|we|he|she|this|these|that|the|users?|customers?|a|an|our|each|every|which|who)\s)"
    r"|\sand\s(?=(?:it|they|we|the|then|a|an)\s)"
    rf"|,?\s(?:and\s)(?=(?:{_VERBS})\b)|,\s(?=(?:{_VERBS})\b)",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?P<verb>not(?!\s+(?:only|just|merely|limited))|never|cannot|\w+n['’]t|avoids?|refus(?:es?|ing)\s+to|nobody)\b"
    r"|\b(?:no(?!\s+(?:longer than|later|more than))|without|neither|nor|none|excluding|excludes?|except|free\s+of"
    r"|forbidden|prohibited|out\s+of\s+scope|rather\s+than|instead\s+of|lacks?)\b",
    re.IGNORECASE,
)
_NEW_THOUGHT = re.compile(r"\b(?:who|that|which|when|while|so|because|since|if|as|it|they|we|he|she)\b", re.IGNORECASE)
"""Where any denial ends."""
_NEW_PLACE = re.compile(r"\b(?:on|with|from|over|for|in|by|at|under|into|through)\b", re.IGNORECASE)
"""Where the denial of a thing ends too: 'without supervision on personal data' denies the supervision."""
_DENIED_AFTER = re.compile(
    r"^(?:\s+(?!that\b|which\b|who\b|and\b|or\b)\w+)?\s*(?:"
    r"(?:(?:is|are|was|were|will be|must be|can be|may be|has been|have been)\s+(?:not|never)"
    r"|(?:is|are|was|were)n['’]t)"
    r"\s+(?:\w+ly\s+)?(?:used|processed|read|sent|collected|needed|involved|included|taken|accessed|touched|available"
    r"|allowed|present|made|done|possible|part)\b"
    r"|(?:is|are|was|were|will be|must be|has been|have been)\s+(?:\w+\s+)?"
    r"(?:excluded|out of scope|stripped|removed|forbidden|prohibited|disabled)\b"
    r"|:\s*(?:no|none)\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:without|unless|until|except|before|beyond|other than|apart from|by itself|on its own|automatically"
    r"|autonomously|directly|alone)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*(?![-*•#]|\d+[.)]|[A-Z][\w ]{0,30}:)\S")
_REACH = 12
"""Words over which a denial reaches."""
_LISTS = re.compile(r"[^\W\d_]+(?:['’]\w+)?")


class Voice(StrEnum):
    """How a phrase is said."""

    SAID = "said"
    DENIED = "denied"
    QUALIFIED = "qualified"
    """Denied with a condition: 'never sends without approval' says that it sends."""


@dataclass(frozen=True)
class Clause:
    """A stretch of the brief that one denial can reach."""

    text: str
    start: int
    """Offset in the brief."""
    asks: bool
    """It ends in a question mark, and so says nothing."""


@dataclass(frozen=True)
class BriefText:
    """A brief that can be read."""

    text: str
    clauses: tuple[Clause, ...]


def read_brief(brief: str | bytes) -> BriefText:
    """Read a brief. Raises InputError, which says why, when it is empty, too long, no text or not in English."""
    if len(brief) > LIMIT * (4 if isinstance(brief, bytes) else 1):
        raise _unreadable(f"it has {len(brief):,}, more than {LIMIT:,} characters", "Give the page that says most.")
    text = _decoded(brief) if isinstance(brief, bytes) else brief
    if len(text) > LIMIT:
        raise _unreadable(f"it has {len(text):,}, more than {LIMIT:,} characters", "Give the page that says most.")
    control = sum(unicodedata.category(c) in {"Cc", "Cn", "Co", "Cs"} and c not in "\n\r\t\f" for c in text)
    if "\0" in text or control > len(text) / 200:
        raise _unreadable("it is not text", "Give it as plain text, not as a document file.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _check_language(text)
    return BriefText(text, tuple(_clauses(unwrapped(text))))


def unwrapped(text: str) -> str:
    """Turn line breaks inside a paragraph into spaces, so that offsets stay; lists and short lines keep theirs."""
    lines = text.split("\n")
    full = 0.7 * max(map(len, lines))
    joined = [
        before + (" " if len(before) >= full and _GOES_ON.match(after) else "\n") for before, after in pairwise(lines)
    ]
    return "".join([*joined, lines[-1]])


def denials_before(clause: Clause, start: int) -> list[re.Match[str]]:
    """List the words that deny the phrase at `start`, the nearest last."""
    before = clause.text[:start]
    return [match for match in _DENIAL.finditer(before) if _reaches(match, before[match.end() :])]


def _reaches(denial: re.Match[str], between: str) -> bool:
    if len(between.split()) > _REACH or _NEW_THOUGHT.search(between):
        return False
    return bool(denial["verb"]) or not _NEW_PLACE.search(between)


def voice(clause: Clause, start: int, end: int) -> Voice:
    """Say how the phrase at `start` to `end` of the clause is meant."""
    after = clause.text[end:]
    denials = denials_before(clause, start)
    if denials:
        twice = denials[-1].group().lower() == "without" and len(denials) > 1
        return Voice.SAID if twice else Voice.QUALIFIED if _CONDITION.search(after) else Voice.DENIED
    return Voice.DENIED if _DENIED_AFTER.match(after) else Voice.SAID


def _clauses(text: str) -> list[Clause]:
    found, at = [], 0
    for match in _CLAUSE_END.finditer(text):
        found.append(Clause(text[at : match.start()], at, match.group() == "?"))
        at = match.end()
    found.append(Clause(text[at:], at, False))
    return [clause for clause in found if clause.text.strip()]


def _decoded(brief: bytes) -> str:
    try:
        return brief.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("it is not text in UTF-8", "Give it as plain text in UTF-8.") from error


FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the a an and or of to in for with is are it that this they we our its by from on not no can will "
        "who which be as at has have does only their you when",
        "German": "der die das und oder ein eine einen für mit ist sind nicht von zu auf im den dem des wir unsere es "
        "sie werden wird keine kann auch bei",
        "French": "le la les et ou un une des du de pour avec est sont pas que qui dans sur nos notre il elle ils au "
        "aux ne par ce cette peut",
        "Spanish": "el la los las y o un una de del para con es son no que en por sus nuestro nuestra se al lo como "
        "puede este esta",
        "Italian": "il lo la gli le e o un una di del della per con è sono non che in da nostri nostro si al come può "
        "questo questa dei",
        "Dutch": "de het een en of van voor met is zijn niet dat die op in aan wij onze ze wordt worden geen kan ook "
        "bij",
        "Portuguese": "o a os as e ou um uma de do da para com é são não que em por nossos nosso se ao como pode este "
        "esta dos",
    }.items()
}
"""Words that carry grammar: what a text of the language cannot do without."""


def _check_language(text: str) -> None:
    words = [word.lower() for word in _LISTS.findall(text)]
    if not text.strip():
        raise _unreadable("it is empty", "Write what it is for, who uses it, what it reads and what it does.")
    latin = sum(
        word.isascii() or all("LATIN" in unicodedata.name(c, "") for c in word if c.isalpha()) for word in words
    )
    if latin < len(words) * 0.7:
        raise _unreadable("it is not in English", "The rules read English only: translate it, or declare by hand.")
    if len(words) < FEWEST_WORDS:
        raise _unreadable(f"it has {len(words)} words", "Write what it is for, who uses it, what it reads and does.")
    counts = {name: sum(word in known for word in words) for name, known in FUNCTION_WORDS.items()}
    other = max((name for name in counts if name != "English"), key=lambda name: counts[name])
    if counts[other] > counts["English"] and counts[other] >= 3:
        raise _unreadable(
            f"it seems to be in {other}", "The rules read English only: translate it, or declare by hand."
        )
    if counts["English"] < len(words) * 0.03 and len(words) >= 15:
        raise _unreadable(
            "it does not read as English", "The rules read English sentences: write some, or declare by hand."
        )


def _unreadable(why: str, remedy: str) -> InputError:
    return InputError(f"the brief could not be read: {why}", remedy=remedy)
