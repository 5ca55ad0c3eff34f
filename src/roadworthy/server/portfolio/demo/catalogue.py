"""The systems of the demo: what their teams declare, and how well each is built. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Value = dict[str, Any]

MODEL = {"hosting": "vendor", "licence": "commercial terms", "vendor": "modelworks"}
VENDOR = [{"id": "modelworks", "supplies": "language model by API", "terms": "enterprise agreement 2026"}]


def language_model(name: str = "atlas-large", version: str = "2026-03") -> Value:
    """Declare a hosted language model."""
    return {"id": "main", "provider": "Modelworks", "name": name, "version": version, **MODEL}


def own_model(name: str, version: str) -> Value:
    """Declare a model that was trained in the house."""
    return {
        "id": "main",
        "provider": "Fernhill",
        "name": name,
        "version": version,
        "hosting": "self-hosted",
        "licence": "internal",
    }


def data(name: str, use: str, *, traced: bool = True, **facts: Any) -> Value:
    """Declare a source of data; one that is not traced lacks lineage and licence."""
    told = {"licence": "internal", "lineage": [f"{name} register 2026"]} if traced else {}
    return {"id": name, "use": use, "source": f"{name} of Fernhill", **told, **facts}


MONITORS = [
    {"id": "answer-quality", "signal": "quality", "owner": "team", "alert": "weekly report"},
    {"id": "harmful-answers", "signal": "safety", "owner": "team", "alert": "page the person on call"},
    {"id": "misuse", "signal": "abuse", "owner": "security", "alert": "ticket"},
    {"id": "spend", "signal": "cost", "owner": "team", "alert": "ticket"},
    {"id": "response-time", "signal": "latency", "owner": "team", "alert": "ticket"},
    {"id": "input-drift", "signal": "drift", "owner": "team", "alert": "ticket"},
    {"id": "group-gaps", "signal": "fairness", "owner": "team", "alert": "ticket"},
]


@dataclass(frozen=True)
class DemoSystem:
    """One system: what is declared of it, and what became of its releases."""

    declaration: Value
    line: str
    """Id of its product line."""
    releases: tuple[str, ...] = ("1.0",)
    """Names, oldest first."""
    days: tuple[int, ...] = (20,)
    """How many days ago each was pushed."""
    weak: dict[str, frozenset[str]] = field(default_factory=dict)
    """Release -> suites in which it does badly."""
    waived: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Release -> requirements for which an exception is asked and approved."""
    goal: str = "ship"
    """How far its people take the newest release: push, ask, ship."""

    @property
    def slug(self) -> str:
        """Return its id."""
        return str(self.declaration["system"])


def declared(slug: str, title: str, kind: str, purpose: str, team: str, **facts: Any) -> Value:
    """Declare a system with what most of ours have in common."""
    return {
        "system": slug,
        "title": title,
        "kind": kind,
        "purpose": purpose,
        "intended_use": [f"As described in the handbook of {team}."],
        "excluded_use": ["Anything that the handbook does not name."],
        "owner": {"team": team, "contact": f"{team}@fernhill.example", "accountable": "Olga Brandt"},
        "domain": "general",
        "exposure": {"public": False, "discloses_ai": True, "generates": ["text"]},
        "autonomy": "suggests",
        "regions": ["EU", "US"],
        "segments": ["employees"],
        "environments": [{"id": "test"}, {"id": "prod"}],
        "monitors": MONITORS,
        "settings": {"temperature": 0},
        **facts,
    }


CUSTOMERS = {"who": ["customers"], "monthly": 40_000}
STAFF = {"who": ["employees"], "monthly": 900, "internal_only": True}

