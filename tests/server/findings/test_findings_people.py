"""What people do with findings: file, assign, rate, close by proof, accept a risk; who may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from server_releases import evidence_of, judged, make_system, outcome

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Status
from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.accounts.models import Delegation, ProductLine, Role, Unit
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.findings import closing, services
from roadworthy.server.findings.concerned import leads
from roadworthy.server.findings.due import due_of
from roadworthy.server.findings.jobs import expire_acceptances, remind
from roadworthy.server.findings.models import Finding, FindingRound
from roadworthy.server.findings.services import Filed, file_finding
from roadworthy.server.jobs.models import Notice
from roadworthy.server.systems.models import System


@pytest.fixture
def owner(people):
    return people.person("accountable-owner", name="Olga Owner")


@pytest.fixture
def system(owner):
    return make_system(owner=owner)


@pytest.fixture
def filed(people, system):
    return file_finding(people.actor("engineer"), Filed("helper", "It promises refunds", "high"))


def later(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_due_is_what_the_standard_promises_in_business_days(db):
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert due_of("high", "high", friday) == datetime(2026, 12, 5, tzinfo=UTC), "10 business days: all of 4 December"
    assert due_of("high", "critical", friday) == datetime(2026, 11, 28, tzinfo=UTC), "half of them"
    assert due_of("high", "high", friday, cycles=2) == datetime(2026, 12, 19, tzinfo=UTC)


def test_filing_needs_a_severity_and_a_requirement_that_there_are(people, system):
    actor = people.actor("engineer")
    with pytest.raises(InputError, match="severity"):
        file_finding(actor, Filed("helper", "x", "terrible"))
    with pytest.raises(InputError, match="requirement"):
        file_finding(actor, Filed("helper", "x", "low", requirement="injection-resiliense"))
    with pytest.raises(InputError, match="source"):
        file_finding(actor, Filed("helper", "x", "low", source="gate"))
    with pytest.raises(Missing):
        file_finding(people.actor("engineer", system_id=system.pk + 1), Filed("helper", "x", "low"))
    with pytest.raises(Refused):
        file_finding(people.actor("viewer"), Filed("helper", "x", "low"))


def test_lowering_the_severity_moves_the_due_date_but_never_one_that_has_passed(people, filed):
    actor = people.actor("engineer")
    services.edit_finding(actor, filed.pk, 1, title="x", detail="", severity="critical")
    filed.refresh_from_db()
    first = FindingRound.objects.get()
    assert filed.due == due_of("high", "critical", first.opened_at) == first.due
    assert first.severity == "high", "a round keeps the severity that it was opened with"
    Finding.objects.update(due=timezone.now() - timedelta(days=1))
    services.edit_finding(actor, filed.pk, 2, title="x", detail="", severity="low")
    filed.refresh_from_db()
    assert filed.due < timezone.now()


def test_a_change_names_the_revision_that_was_seen(people, filed):
    with pytest.raises(Changed):
        services.start(people.actor("engineer"), filed.pk, 7)


def test_who_starts_what_nobody_owns_owns_it(people, filed):
    Finding.objects.update(owner=None)
    actor = people.actor("engineer")
    assert services.start(actor, filed.pk, 1).owner_id == actor.user_id
    with pytest.raises(Conflict):
        services.start(actor, filed.pk, 2)
    assert services.stop(actor, filed.pk, 2).state == "open"


def test_only_proof_closes_a_finding_without_requirement(people, filed, system, owner):
    actor = people.actor("engineer")
    before = evidence_of(system, timezone.now() - timedelta(days=1))
    held = judged(system, outcome("pii-leak", Status.NOT_SHOWN))
    with pytest.raises(InputError, match="proof"):
        closing.close(actor, filed.pk, 1, "Done.", release=None)
    with pytest.raises(Refused, match="older"):
        closing.close(actor, filed.pk, 1, "Done.", release=None, evidence=before.digest)
    with pytest.raises(Refused, match="held"):
        closing.close(actor, filed.pk, 1, "Done.", release=held.pk)
    with pytest.raises(InputError, match="reason"):
        closing.close(actor, filed.pk, 1, " ", release=held.pk)
    with pytest.raises(Missing):
        closing.close(actor, filed.pk, 1, "Done.", release=held.pk + 1000)
    good = judged(system, outcome("pii-leak", Status.MET))
    with pytest.raises(Refused, match="owns"):
        closing.close(actor_of(owner, Door.PAGE), filed.pk, 1, "Done.", release=good.pk)
    closed = closing.close(actor, filed.pk, 1, "Filter added.", release=good.pk)
    assert (closed.state, closed.closed_by_release) == ("closed", good)
    assert FindingRound.objects.get().ending == "shown by evidence"


def test_newer_evidence_closes_it_too(people, filed, system):
    proof = evidence_of(system, timezone.now() + timedelta(minutes=1))
    closed = closing.close(people.actor("engineer"), filed.pk, 1, "Retested.", release=None, evidence=proof.digest)
    assert closed.closed_by_evidence == proof


def test_a_person_cannot_close_a_finding_of_the_gate_against_the_verdict(people, system):
    release = judged(system, outcome("injection-resilience", Status.NOT_MET))
    proof = evidence_of(system, timezone.now() + timedelta(minutes=1))
    finding = Finding.objects.get()
    actor = people.actor("engineer")
    with pytest.raises(Refused, match="not met"):
        closing.close(actor, finding.pk, finding.revision, "Done.", release=release.pk)
    with pytest.raises(Refused, match="passing re-run"):
        closing.close(actor, finding.pk, finding.revision, "Done.", release=None, evidence=proof.digest)
    gone = judged(system, outcome("pii-leak", Status.MET))
    finding.refresh_from_db()
    closed = closing.close(actor, finding.pk, finding.revision, "The tool is gone.", release=gone.pk)
    assert closed.state == "closed", "the requirement no longer applies to the newest release"


def test_a_risk_is_accepted_by_the_role_of_the_tier_until_a_day(people, filed):
    actor = people.actor("director")
    accepted = closing.accept(actor, filed.pk, 1, "Few users, watched daily.", later(30))
    assert (accepted.state, accepted.accepted_role, accepted.accepted_by_id) == ("accepted", "director", actor.user_id)
    assert FindingRound.objects.get().ending == "accepted risk"


def test_who_may_not_accept_a_risk(people, filed, owner):
    for role in ("engineer", "responsible-ai", "security"):
        with pytest.raises(Refused):
            closing.accept(people.actor(role), filed.pk, 1, "Fine.", later(30))
    both = people.person("director", "engineer")
    Finding.objects.update(owner=both)
    with pytest.raises(Refused, match="their own"):
        closing.accept(actor_of(both, Door.PAGE), filed.pk, 1, "Fine.", later(30))
    filer = people.person("director", "engineer")
    Finding.objects.update(owner=owner, opened_by=filer)
    with pytest.raises(Refused, match="their own"):
        closing.accept(actor_of(filer, Door.PAGE), filed.pk, 1, "Fine.", later(30))
    assert Finding.objects.get().state == "open"


def test_nobody_accepts_what_a_prohibited_system_falls_short_of(people, filed, system):
    system.tier = "prohibited"
    system.save()
    with pytest.raises(Refused, match="nobody"):
        closing.accept(people.actor("director"), filed.pk, 1, "Fine.", later(30))


@pytest.mark.parametrize(("reason", "days"), [("", 30), ("Fine.", -1), ("Fine.", 400)])
def test_an_acceptance_needs_a_reason_and_an_end_within_a_year(people, filed, reason, days):
    with pytest.raises(InputError):
        closing.accept(people.actor("director"), filed.pk, 1, reason, later(days))


def test_when_it_ends_the_finding_opens_again_once(people, filed):
    closing.accept(people.actor("director"), filed.pk, 1, "Fine.", later(2))
    assert expire_acceptances(later(1)) == "0 accepted risks ended"
    assert expire_acceptances(later(3)) == "1 accepted risks ended"
    assert expire_acceptances(later(3)) == "0 accepted risks ended"
    finding = Finding.objects.get()
    assert (finding.state, finding.reopened, finding.accepted_until) == ("open", 1, None)
    assert FindingRound.objects.count() == 2
    assert Notice.objects.filter(event="finding.acceptance_expired").exists()


def test_reminders_are_given_once_and_late_ones_are_escalated(people, filed, owner):
    lead = people.person("responsible-ai-lead")
    assert remind(timezone.now()) == "0 due soon, 0 overdue, 0 escalated, 0 further"
    assert remind(filed.due - timedelta(days=2)) == "1 due soon, 0 overdue, 0 escalated, 0 further"
    assert remind(filed.due - timedelta(days=2)) == "0 due soon, 0 overdue, 0 escalated, 0 further"
    assert remind(filed.due + timedelta(hours=1)) == "0 due soon, 1 overdue, 0 escalated, 0 further"
    assert remind(filed.due + timedelta(days=9)) == "0 due soon, 0 overdue, 1 escalated, 0 further"
    assert remind(filed.due + timedelta(days=10)) == "0 due soon, 0 overdue, 0 escalated, 0 further"
    assert set(Notice.objects.filter(user=owner).values_list("event", flat=True)) >= {
        "finding.due_soon",
        "finding.overdue",
    }
    assert Notice.objects.filter(user=lead, event="finding.escalated").exists()


def test_a_delegate_accepts_a_risk_in_the_stead_of_who_could(people, filed, owner):
    giver, receiver = people.person("director", name="Dora Director"), people.person("viewer")
    lend(giver, receiver, "director")
    accepted = closing.accept(actor_of(receiver, Door.PAGE), filed.pk, 1, "As she would.", later(30))
    assert (accepted.accepted_role, accepted.accepted_by, accepted.accepted_for) == ("director", receiver, giver)
    assert '"on_behalf_of":"Dora Director"' in Entry.objects.get(action="finding.accepted").detail
    expire_acceptances(later(31))
    assert Finding.objects.get().accepted_for is None


def test_nobody_lends_what_they_could_not_do_themselves(people, filed, system):
    elsewhere = make_system("elsewhere", line="elsewhere")
    far = people.person("director", system_id=elsewhere.pk)
    own = people.person("director")
    Finding.objects.update(owner=own)
    for giver in (far, own):
        receiver = people.person("viewer")
        lend(giver, receiver, "director")
        assert not closing.may_accept(actor_of(receiver, Door.PAGE), Finding.objects.get())
        with pytest.raises(Refused):
            closing.accept(actor_of(receiver, Door.PAGE), filed.pk, 1, "Fine.", later(30))


def test_an_own_role_comes_before_a_delegated_one_and_an_ended_one_counts_no_more(people, filed):
    giver, receiver = people.person("director"), people.person("director")
    lend(giver, receiver, "director")
    assert closing.accept(actor_of(receiver, Door.PAGE), filed.pk, 1, "Fine.", later(30)).accepted_for is None
    other = file_finding(people.actor("engineer"), Filed("helper", "Another", "high"))
    late = people.person("viewer")
    lend(giver, late, "director")
    Delegation.objects.filter(receiver=late).update(ends=timezone.now())
    with pytest.raises(Refused):
        closing.accept(actor_of(late, Door.PAGE), other.pk, 1, "Fine.", later(30))


def lend(giver, receiver, role):
    Delegation.objects.create(
        giver=giver,
        receiver=receiver,
        role=Role.objects.get(slug=role),
        starts=timezone.now() - timedelta(days=1),
        ends=later(9),
        reason="Away.",
    )


def test_escalation_goes_up_to_the_nearest_unit_that_has_a_lead_and_then_to_all_above(people, system):
    top = Unit.objects.create(slug="group", title="Group")
    middle = Unit.objects.create(slug="division", title="Division", parent=top)
    own = Unit.objects.create(slug="team", title="Team", parent=middle)
    ProductLine.objects.filter(pk=system.product_line_id).update(unit=own)
    system = System.objects.select_related("product_line").get(pk=system.pk)
    chief = people.person("responsible-ai-lead", unit=top).pk
    assert leads(system) == [chief]
    head = people.person("responsible-ai-lead", unit=middle).pk
    assert leads(system) == [head]
    near = people.person("responsible-ai-lead", unit=own).pk
    assert leads(system) == [near]
    everywhere = people.person("responsible-ai-lead").pk
    people.person("responsible-ai-lead", unit=Unit.objects.create(slug="other", title="Other", parent=top))
    assert leads(system) == sorted([near, everywhere])
    assert leads(system, further=True) == sorted([chief, head, near, everywhere])


def test_what_stays_overdue_is_escalated_further_once(people, filed, system):
    top = Unit.objects.create(slug="group", title="Group")
    own = Unit.objects.create(slug="team", title="Team", parent=top)
    ProductLine.objects.filter(pk=system.product_line_id).update(unit=own)
    near, chief = people.person("responsible-ai-lead", unit=own), people.person("responsible-ai-lead", unit=top)
    assert remind(filed.due + timedelta(days=9)) == "0 due soon, 1 overdue, 1 escalated, 0 further"
    assert remind(filed.due + timedelta(days=30)) == "0 due soon, 0 overdue, 0 escalated, 1 further"
    assert remind(filed.due + timedelta(days=31)) == "0 due soon, 0 overdue, 0 escalated, 0 further"
    told = {(one.user_id, one.event) for one in Notice.objects.filter(user__in=[near, chief])}
    assert told == {
        (near.pk, "finding.escalated"),
        (near.pk, "finding.escalated_further"),
        (chief.pk, "finding.escalated_further"),
    }


def test_the_table_begins_with_what_is_unsolved(signed_in, people, filed, system):
    file_finding(people.actor("engineer"), Filed("helper", "Closed one", "low"))
    Finding.objects.filter(title="Closed one").update(state="closed")
    client = signed_in("engineer")
    first = client.get("/findings/").content.decode()
    assert "It promises refunds" in first
    assert "Closed one" not in first
    assert "?state=in+progress" in first, "the chip of open ones can be taken away"
    assert "?state=any" in first
    for query in ("?state=any", "?state=closed", "?severity=low", "?q=closed"):
        assert "Closed one" in client.get(f"/findings/{query}").content.decode(), query


def test_many_are_changed_together_or_not_at_all(people, filed, system):
    actor = people.actor("engineer")
    other = file_finding(actor, Filed("helper", "Another", "low"))
    somebody = people.person("engineer")
    assert services.assign_all(actor, [filed.pk, other.pk], somebody.pk) == 2
    assert services.rate_all(actor, [filed.pk, other.pk], "medium") == 2
    assert set(Finding.objects.values_list("severity", "owner")) == {("medium", somebody.pk)}
    Finding.objects.filter(pk=other.pk).update(state="closed")
    with pytest.raises(Conflict):
        services.rate_all(actor, [filed.pk, other.pk], "low")
    assert Finding.objects.get(pk=filed.pk).severity == "medium"


# Pages and API


def test_board_and_table_show_what_one_may_see(signed_in, filed, system):
    for client in (signed_in("engineer"), signed_in("viewer", product_line=system.product_line)):
        for address in ("/findings/", "/findings/board", f"/findings/{filed.pk}/", "/findings/?format=csv"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "It promises refunds" in answer.getvalue().decode()
    stranger = signed_in("engineer", system_id=system.pk + 1)
    assert "It promises" not in stranger.get("/findings/board").content.decode()
    assert "It promises" not in stranger.get("/findings/?format=csv").getvalue().decode()
    assert stranger.get(f"/findings/{filed.pk}/").status_code == 404
    assert stranger.post(f"/findings/{filed.pk}/start", {"revision": "1"}).status_code == 404


def test_moving_on_the_board_needs_no_script(signed_in, filed):
    client = signed_in("engineer")
    answer = client.post(f"/findings/{filed.pk}/start", {"revision": "1", "from": "board"})
    assert (answer.status_code, answer["Location"]) == (302, "/findings/board")
    assert Finding.objects.get().state == "in progress"
    assert client.post(f"/findings/{filed.pk}/stop", {"revision": "1"}).status_code == 412


def test_filing_on_the_page(signed_in, system):
    client = signed_in("engineer")
    assert client.get("/findings/new?system=helper").status_code == 200
    said = {"system": "helper", "title": "It lies", "severity": "low", "source": "red team", "requirement": "nope"}
    assert "there is no requirement" in client.post("/findings/new", said).content.decode()
    assert client.post("/findings/new", {**said, "requirement": ""}).status_code == 302
    assert Finding.objects.get().source == "red team"


def test_the_page_of_a_finding_offers_what_one_may_do(people, signed_in, filed, system):
    judged(system, outcome("pii-leak", Status.MET), name="2.0")
    page = signed_in("director").get(f"/findings/{filed.pk}/").content.decode()
    assert "Accept its risk" in page
    assert "2.0" in page
    assert "Opened a finding" in page
    assert "Accept its risk" not in signed_in("engineer").get(f"/findings/{filed.pk}/").content.decode()


def test_accepting_and_closing_on_the_page(signed_in, filed, system):
    client = signed_in("director")
    address = f"/findings/{filed.pk}/accept"
    assert client.post(address, {"revision": "1", "until": "2020-01-01", "reason": "Fine."}).status_code == 422
    until = (timezone.now() + timedelta(days=30)).date().isoformat()
    assert client.post(address, {"revision": "1", "until": until, "reason": "Fine."}).status_code == 302
    good = judged(system, outcome("pii-leak", Status.MET))
    engineer = signed_in("engineer")
    answer = engineer.post(f"/findings/{filed.pk}/close", {"revision": "2", "release": "", "reason": "Done."})
    assert answer.status_code == 422
    said = {"revision": "2", "release": str(good.pk), "reason": "Done."}
    assert engineer.post(f"/findings/{filed.pk}/close", said).status_code == 302
    assert Finding.objects.get().state == "closed"


def test_editing_assigning_and_bulk_on_the_page(people, signed_in, filed):
    client, somebody = signed_in("engineer"), people.person("engineer")
    assert client.get(f"/findings/{filed.pk}/edit").status_code == 200
    said = {"revision": "1", "title": "New words", "detail": "", "severity": "high"}
    assert client.post(f"/findings/{filed.pk}/edit", said).status_code == 302
    assert client.post(f"/findings/{filed.pk}/assign", {"revision": "2", "owner": str(somebody.pk)}).status_code == 302
    assert Finding.objects.get().owner == somebody
    assert "New words" in client.post("/findings/bulk", {"ids": [str(filed.pk)]}).content.decode()
    rate = {"ids": [str(filed.pk)], "do": "rate", "severity": "low"}
    assert client.post("/findings/bulk", rate).status_code == 302
    assert Finding.objects.get().severity == "low"
    assert client.post("/findings/bulk", {"ids": ["x"]}).status_code == 400


def api(people, *roles, **scope):
    secret = people.token(people.person(*roles, **scope))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_the_api_does_what_the_pages_do(people, system, owner):
    client = api(people, "engineer")
    said = {"system": "helper", "title": "It lies", "severity": "low", "detail": "Often."}
    made = client.post("/api/v1/findings", said, content_type="application/json")
    assert made.status_code == 201
    address = f"/api/v1/findings/{made.json()['id']}"
    assert made.json()["owner"] == owner.pk
    assert client.patch(address, {"severity": "high"}, content_type="application/json").status_code == 428
    changed = client.patch(
        address,
        {"severity": "high", "owner": None, "state": "in progress"},
        content_type="application/json",
        headers={"If-Match": made["ETag"]},
    )
    assert changed.status_code == 200
    assert (changed.json()["severity"], changed.json()["state"]) == ("high", "in progress")
    stale = client.patch(
        address, {"severity": "low"}, content_type="application/json", headers={"If-Match": made["ETag"]}
    )
    assert stale.status_code == 412
    assert [one["id"] for one in client.get("/api/v1/findings?state=in progress").json()["items"]] == [
        made.json()["id"]
    ]
    assert client.get("/api/v1/findings?overdue=true").json()["items"] == []
    assert client.get(address).json()["rounds"][0]["severity"] == "low"


def test_a_token_accepts_no_risk_and_that_is_recorded(people, filed):
    client = api(people, "director")
    answer = client.post(
        f"/api/v1/findings/{filed.pk}/acceptance",
        {"reason": "Fine.", "until": later(9).isoformat()},
        content_type="application/json",
        headers={"If-Match": '"r1"'},
    )
    assert answer.status_code == 403
    assert Entry.objects.filter(action="finding.accept_refused", outcome="refused").count() == 1


def test_closing_over_the_api(people, filed, system):
    good = judged(system, outcome("pii-leak", Status.MET))
    client = api(people, "engineer")
    answer = client.post(
        f"/api/v1/findings/{filed.pk}/closure",
        {"reason": "Filter added.", "release": good.pk},
        content_type="application/json",
        headers={"If-Match": '"r1"'},
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "closed")


@pytest.mark.parametrize("address", ["/findings/", "/findings/board", "/api/v1/findings"])
def test_the_queries_of_a_page_do_not_grow_with_its_rows(
    people, signed_in, system, address, django_assert_max_num_queries
):
    actor, client = people.actor("engineer"), signed_in("engineer")
    for number in range(3):
        file_finding(actor, Filed("helper", f"Finding {number}", "low"))
    client.get(address)
    with django_assert_max_num_queries(30) as few:
        client.get(address)
    for number in range(30):
        file_finding(actor, Filed("helper", f"Further {number}", "low"))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)


def test_a_csv_file_holds_no_formula(people, signed_in, system):
    file_finding(people.actor("engineer"), Filed("helper", "=cmd|' /C calc'!A0", "low"))
    assert "'=cmd" in signed_in("viewer").get("/findings/?format=csv").getvalue().decode()
