"""What people signed counts only by the right key, in the right role, about this very release, in time."""

from __future__ import annotations

from typing import Any

import pytest
from signed_people import PARTS, TERMS, People, dossier, signed

from roadworthy.decide.attestation import find_waiver, judge_attestation
from roadworthy.decide.outcome import Status
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Tier
from worked_example import CARD, GO_LIVE, Value, requirement, standard, system


def go_live(people: People, *records: Record, **changes: Any) -> tuple[Status, str]:
    case = dossier(people, *records, **changes)
    [asked] = [r for r in case.loaded.standard.requirements if r.id == "go-live"]
    shown = judge_attestation(asked, case)
    return shown.status, shown.reason


def test_the_right_key_in_the_right_role_is_met(people: People) -> None:
    status, reason = go_live(people, signed(people.lead))
    assert status is Status.MET
    assert reason == "Signed by Rita Risk (risk-lead) on 2026-11-20."


def test_nothing_signed_is_not_shown(people: People) -> None:
    assert go_live(people) == (Status.NOT_SHOWN, "No signed sign-off by risk-lead was found.")


def test_an_unknown_key_does_not_count(people: People) -> None:
    status, reason = go_live(people, signed(people.stranger))
    assert status is Status.NOT_SHOWN
    assert people.stranger.key_id[:12] in reason
    assert "authority does not list" in reason


def test_a_key_that_may_measure_may_not_sign(people: People) -> None:
    keys = frozenset({people.stranger.key_id})
    assert go_live(people, signed(people.stranger), accepted_keys=keys)[0] is Status.NOT_SHOWN


def test_a_wrong_role_does_not_count(people: People) -> None:
    status, reason = go_live(people, signed(people.writer, role="writer", signer="Willy Writer"))
    assert (status, reason) == (Status.NOT_SHOWN, "Willy Writer signed as writer; this needs risk-lead.")


def test_a_role_that_one_does_not_have_does_not_count(people: People) -> None:
    status, reason = go_live(people, signed(people.writer, role="risk-lead", signer="Willy Writer"))
    assert status is Status.NOT_SHOWN
    assert "authority does not give that role" in reason


def test_a_borrowed_name_does_not_count(people: People) -> None:
    """Who signed is whom the standard lists for the key, not whom the statement names."""
    status, reason = go_live(people, signed(people.owner, signer="Rita Risk"))
    assert status is Status.NOT_SHOWN
    assert "Olga Owner" in reason
    status, reason = go_live(people, signed(people.lead, signer="The Chief Executive"))
    assert status is Status.NOT_SHOWN
    assert reason == (
        "It is signed in the name of The Chief Executive, with a key that the standard lists as Rita Risk's."
    )


@pytest.mark.parametrize("owner", [{"accountable": "Olga Owner"}, {"accountable": "OLGA OWNER"}])
def test_nobody_signs_their_own_request(people: People, owner: Value) -> None:
    declared = system(owner={"team": "Orders", "contact": "o@example.org", **owner})
    status, reason = go_live(people, signed(people.owner, signer="Olga Owner"), system=declared)
    assert status is Status.NOT_SHOWN
    assert reason == "Olga Owner owns the system; nobody signs their own request."


def test_the_owner_may_sign_what_is_not_theirs(people: People) -> None:
    other = system(owner={"team": "Orders", "contact": "o@example.org", "accountable": "Somebody Else"})
    assert go_live(people, signed(people.owner, signer="Olga Owner"), system=other)[0] is Status.MET


def test_an_own_request_is_fine_where_the_standard_says_so(people: People) -> None:
    own = requirement(GO_LIVE, sign_off={"role": "risk-lead", "not_owner": False})
    loaded = people.standard()
    listed = standard(requirements=[own], authority=loaded.standard.authority.model_dump(mode="json"))
    assert go_live(people, signed(people.owner, signer="Olga Owner"), loaded=listed)[0] is Status.MET


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"until": "2026-11-23T11:59:59Z"}, Status.STALE, "It was valid until 2026-11-23T11:59:59Z."),
        ({"until": "2026-11-23T12:00:00Z"}, Status.STALE, "It was valid until"),
        ({"until": "2026-11-23T12:00:01Z"}, Status.MET, "Signed by"),
        ({"at": "2026-11-23T12:04:00Z"}, Status.MET, "Signed by"),  # within the tolerance for clocks
        ({"at": "2026-11-23T12:06:00Z"}, Status.NOT_SHOWN, "after the time of judgement"),
        ({"release": "0.9"}, Status.STALE, "It was signed for release 0.9, not 1.0."),
        ({"fingerprint": {**PARTS, "prompts": "b" * 64}}, Status.STALE, "another fingerprint: prompts changed"),
        ({"fingerprint": {**PARTS, "guard": "b" * 64}}, Status.STALE, "guard changed since"),
        ({"system": "other-system"}, Status.NOT_SHOWN, "about another system, other-system"),
        ({"requirement": "system-card"}, Status.NOT_SHOWN, "No signed sign-off"),
    ],
)
def test_time_release_and_fingerprint(people: People, changes: Value, status: Status, words: str) -> None:
    found, reason = go_live(people, signed(people.lead, **changes))
    assert found is status
    assert words in reason


