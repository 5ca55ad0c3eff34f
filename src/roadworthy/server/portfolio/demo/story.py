"""What happened in the months before: every act with its day and hour, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from roadworthy.server.findings.models import Finding
from roadworthy.server.portfolio.demo.acts import Acts
from roadworthy.server.portfolio.demo.catalogue import SYSTEMS
from roadworthy.server.portfolio.demo.shipping import ship
from roadworthy.server.systems.models import Question


@dataclass(frozen=True)
class Step:
    """Something that was done so many days ago."""

    days: int
    hour: int
    what: str
    do: Callable[[], object]


def story(acts: Acts) -> list[Step]:
    """Return all steps, the earliest first."""
    steps = [*_releases(acts), *_findings(acts), *_questions(acts)]
    return sorted(steps, key=lambda step: (-step.days, step.hour))


def _releases(acts: Acts) -> Iterator[Step]:
    for system in SYSTEMS:
        slug = system.slug
        for days, release in zip(system.days, system.releases, strict=True):
            last = release == system.releases[-1]
            yield Step(days, 8, f"push {slug} {release}", partial(acts.push, slug, release))
            if (last and system.goal == "push") or (not last and release in system.weak):
                continue
            for requirement in system.waived.get(release, ()):
                do = partial(acts.waive, slug, requirement, "evidence on its way", 60)
                yield Step(max(days - 2, 0), 9, f"an exception for {slug}", do)
            yield Step(max(days - 3, 0), 10, f"sign for {slug}", partial(acts.sign_off, slug))
            yield Step(max(days - 4, 0), 11, f"ask about {slug}", partial(acts.ask, slug))
            if system.goal == "ask" and last:
                continue
            yield Step(max(days - 9, 0), 14, f"decide {slug}", partial(acts.decide, slug))
            yield Step(max(days - 10, 0), 15, f"ship {slug}", partial(ship, acts, slug))
    yield Step(4, 12, "the first signature on the meeting notes", lambda: acts.decide("meeting-notes", most=1))


def _findings(acts: Acts) -> Iterator[Step]:
    kept: dict[str, Finding] = {}

    def file(name: str, *words: str, **facts: str) -> Callable[[], object]:
        def do() -> None:
            kept[name] = acts.file(*words, **facts)

        return do

    yield Step(60, 9, "a finding", file("tone", "shop-recommender", "Ranks sold-out products first at night", "low"))
    yield Step(
        50, 9, "a finding", file("refund", "support-agent", "Promises refunds that policy does not allow", "high")
    )
    injected = file(
        "page",
        "support-agent",
        "Follows an instruction hidden in a product page",
        "critical",
        source="red team",
        requirement="adaptive-injection-resilience",
    )
    yield Step(33, 16, "a red-team finding", injected)
    yield Step(40, 12, "somebody takes findings", lambda: acts.take("hiring-ranker", "tom"))
    yield Step(30, 12, "a risk is accepted", lambda: acts.accept(kept["tone"], 120))
    yield Step(25, 12, "somebody takes findings", lambda: acts.take("support-agent", "tom", 4))
    yield Step(5, 12, "somebody takes findings", lambda: acts.take("maths-tutor", "olga"))
    yield Step(4, 13, "an exception", lambda: acts.waive("review-moderation", "robustness", "evidence on its way", 60))


def _questions(acts: Acts) -> Iterator[Step]:
    asked: dict[str, Question] = {}

    def ask(name: str, *words: str) -> Callable[[], object]:
        def do() -> None:
            asked[name] = acts.question(*words)

        return do

    tier = "Is a summary that a nurse reads a decision about a person?"
    yield Step(70, 9, "a question", ask("tier", tier, "Nurses decide; we only sum up.", "", "tiering"))
    yield Step(
        61, 15, "an answer", lambda: acts.answer(asked["tier"], "It informs a decision, so that it is high tier.")
    )
    prompt = "Does a changed system prompt owe a fresh assessment?"
    yield Step(29, 9, "a question", ask("prompt", prompt, "We only changed the tone.", "policy-search", "process"))
    yield Step(
        24, 15, "an answer", lambda: acts.answer(asked["prompt"], "Yes, when what it may do changes; not its tone.")
    )
    minors = "May minors be named in evaluation data?"
    yield Step(3, 10, "a question", ask("minors", minors, "The tutor's chats hold names.", "maths-tutor", "privacy"))
