"""Pages of assessments as people use them, without a script."""

from __future__ import annotations

import re

import pytest
from assessed_rows import accepted, declare, in_review, make_evidence, make_system
from django.test import Client

from roadworthy.assess.risk import cell
from roadworthy.assess.scale import Factor
from roadworthy.server.access.actor import server_actor
from roadworthy.server.assessments import lifecycle, scenarios, treatments
from roadworthy.server.assessments.content import content_of
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.systems.services import save_version


@pytest.fixture
def system(people):
    return make_system()


@pytest.fixture
def author(people):
    return people.actor("engineer")


@pytest.fixture
def draft(author, system):
    return lifecycle.start(author, system.slug)


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue().decode()


def test_every_page_opens_for_who_may_see_it_and_for_nobody_else(signed_in, draft, system):
    first = content_of(draft).scenarios[0]
    base = f"/assessments/{draft.pk}/"
    tabs = [f"{base}?tab={tab}" for tab in ("critique", "mitigations", "threats", "compare", "activity")]
    scenario = f"{base}scenarios/{first.id}/"
    mitigation = f"{base}mitigations/{first.treatments[0].mitigation}/"
    viewer, stranger = signed_in("viewer"), signed_in("viewer", system_id=system.pk + 1)
    for address in (base, *tabs, f"{base}print/", scenario, mitigation):
        assert "Assessment 1 of Mail agent" in text(viewer.get(address)), address
        assert stranger.get(address).status_code == 404, address
    assert "Mail agent" in text(viewer.get("/assessments/"))
    assert "Mail agent" not in text(stranger.get("/assessments/"))
    assert "Mail agent" in text(viewer.get("/assessments/?format=csv"))
    assert viewer.get(f"{base}scenarios/no-such/").status_code == 404
    assert viewer.get("/assessments/99999999999999999999/").status_code == 404


def test_the_heat_map_filters_the_register(signed_in, draft):
    client, content = signed_in("engineer"), content_of(draft)
    wanted = cell(content.scenarios[0].rating)
    inside = [item for item in content.scenarios if cell(item.rating) == wanted]
    outside = [item for item in content.scenarios if cell(item.rating) != wanted]
    page = text(client.get(f"/assessments/{draft.pk}/?view=inherent&cell={wanted.severity}-{wanted.likelihood}"))
    assert all(f"/scenarios/{item.id}/" in page for item in inside)
    assert not any(f'/scenarios/{item.id}/"' in page for item in outside)
    assert f"cell={wanted.severity}-{wanted.likelihood}#register" in page.replace("&amp;", "&")
    assert "Show all risks" in page
    assert text(client.get(f"/assessments/{draft.pk}/?cell=9-x")).count("<tr") > len(content.scenarios)


def test_no_page_holds_a_script_or_a_style(signed_in, draft):
    page = text(signed_in("engineer").get(f"/assessments/{draft.pk}/"))
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_beginning_on_the_page(signed_in, system):
    client = signed_in("engineer")
    assert "Mail agent" in text(client.get("/assessments/start/?system=mail-agent"))
    answer = client.post("/assessments/start/", {"system": "mail-agent"})
    assert answer.status_code == 302
    assert "No system to begin with" in text(client.get("/assessments/start/"))
    assert client.post("/assessments/start/", {"system": "mail-agent"}).status_code == 409
    assert client.post("/assessments/start/", {"system": "nope"}).status_code == 404


def test_a_scenario_is_changed_dismissed_and_taken_up_again_on_its_page(signed_in, draft):
    client, item = signed_in("engineer"), content_of(draft).scenarios[0]
    base = f"/assessments/{draft.pk}/scenarios/{item.id}/"
    page = text(client.get(base))
    assert "as a rule: 1 in 10 times or more" in page, "steps are words"
    ranges = {f"{factor.value}_{end}": 2 for factor in Factor for end in ("low", "high")}
    said = {"revision": 1, "title": item.title, "harm": item.harm, "why": "Measured.", **ranges}
    without = client.post(f"{base}edit/", {**said, "why": ""})
    assert without.status_code == 422
    wrong = client.post(f"{base}edit/", {**said, "severity_low": 5})
    assert (wrong.status_code, "lower end" in wrong.content.decode()) == (422, True)
    assert client.post(f"{base}edit/", said).status_code == 302
    assert content_of(Assessment.objects.get()).scenario(item.id).inherent.high == 16
    assert client.post(f"{base}dismiss/", {"revision": 2, "reason": ""}).status_code == 302
    assert client.post(f"{base}dismiss/", {"revision": 2, "reason": "Not here."}).status_code == 302
    assert "Take it up again" in text(client.get(base))
    assert client.post(f"{base}accept/", {"revision": 3}).status_code == 302
    assert client.post(f"{base}accept/", {"revision": 3}).status_code == 412
    assert signed_in("viewer").post(f"{base}accept/", {"revision": 4}).status_code == 403


