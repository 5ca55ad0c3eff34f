"""The guided form as a table: steps, questions, and when a question is asked. Paths are keys of `roadworthy.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roadworthy.declare.system import (
    Approval,
    Autonomy,
    DataUse,
    Domain,
    Effect,
    Influence,
    Kind,
    Practice,
)

Answers = Mapping[str, Any]
When = Callable[[Answers], bool]


class Form(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    CHOICES = "choices"
    YES = "yes"
    NUMBER = "number"
    DAY = "day"
    LINES = "lines"
    """One entry on each line."""
    PAIRS = "pairs"
    """`key: value` on each line."""


def always(answers: Answers) -> bool:
    """Ask in any case."""
    del answers
    return True


@dataclass(frozen=True)
class Question:
    """One question; its answer becomes the value of one key."""

    path: str
    label: str
    form: Form = Form.TEXT
    help: str = ""
    needed: bool = False
    choices: Sequence[tuple[str, str]] = ()
    when: When = always
    """Takes the answers given so far."""


@dataclass(frozen=True)
class Rows:
    """Questions that are asked once for each model, tool, source of data and the like."""

    path: str
    title: str
    one: str
    questions: Sequence[Question]
    help: str = ""
    needed: bool = False
    when: When = always


@dataclass(frozen=True)
class Step:
    """One page of the form."""

    slug: str
    title: str
    intro: str
    questions: Sequence[Question] = ()
    rows: Sequence[Rows] = ()
    when: When = always

    @property
    def paths(self) -> set[str]:
        """Return the keys that this page fills in."""
        return {item.path for item in self.questions} | {item.path for item in self.rows}


def value_at(answers: Answers, path: str) -> Any:
    """Return what was answered at a path such as `decision.influence`; None when nothing was."""
    found: Any = answers
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is(path: str, *values: Any) -> When:
    return lambda answers: value_at(answers, path) in values


def _some(path: str) -> When:
    return lambda answers: bool(value_at(answers, path))


def _talks(answers: Answers) -> bool:
    return answers.get("kind") in {None, "assistant", "rag", "agent"}


def _choices(kind: type[StrEnum], words: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    told = words or {}
    return [(str(one), told.get(str(one), str(one).replace("-", " ").capitalize())) for one in kind]


KINDS = {
    "assistant": "Assistant: answers people in text or speech",
    "rag": "Assistant that answers from retrieved documents",
    "agent": "Agent: uses tools by itself",
    "recommender": "Recommender: proposes items to people",
    "ranker": "Ranker: orders people or things",
    "classifier": "Classifier: puts cases into classes, or scores them",
    "automated-decision": "Automated decision: what it says takes effect",
}
INFLUENCES = {
    "none": "None: no decision about a person draws on it",
    "informs": "Informs: one of several sources",
    "recommends": "Recommends: people usually follow it",
    "decides": "Decides: it takes effect by itself",
}
EFFECTS = {
    "read": "Reads only",
    "write": "Changes something inside the company",
    "external": "Acts on the world outside: mail, payments, posts",
}
USES = {
    "training": "Trains the model",
    "tuning": "Tunes the model",
    "retrieval": "Is retrieved to answer",
    "evaluation": "Evaluates it",
    "input": "Comes in when it is used",
}
GENERATES = [(one, one.capitalize()) for one in ("text", "image", "audio", "video", "code")]
SIGNALS = [
    (one, one.capitalize()) for one in ("drift", "safety", "fairness", "abuse", "policy", "cost", "latency", "quality")
]

ABOUT = Step(
    "about",
    "About the system",
    "What it is, what it is for, and who answers for it.",
    [
        Question("title", "Name that people know it by", needed=True),
        Question("system", "Id", help="Lower-case letters, digits and hyphens; does not change later.", needed=True),
        Question("kind", "What sort of system is it?", Form.CHOICE, needed=True, choices=_choices(Kind, KINDS)),
        Question("purpose", "What is it for?", Form.LONG, "In one or two sentences.", needed=True),
        Question("domain", "Area of life that it works in", Form.CHOICE, choices=_choices(Domain)),
        Question("intended_use", "Intended use", Form.LINES, "One on each line."),
        Question("excluded_use", "What it must not be used for", Form.LINES, "One on each line."),
        Question("owner.team", "Team", needed=True),
        Question("owner.contact", "Contact of the team", help="A mail address that somebody reads.", needed=True),
        Question("owner.accountable", "Person who answers for it", help="Name or mail address."),
        Question("product_line", "Product line"),
        Question("release", "Name of the release that is meant to ship", help="For example 2027.1."),
    ],
)
USERS = Step(
    "users",
    "Who uses it",
    "Who uses it or is affected by it, and how many they are.",
    [
        Question("users.who", "Groups of people", Form.LINES, "One on each line, for example customers.", needed=True),
        Question("users.internal_only", "Only people inside the company use it", Form.YES),
        Question("users.monthly", "People reached a month", Form.NUMBER, "A rough number; empty when unknown."),
        Question("users.reach", "Reach in words", help="For example 200000/month."),
        Question("users.vulnerable", "Vulnerable groups among them", Form.LINES, "For example minors, patients."),
        Question("segments", "Customer segments", Form.LINES, "One on each line."),
    ],
)
IMPACT = Step(
    "impact",
    "Decisions and impact",
    "What its output does to people, and what the public meets.",
    [
        Question("decision.about_people", "It bears on decisions about individual people", Form.YES),
        Question(
            "decision.influence",
            "How far a decision follows it",
            Form.CHOICE,
            choices=_choices(Influence, INFLUENCES),
            when=_some("decision.about_people"),
        ),
        Question(
            "decision.consequential",
            "The decision has legal or similarly serious effects",
            Form.YES,
            "A job, credit, housing, insurance, health, schooling, liberty.",
            when=_some("decision.about_people"),
        ),
        Question(
            "decision.human_review",
            "A competent person reviews each adverse decision before it takes effect",
            Form.YES,
            when=_some("decision.about_people"),
        ),
        Question(
            "decision.explanation",
            "People who are affected get the reasons",
            Form.YES,
            when=_some("decision.about_people"),
        ),
        Question("autonomy", "How far it acts by itself", Form.CHOICE, choices=_choices(Autonomy)),
        Question("exposure.public", "The public meets it", Form.YES),
        Question("exposure.discloses_ai", "It says that it is a machine", Form.YES, when=_some("exposure.public")),
        Question("exposure.generates", "What it generates", Form.CHOICES, choices=GENERATES),
        Question(
            "exposure.marks_synthetic",
            "What it generates is marked as such",
            Form.YES,
            when=_some("exposure.generates"),
        ),
        Question(
            "practices",
            "Practices that law or policy singles out",
            Form.CHOICES,
            "Tick each that it does, also in part.",
            choices=_choices(Practice),
        ),
    ],
)
MODELS = Step(
    "models",
    "Models and prompts",
    "Every model that it calls, and the prompts that it sends.",
    rows=[
        Rows(
            "models",
            "Models",
            "model",
            [
                Question("id", "Id", help="For example main.", needed=True),
                Question("provider", "Provider", needed=True),
                Question("name", "Name of the model", needed=True),
                Question("version", "Version"),
                Question("licence", "Licence or terms"),
                Question("hosting", "Where it runs", help="For example self-hosted, or the provider's region."),
                Question("fine_tuned", "We tuned it", Form.YES),
                Question("digest", "SHA-256 of the weights", help="Where they are at hand."),
            ],
            needed=True,
        ),
        Rows(
            "prompts",
            "Prompts",
            "prompt",
            [
                Question("id", "Id", help="For example system.", needed=True),
                Question("file", "File beside roadworthy.yaml", help="Or write the text below; one of the two."),
                Question("text", "Text", Form.LONG),
            ],
            when=_talks,
        ),
    ],
    questions=[
        Question("settings", "Settings that change behaviour", Form.PAIRS, "For example temperature: 0, one a line."),
    ],
)
TOOLS = Step(
    "tools",
    "Tools",
    "What it may call, and what that can do. A tool that acts on the world decides much of the tier.",
    rows=[
        Rows(
            "tools",
            "Tools",
            "tool",
            [
                Question("id", "Id", help="For example send_mail.", needed=True),
                Question("description", "What it does"),
                Question("effect", "Effect", Form.CHOICE, needed=True, choices=_choices(Effect, EFFECTS)),
                Question("reversible", "What it does can be undone", Form.YES),
                Question(
                    "approval",
                    "Approval of each call",
                    Form.CHOICE,
                    choices=_choices(Approval, {"none": "None", "human": "A person approves each call"}),
                ),
                Question("permissions", "Permissions that it holds", Form.LINES, "One on each line."),
            ],
        )
    ],
    questions=[
        Question("guard", "Guard policy in force", Form.PAIRS, "For example pii: redact, one on each line."),
    ],
    when=_talks,
)
DATA = Step(
    "data",
    "Data",
    "Every source, where it comes from, and on what terms.",
    rows=[
        Rows(
            "data",
            "Sources of data",
            "source of data",
            [
                Question("id", "Id", needed=True),
                Question("use", "What it is used for", Form.CHOICE, needed=True, choices=_choices(DataUse, USES)),
                Question("source", "Where it comes from"),
                Question("licence", "Licence or legal ground"),
                Question("personal", "It holds personal data", Form.YES),
                Question("special_category", "Health, ethnicity, religion and the like", Form.YES),
                Question("untrusted", "Outsiders can write it: mail, web pages", Form.YES),
                Question("lineage", "Steps from the origin to what is used", Form.LINES, "One on each line."),
            ],
        )
    ],
)
WHERE = Step(
    "where",
    "Where and when",
    "Regions decide which laws speak; the day of launch decides which requirements apply by then.",
    [
        Question("regions", "Regions", Form.LINES, "Country codes, or EU; one on each line.", needed=True),
        Question("launch", "Planned day of launch", Form.DAY),
    ],
    [
        Rows(
            "environments",
            "Environments",
            "environment",
            [Question("id", "Id", help="For example production.", needed=True), Question("endpoint", "Address")],
        ),
        Rows(
            "vendors",
            "Vendors",
            "vendor",
            [
                Question("id", "Id", needed=True),
                Question("supplies", "What it supplies", needed=True),
                Question("terms", "Terms"),
            ],
        ),
        Rows(
            "monitors",
            "Monitors",
            "monitor",
            [
                Question("id", "Id", needed=True),
                Question("signal", "Signal", Form.CHOICE, needed=True, choices=SIGNALS),
                Question("owner", "Who watches it"),
                Question("alert", "What happens when it rings"),
            ],
        ),
    ],
)
STEPS: tuple[Step, ...] = (ABOUT, USERS, IMPACT, MODELS, TOOLS, DATA, WHERE)
"""In their order."""


def steps_for(answers: Answers) -> list[Step]:
    """Return the steps that are asked, given the answers so far; what was answered already is always shown."""
    return [step for step in STEPS if step.when(answers) or any(answers.get(path) for path in step.paths)]


def asked(item: Question | Rows, answers: Answers) -> bool:
    """Tell whether a question is asked; one that was answered already is always shown."""
    return item.when(answers) or bool(value_at(answers, item.path))
