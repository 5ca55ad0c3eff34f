"""How bad a finding of the gate is: a table of tier and obligation, one step worse where a threshold is missed by far.

| tier | must | should |
|---|---|---|
| prohibited | critical | high |
| high | high | medium |
| medium | medium | low |
| low | low | low |

*By far* is an estimate that goes beyond its threshold by a quarter of what lies beyond it: a rate of 0.40 where at most
0.10 is allowed (a third of the way from 0.10 to 1). What is only worse than the shipped release, and still within the
threshold, is one step better.
"""

from __future__ import annotations

from roadworthy.decide.outcome import Outcome, Status
from roadworthy.server.findings.models import Severity
from roadworthy.standard.model import Obligation, Tier

STEPS = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
MUST = {Tier.PROHIBITED: 0, Tier.HIGH: 1, Tier.MEDIUM: 2, Tier.LOW: 3}
"""Place in STEPS for a `must`; a `should` is one step better."""
FAR = 0.25


def severity_of(outcome: Outcome, tier: str) -> Severity:
    """Return the severity of an outcome that falls short or is worse than before."""
    step = MUST.get(Tier(tier), 1) + (outcome.obligation != Obligation.MUST)
    step += outcome.status is not Status.NOT_MET
    return STEPS[min(max(step - (beyond(outcome) >= FAR), 0), len(STEPS) - 1)]


def beyond(outcome: Outcome) -> float:
    """Return how far beyond the threshold the worst estimate lies, from 0 to 1; 0 where nothing was measured."""
    found = [one.estimate for one in outcome.judged if one.estimate is not None]
    bar = outcome.threshold
    if not found or bar is None or outcome.direction not in {"at most", "at least"}:
        return 0.0
    if outcome.direction == "at most":
        room = 1.0 - bar
        miss = max(found) - bar
    else:
        room, miss = bar, bar - min(found)
    return min(max(miss / room, 0.0), 1.0) if room > 0 else 0.0