def test_a_mitigation_is_planned_shown_and_seen_on_the_board(signed_in, draft, system):
    client, item = signed_in("engineer"), content_of(draft).scenarios[0]
    one, proof = item.treatments[0], make_evidence(system, title="Red team of May")
    base = f"/assessments/{draft.pk}/"
    said = {
        "revision": 1,
        "state": "planned",
        "owner": "Mira",
        "due": "2020-01-31",
        "why": "",
        "mitigation": one.mitigation,
    }
    assert client.post(f"{base}scenarios/{item.id}/mitigations/", said).status_code == 302
    assert "overdue" in text(client.get(base))
    page = text(client.get(f"{base}mitigations/{one.mitigation}/"))
    assert "Red team of May" in page
    shown = {
        "revision": 2,
        "state": "in-place",
        "owner": "Mira",
        "due": "",
        "evidence": [proof.digest],
        "why": "Tested.",
    }
    assert client.post(f"{base}mitigations/{one.mitigation}/", shown).status_code == 302
    assert Assessment.objects.get().residual_high < draft.residual_high
    assert "Shown" in text(client.get(f"{base}?tab=mitigations"))
    forged = {**shown, "revision": 3, "evidence": ["0" * 64]}
    assert client.post(f"{base}mitigations/{one.mitigation}/", forged).status_code == 302
    assert Assessment.objects.get().revision == 3, "evidence that is none changes nothing"


def test_adding_a_scenario_on_the_page(signed_in, draft):
    client, address = signed_in("engineer"), f"/assessments/{draft.pk}/add/"
    assert "Why it may happen here" in text(client.get(address))
    ranges = {f"{factor.value}_{end}": 3 for factor in Factor for end in ("low", "high")}
    said = {
        "revision": 1,
        "title": "<b>Forged</b>",
        "harm": "Trust.",
        "category": "security",
        "because": "It signs.",
        **ranges,
    }
    assert client.post(address, {**said, "severity_low": 4}).status_code == 422
    assert client.post(address, said).status_code == 302
    page = text(client.get(f"/assessments/{draft.pk}/"))
    assert "&lt;b&gt;Forged" in page
    assert "<b>Forged" not in page


def test_from_draft_to_accepted_on_the_pages(people, signed_in, author, system):
    row = in_review(author, system)
    base = f"/assessments/{row.pk}/"
    assert "Accept the assessment" not in text(signed_in("engineer").get(base))
    client = signed_in("responsible-ai")
    assert "Accept the assessment" in text(client.get(base))
    assert client.post(f"{base}accept/", {"revision": row.revision, "reason": ""}).status_code == 302
    assert Assessment.objects.get().state == "in review"
    assert client.post(f"{base}accept/", {"revision": row.revision, "reason": "Agreed."}).status_code == 302
    page = text(client.get(base))
    assert "Agreed." in page
    assert "Begin a fresh one" in page
    system_page = text(client.get("/systems/mail-agent/?tab=assessment"))
    assert "Top risks of Assessment 1" in system_page
    assert "Accepted" in text(client.get("/systems/mail-agent/"))


def test_the_difference_to_the_one_before_is_shown(signed_in, author, people, system):
    accepted(author, people.actor("responsible-ai"), system)
    row = lifecycle.start(author, system.slug)
    client, item = signed_in("engineer"), content_of(row).scenarios[0]
    client.post(f"/assessments/{row.pk}/scenarios/{item.id}/dismiss/", {"revision": 1, "reason": "Gone."})
    page = text(client.get(f"/assessments/{row.pk}/?tab=compare&with=1"))
    assert "standing" in page
    assert item.title in page


def test_the_list_costs_the_same_however_long_it_is(signed_in, author, django_assert_max_num_queries):
    client = signed_in("viewer")
    for number in range(12):
        lifecycle.start(author, make_system(f"agent-{number}").slug)
    with django_assert_max_num_queries(20):
        page = text(client.get("/assessments/"))
    assert page.count("/assessments/") > 12


def test_it_is_found_by_the_search(signed_in, draft):
    assert "Assessment 1 of Mail agent" in text(signed_in("viewer").get("/search?q=mail"))


def test_the_critique_leads_to_where_each_remark_is_settled(signed_in, people, author, draft):
    first, second, *_ = content_of(draft).scenarios
    base = f"/assessments/{draft.pk}/"
    page = text(signed_in("viewer").get(f"{base}?tab=critique"))
    assert f'href="{base}scenarios/{first.id}/"' in page
    row = scenarios.accept_scenario(author, draft.pk, draft.revision, first.id, "Seen.")
    one = first.treatments[0].mitigation
    row = treatments.set_treatment(author, row.pk, row.revision, first.id, one, treatments.Progress("planned"))
    page = text(signed_in("viewer").get(f"{base}?tab=critique"))
    assert f'href="{base}mitigations/{one}/"' in page
    assert "is planned for no day." in page
    headers = {"Authorization": f"Bearer {people.token(people.person('viewer'))}"}
    answer = Client().get(f"/api/v1/assessments/{draft.pk}/critique", headers=headers)
    assert {"rule": "no-owner", "gravity": "weak", "scenario": first.id, "mitigation": one}.items() <= next(
        item for item in answer.json() if item["rule"] == "no-owner"
    ).items()
    assert second.id in {item["scenario"] for item in answer.json() if item["rule"] == "untouched"}


def test_the_critique_reads_the_newest_declaration(signed_in, draft, system):
    newer = declare(domain="credit", decision={"about_people": True, "influence": "decides"})
    save_version(server_actor(), newer, source="file")
    page = text(signed_in("viewer").get(f"/assessments/{draft.pk}/?tab=critique"))
    assert "which is not in the assessment" in page
