"""The board of an assessment's mitigations: each with its scenarios, who does it and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from roadworthy.assess.assessment import AssessedScenario, Standing
from roadworthy.assess.assessment import Assessment as Content
from roadworthy.assess.mitigation import State, Treatment

TITLES = {
    State.PROPOSED: "Proposed",
    State.PLANNED: "Planned",
    State.IN_PLACE: "In place",
    State.REJECTED: "Rejected",
}


@dataclass(frozen=True)
class Card:
    """A mitigation as it stands in one or more scenarios alike."""

    treatment: Treatment
    scenarios: list[AssessedScenario]
    counts: bool
    """It is in place, and evidence that has not expired says so."""
    late: bool

    @property
    def owes_evidence(self) -> bool:
        """Tell whether it is said to be in place, and nothing shows it."""
        return self.treatment.state is State.IN_PLACE and not self.counts


@dataclass(frozen=True)
class Lane:
    """The mitigations of one state."""

    state: State
    cards: list[Card]

    @property
    def title(self) -> str:
        """Return the state in words."""
        return TITLES[self.state]


def mitigation_board(content: Content, day: date) -> list[Lane]:
    """Return the mitigations by state; the late ones first, then those that lower the most scenarios."""
    cards: dict[tuple[object, ...], Card] = {}
    for item in content.scenarios:
        if item.standing is Standing.DISMISSED:
            continue
        for one in item.treatments:
            key = (one.mitigation, one.state, one.owner, one.due, one.evidence)
            if key in cards:
                cards[key].scenarios.append(item)
            else:
                cards[key] = _card(one, item, day)
    ordered = sorted(cards.values(), key=lambda card: (not card.late, -len(card.scenarios), card.treatment.title))
    return [Lane(state, [card for card in ordered if card.treatment.state is state]) for state in State]


def _card(treatment: Treatment, item: AssessedScenario, day: date) -> Card:
    counts = treatment.counts(day)
    waiting = not counts and treatment.state is not State.REJECTED
    return Card(treatment, [item], counts, waiting and treatment.due is not None and treatment.due < day)
