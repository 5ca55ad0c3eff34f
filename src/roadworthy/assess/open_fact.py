"""Facts that a brief may leave open: what is asked, and what the stricter and the milder side are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from roadworthy.declare.system import Domain, Kind

Facts = dict[str, Any]
"""Declared field, as a dotted name -> what is known of it."""
NOT_STATED = "not stated"
"""What stands where a brief never says it."""
REGULATED = frozenset(
    {Domain.BIOMETRICS, Domain.CRITICAL_INFRASTRUCTURE, Domain.EDUCATION, Domain.EMPLOYMENT, Domain.CREDIT}
    | {Domain.INSURANCE, Domain.HOUSING, Domain.HEALTH, Domain.PUBLIC_BENEFITS, Domain.EMERGENCY_SERVICES}
    | {Domain.LAW_ENFORCEMENT, Domain.MIGRATION, Domain.JUSTICE, Domain.ELECTIONS, Domain.LEGAL_ADVICE}
)
SCORING = frozenset({Kind.RECOMMENDER, Kind.RANKER, Kind.CLASSIFIER, Kind.AUTOMATED_DECISION})
TALKING = frozenset({Kind.ASSISTANT, Kind.RAG, Kind.AGENT})
UNNAMED_TOOL = "unnamed-tool:external"
MASS = 1_000_000
STRICT_REGIONS = ["EU", "US", "KR"]
"""Where the rules of the default standard look for more."""


@dataclass(frozen=True)
class OpenFact:
    """A fact, the question that settles it, and both sides of it; each side may depend on facts above it."""

    field: str
    ask: str
    strict: Callable[[Facts], Any]
    mild: Callable[[Facts], Any]
    arises: Callable[[Facts], bool] = lambda _: True
    """Whether the question makes sense; else nobody is asked and the milder side stands."""


def _always(value: Any) -> Callable[[Facts], Any]:
    return lambda _: value


def _acts(facts: Facts) -> bool:
    return any(not tool.endswith(":read") for tool in facts["tools"])


def _outside(facts: Facts) -> bool:
    return not facts["users.internal_only"]


def _may_weigh_people(facts: Facts) -> bool:
    return facts["kind"] in SCORING or facts["domain"] in REGULATED or facts["domain"] == Domain.GENERAL


def _about_people(facts: Facts) -> bool:
    return bool(facts["decision.about_people"])


def _generates_for_others(facts: Facts) -> bool:
    return bool(facts["exposure.generates"]) and _outside(facts)


OPEN_FACTS: tuple[OpenFact, ...] = (
    OpenFact(
        "kind",
        "What sort of system is it: assistant, retrieval, agent, recommender, ranker, classifier, automated decision?",
        _always("assistant"),
        _always("assistant"),
    ),
    OpenFact("domain", "Which area of life does it work in?", _always("general"), _always("general")),
    OpenFact(
        "tools",
        "Which tools may it call, and which of them write or act outside?",
        lambda facts: [UNNAMED_TOOL] if facts["kind"] == Kind.AGENT else [],
        _always([]),
    ),
    OpenFact(
        "tools.approval",
        "Does a person approve each call that changes something?",
        _always("none"),
        _always("human"),
        _acts,
    ),
    OpenFact("tools.reversible", "Can what the tools do be taken back?", _always(False), _always(True), _acts),
    OpenFact(
        "autonomy",
        "Does it act after approval, or by itself?",
        _always("acts"),
        lambda facts: "acts-with-approval" if _acts(facts) else "suggests",
        _acts,
    ),
    OpenFact(
        "users.internal_only",
        "Do only people inside the company use it, and is nobody outside affected by it?",
        _always(False),
        lambda facts: not facts.get("exposure.public", False),
    ),
    OpenFact("exposure.public", "Can the public reach it?", _always(True), _always(False), _outside),
    OpenFact("users.who", "Who uses it or is affected by it?", _always(["not stated"]), _always(["not stated"])),
    OpenFact("users.monthly", "How many people does it reach in a month?", _always(MASS), _always(0), _outside),
    OpenFact(
        "users.vulnerable",
        "Are minors, patients, people in hardship or other vulnerable people among them?",
        _always(["not ruled out"]),
        _always([]),
        _outside,
    ),
    OpenFact(
        "data.personal",
        "Does it take in, retrieve or learn from personal data?",
        _always(True),
        lambda facts: bool(facts.get("data.special_category")),
    ),
    OpenFact(
        "data.special_category",
        "Are health, ethnicity, religion or other special categories of data among them?",
        _always(True),
        _always(False),
        lambda facts: bool(facts["data.personal"]),
    ),
    OpenFact(
        "data.untrusted",
        "Can outsiders write what it reads, such as mail or uploads?",
        _always(True),
        _always(False),
    ),
    OpenFact(
        "decision.about_people",
        "Does its output bear on decisions about individual people?",
        _always(True),
        _always(False),
        _may_weigh_people,
    ),
    OpenFact(
        "decision.influence",
        "Does it inform, recommend or make the decision?",
        _always("decides"),
        lambda facts: "informs" if _about_people(facts) else "none",
        _about_people,
    ),
    OpenFact(
        "decision.consequential",
        "Do the decisions have legal or similarly serious effects for a person?",
        _always(True),
        _always(False),
        _about_people,
    ),
    OpenFact(
        "decision.human_review",
        "Does a competent person review each adverse decision before it takes effect?",
        _always(False),
        _about_people,
        _about_people,
    ),
    OpenFact(
        "decision.explanation",
        "Do people affected get the reasons?",
        _always(False),
        _about_people,
        _about_people,
    ),
    OpenFact(
        "exposure.generates",
        "What does it generate: text, image, audio, video, code?",
        _always(["text"]),
        _always([]),
        lambda facts: facts["kind"] in TALKING,
    ),
    OpenFact("exposure.discloses_ai", "Are people told that they deal with AI?", _always(False), _outside, _outside),
    OpenFact(
        "exposure.marks_synthetic",
        "Does what it generates carry a mark?",
        _always(False),
        _generates_for_others,
        _generates_for_others,
    ),
    OpenFact("regions", "In which countries or regions is it used?", _always(STRICT_REGIONS), _always(STRICT_REGIONS)),
    OpenFact("models", "Which models does it call, of which version and provider?", _always([]), _always([])),
)
"""In the order in which they are settled."""