SYSTEMS: tuple[DemoSystem, ...] = (
    DemoSystem(
        declared(
            "code-helper",
            "Code helper",
            "assistant",
            "Completes and explains code in the editors of our own engineers.",
            "developer-tools",
            users=STAFF,
            models=[language_model("atlas-code")],
            vendors=VENDOR,
            data=[data("repositories", "retrieval")],
        ),
        "workplace",
        releases=("1.0", "1.1"),
        days=(86, 24),
    ),
    DemoSystem(
        declared(
            "meeting-notes",
            "Meeting notes",
            "assistant",
            "Writes notes and tasks from the transcripts of internal meetings.",
            "workplace-apps",
            users=STAFF,
            models=[language_model()],
            vendors=VENDOR,
            data=[data("transcripts", "input", personal=True)],
        ),
        "workplace",
        releases=("1.0",),
        days=(12,),
        goal="ask",
    ),
    DemoSystem(
        declared(
            "policy-search",
            "Policy search",
            "rag",
            "Answers questions of employees from the company's policies, with citations.",
            "workplace-apps",
            users=STAFF,
            models=[language_model()],
            vendors=VENDOR,
            data=[data("policies", "retrieval")],
        ),
        "workplace",
        releases=("2026.8", "2026.9", "2026.10"),
        days=(79, 68, 38),
        weak={"2026.8": frozenset({"task-quality"})},
    ),
    DemoSystem(
        declared(
            "support-agent",
            "Support agent",
            "agent",
            "Answers order questions, opens tickets and starts refunds in the web shop.",
            "customer-care",
            users=CUSTOMERS,
            exposure={"public": True, "discloses_ai": True, "generates": ["text"], "marks_synthetic": True},
            domain="customer-support",
            autonomy="acts-with-approval",
            segments=["consumers"],
            models=[language_model()],
            vendors=VENDOR,
            tools=[
                {"id": "order_lookup", "effect": "read"},
                {"id": "open_ticket", "effect": "write", "reversible": True, "approval": "none"},
                {"id": "refund", "effect": "external", "reversible": False, "approval": "human"},
            ],
            data=[data("orders", "retrieval", personal=True), data("help-centre", "retrieval")],
            launch="2026-12-15",
        ),
        "web-shop",
        releases=("3.0", "3.1", "3.2"),
        days=(52, 41, 9),
        weak={"3.0": frozenset({"prompt-injection", "benign-lookalikes"}), "3.1": frozenset({"benign-lookalikes"})},
        goal="ask",
    ),
    DemoSystem(
        declared(
            "shop-recommender",
            "Shop recommender",
            "recommender",
            "Ranks products on the home page of the web shop.",
            "discovery",
            users={"who": ["customers"], "monthly": 400_000},
            exposure={"public": True},
            segments=["consumers"],
            models=[own_model("two-tower", "12")],
            data=[data("clicks", "training", personal=True), data("catalogue", "input")],
        ),
        "web-shop",
        releases=("12.0",),
        days=(66,),
        goal="ship",
    ),
    DemoSystem(
        declared(
            "review-moderation",
            "Review moderation",
            "classifier",
            "Holds back product reviews that break the rules, for a person to look at.",
            "trust-and-safety",
            users={"who": ["customers"], "monthly": 60_000},
            exposure={"public": True},
            segments=["consumers"],
            models=[own_model("moderation", "7")],
            data=[data("reviews", "training", untrusted=True), data("labels", "evaluation")],
            launch="2026-12-03",
        ),
        "web-shop",
        releases=("7.0",),
        days=(6,),
        weak={"7.0": frozenset({"robustness"})},
        goal="push",
    ),
    DemoSystem(
        declared(
            "fraud-classifier",
            "Fraud classifier",
            "classifier",
            "Scores card payments for fraud; a person looks at what is stopped.",
            "payments-risk",
            users={"who": ["card holders", "analysts"], "monthly": 250_000},
            domain="commerce",
            decision={"about_people": True, "influence": "recommends", "human_review": True, "explanation": True},
            segments=["card holders"],
            models=[own_model("gradient-boosting", "31")],
            data=[data("payments", "training", personal=True)],
        ),
        "payments",
        releases=("31.0", "31.1", "31.2"),
        days=(72, 31, 17),
        weak={"31.1": frozenset({"quality"})},
        waived={
            "31.0": ("equalised-odds", "evaluation-coverage", "robustness", "explanation-fidelity", "impact-ratio")
        },
        goal="push",
    ),
    DemoSystem(
        declared(
            "credit-limit",
            "Credit limit proposals",
            "automated-decision",
            "Proposes card limits to credit officers, with reasons.",
            "lending",
            users={"who": ["applicants", "credit officers"], "monthly": 9_000},
            domain="credit",
            decision={
                "about_people": True,
                "influence": "recommends",
                "consequential": True,
                "human_review": True,
                "explanation": True,
            },
            segments=["consumers"],
            models=[own_model("scorecard", "4")],
            data=[
                data("applications", "training", personal=True),
                data("bureau", "input", personal=True, traced=False),
            ],
            practices=["profiling"],
            launch="2027-01-20",
        ),
        "payments",
        releases=("4.0",),
        days=(15,),
        goal="push",
    ),
    DemoSystem(
        declared(
            "hiring-ranker",
            "Hiring ranker",
            "ranker",
            "Orders applications for recruiters, who read all of them.",
            "talent",
            users={"who": ["applicants", "recruiters"], "monthly": 3_000},
            domain="employment",
            decision={
                "about_people": True,
                "influence": "recommends",
                "consequential": True,
                "human_review": True,
                "explanation": False,
            },
            segments=["applicants"],
            models=[own_model("ranker", "2")],
            data=[data("applications", "training", personal=True, special_category=True)],
            practices=["profiling"],
        ),
        "people",
        releases=("2.0",),
        days=(45,),
        weak={"2.0": frozenset({"fairness"})},
        goal="push",
    ),
    DemoSystem(
        declared(
            "maths-tutor",
            "Maths tutor",
            "assistant",
            "Helps pupils from 12 years with their homework, step by step.",
            "learning",
            users={"who": ["pupils"], "monthly": 15_000, "vulnerable": ["minors"]},
            exposure={"public": True, "discloses_ai": True, "generates": ["text"]},
            domain="education",
            segments=["families"],
            models=[language_model("atlas-small", "2026-07")],
            vendors=VENDOR,
            data=[data("exercises", "retrieval"), data("chats", "input", personal=True, untrusted=True)],
            launch="2026-12-09",
        ),
        "learning",
        releases=("0.9",),
        days=(8,),
        weak={"0.9": frozenset({"harmful-requests"})},
        goal="push",
    ),
    DemoSystem(
        declared(
            "triage-summariser",
            "Triage summariser",
            "assistant",
            "Sums up what patients write before a call, for nurses who decide.",
            "clinics",
            users={"who": ["nurses", "patients"], "monthly": 4_000, "vulnerable": ["patients"]},
            domain="health",
            decision={"about_people": True, "influence": "informs", "human_review": True},
            segments=["clinics"],
            models=[language_model()],
            vendors=VENDOR,
            data=[data("messages", "input", personal=True, special_category=True, untrusted=True, traced=False)],
        ),
        "clinics",
        releases=("0.3",),
        days=(27,),
        goal="push",
    ),
)
