"""The impact of another standard on the same evidence: which outcomes change, and whether the verdict does."""

from __future__ import annotations

from signed_people import NOW, TERMS, People, dossier, signed

from roadworthy.decide.impact import Impact, OutcomeChange, compare_verdicts, judge_under
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.standard.load import LoadedStandard
from worked_example import GO_LIVE, OWNED, Value, requirement, standard


def under(people: People, *requirements: Value, **changes: Value) -> LoadedStandard:
    authority = people.standard().standard.authority.model_dump(mode="json")
    return standard(requirements=list(requirements), **{"authority": authority, **changes})


def test_the_same_standard_has_no_impact(people: People) -> None:
    case = dossier(people, signed(people.lead))
    impact = compare_verdicts(judge(case), judge_under(case, case.loaded))
    assert not impact.changed
    assert impact.changes == ()


def test_what_is_added_changed_and_gone_is_told_with_its_effect(people: People) -> None:
    case = dossier(people, signed(people.lead), loaded=under(people, GO_LIVE, OWNED))
    extra = requirement(GO_LIVE, id="second-look", title="Somebody looks again")
    stricter = requirement(GO_LIVE, sign_off={"role": "writer"})
    impact = compare_verdicts(judge(case), judge_under(case, under(people, stricter, extra)))
    assert impact.verdict == (VerdictKind.SHIP, VerdictKind.HOLD)
    assert impact.changed
    assert [(c.requirement, c.old, c.new, c.held, c.holds) for c in impact.changes] == [
        ("go-live", Status.MET, Status.NOT_SHOWN, False, True),
        ("second-look", None, Status.NOT_SHOWN, False, True),
        ("owned", Status.MET, None, False, False),
    ]
    assert impact.changes[0].reason == "Rita Risk signed as risk-lead; this needs writer."
    assert (impact.changes[1].title, impact.changes[2].reason) == ("Somebody looks again", "")


def test_an_obligation_that_is_relaxed_counts_as_a_change(people: People) -> None:
    case = dossier(people, loaded=under(people, GO_LIVE, OWNED))
    softer = under(people, requirement(GO_LIVE, obligation={"low": "should"}), OWNED)
    impact = compare_verdicts(judge(case), judge_under(case, softer))
    [change] = impact.changes
    assert (change.old, change.new, change.held, change.holds) == (Status.NOT_SHOWN, Status.NOT_SHOWN, True, False)
    assert impact.verdict == (VerdictKind.HOLD, VerdictKind.SHIP_WITH_CONDITIONS)


def test_another_tier_and_other_evidence_are_told_too(people: People) -> None:
    case = dossier(people, loaded=under(people, GO_LIVE, OWNED))
    rules: list[Value] = [{"id": "all", "tier": "medium", "when": "true", "because": "So it is."}]
    moved = judge_under(case, standard(requirements=[GO_LIVE, OWNED], tier_rules=rules))
    assert compare_verdicts(judge(case), moved) == Impact((VerdictKind.HOLD, VerdictKind.HOLD), ("low", "medium"), ())
    waiver = signed(people.lead, exception=TERMS, until="2026-12-31T00:00:00Z")
    waived = judge(dossier(people, waiver, loaded=under(people, GO_LIVE, OWNED), as_of=NOW))
    [change] = compare_verdicts(judge(case), waived).changes
    assert isinstance(change, OutcomeChange)
    assert (change.old, change.new, change.held, change.holds) == (Status.NOT_SHOWN, Status.WAIVED, True, False)