def test_one_good_statement_among_bad_ones_is_enough(people: People) -> None:
    records = (
        signed(people.stranger, at="2026-11-22T12:00:00Z"),
        signed(people.lead),
        signed(people.lead, release="0.9"),
    )
    assert go_live(people, *records)[0] is Status.MET


def test_an_exception_is_not_a_sign_off(people: People) -> None:
    waiver = signed(people.lead, until="2027-01-01T00:00:00Z", exception=TERMS)
    assert go_live(people, waiver)[0] is Status.NOT_SHOWN


def test_a_document_goes_stale_by_its_days(people: People) -> None:
    card = {"requirement": "system-card", "role": "writer", "signer": "Willy Writer"}
    document = {"name": "card.md", "sha256": "d" * 64}
    for day, status in (("2025-11-24", Status.MET), ("2025-11-23", Status.STALE)):
        case = dossier(people, signed(people.writer, at=f"{day}T12:00:00Z", document=document, **card))
        [asked] = [r for r in case.loaded.standard.requirements if r.id == "system-card"]
        assert judge_attestation(asked, case).status is status


def test_a_document_requirement_without_a_document_is_not_shown(people: People) -> None:
    record = signed(people.writer, requirement="system-card", role="writer", signer="Willy Writer")
    case = dossier(people, record)
    [asked] = [r for r in case.loaded.standard.requirements if r.id == "system-card"]
    shown = judge_attestation(asked, case)
    assert (shown.status, shown.reason) == (
        Status.NOT_SHOWN,
        "The statement names no document; sign it with --document.",
    )


def test_a_document_depends_on_the_parts_it_names(people: People) -> None:
    card = requirement(CARD, expires={"on_change": ["models"]})
    loaded = standard(requirements=[card], authority=people.standard().standard.authority.model_dump(mode="json"))
    document = {"name": "card.md", "sha256": "d" * 64}
    common = {"requirement": "system-card", "role": "writer", "signer": "Willy Writer", "document": document}
    for part, status in (("prompts", Status.MET), ("models", Status.STALE)):
        record = signed(people.writer, fingerprint={**PARTS, part: "b" * 64}, **common)
        case = dossier(people, record, loaded=loaded)
        assert judge_attestation(case.loaded.standard.requirements[0], case).status is status


def waiver(people: People, *records: Record, tier: Tier = Tier.LOW, **changes: Any) -> tuple[str | None, str]:
    case = dossier(people, *records, **changes)
    [asked] = [r for r in case.loaded.standard.requirements if r.id == "go-live"]
    return find_waiver(asked, tier, case)


def excepted(key: Signer, /, **changes: Any) -> Record:
    return signed(key, **{"until": "2026-12-31T23:59:59Z", "exception": TERMS, **changes})


def test_a_valid_exception_says_who_until_when_and_what_instead(people: People) -> None:
    record = excepted(people.lead)
    digest, words = waiver(people, record)
    assert digest == record.digest
    assert words == (
        "Waived until 2026-12-31 by Rita Risk (risk-lead), too hard: No data yet. Instead: A person reads every answer."
    )


@pytest.mark.parametrize(
    ("who", "changes", "words"),
    [
        ("stranger", {}, "authority does not list"),
        ("writer", {"role": "writer", "signer": "Willy Writer"}, "this needs risk-lead"),
        ("writer", {"role": "risk-lead", "signer": "Willy Writer"}, "does not give that role"),
        ("owner", {"signer": "Olga Owner"}, "Olga Owner owns the system"),
        ("owner", {"signer": "Rita Risk"}, "a key that the standard lists as Olga Owner's"),
        ("lead", {"until": "2026-11-23T12:00:00Z"}, "It was valid until"),
        ("lead", {"at": "2026-11-24T12:00:00Z"}, "after the time of judgement"),
        ("lead", {"system": "other-system"}, "about another system"),
    ],
)
def test_an_exception_that_does_not_count_says_why(people: People, who: str, changes: Value, words: str) -> None:
    digest, reason = waiver(people, excepted(getattr(people, who), **changes))
    assert digest is None
    assert reason.startswith("An exception does not count: ")
    assert words in reason


def test_a_tier_without_exception_roles_allows_nobody(people: People) -> None:
    for tier in (Tier.HIGH, Tier.PROHIBITED):
        digest, reason = waiver(people, excepted(people.lead), tier=tier)
        assert digest is None
        assert "this needs a role that nobody has" in reason


def test_an_exception_for_another_requirement_or_a_plain_statement_waives_nothing(people: People) -> None:
    assert waiver(people, excepted(people.lead, requirement="system-card")) == (None, "")
    assert waiver(people, signed(people.lead)) == (None, "")


def test_an_exception_without_an_end_cannot_even_be_read(people: People) -> None:
    from roadworthy.core.errors import EvidenceError

    with pytest.raises(EvidenceError, match="nothing is waived for ever"):
        excepted(people.lead, until=None)
