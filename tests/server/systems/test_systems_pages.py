"""Pages of systems, intakes and office hours, as people use them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from declared_systems import HELPER, declare
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from roadworthy.server.access.actor import server_actor
from roadworthy.server.systems.declaration_file import read_declaration, write_declaration
from roadworthy.server.systems.models import Intake, Question, System, SystemVersion, TierRequest
from roadworthy.server.systems.services import save_version


@pytest.fixture
def helper(db) -> System:
    save_version(server_actor(), declare(title="Order helper", launch="2027-01-05"), source="file")
    save_version(
        server_actor(),
        declare(title="Order helper", launch="2027-01-05", tools=[{"id": "refund", "effect": "external"}]),
        source="bundle",
        parts={"prompts": "a" * 64},
    )
    return System.objects.get()


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_every_page_of_a_system_is_drawn_for_a_viewer(signed_in, helper):
    viewer = signed_in("viewer")
    for address, says in {
        "/systems/": "Order helper",
        "/systems/?format=csv": "Order helper",
        "/systems/?tier=high&governance=registered&lifecycle=planned&sort=-launch&q=helper": "Order helper",
        "/systems/order-helper/": "tools.refund: added",
        "/systems/order-helper/versions/1/": "Version 1",
        "/systems/order-helper/versions/2/": "tools.refund",
        "/systems/order-helper/compare/": "From version 1 to 2",
        "/systems/order-helper/compare/?old=2&new=1": "From version 2 to 1",
        "/systems/order-helper/before-you-ship/": "What must be true before you ship",
        "/systems/order-helper/before-you-ship.md": "- [ ] **",
    }.items():
        answer = viewer.get(address)
        assert answer.status_code == 200, address
        assert says in b"".join(answer).decode() if answer.streaming else says in text(answer), address


def test_the_page_says_tier_reasons_facts_and_laws(signed_in, helper):
    page = text(signed_in("viewer").get("/systems/order-helper/"))
    assert "High" in page
    assert "system.tools.effect" in page
    assert "EU AI Act" in page
    assert "not a legal opinion" in page
    assert "Edit" not in page.split("<main")[1].split("</main>")[0].replace("Edited", "")


def test_who_may_not_see_a_system_finds_none_of_its_pages(signed_in, helper):
    stranger = signed_in("viewer", "engineer", system_id=helper.pk + 1)
    for address in ("", "edit/", "properties/", "compare/", "versions/1/", "before-you-ship/", "roadworthy.yaml"):
        assert stranger.get(f"/systems/order-helper/{address}").status_code == 404, address


def test_the_exported_file_is_the_declaration(signed_in, helper):
    answer = signed_in("viewer").get("/systems/order-helper/roadworthy.yaml")
    assert "attachment" in answer["Content-Disposition"]
    assert read_declaration(answer.content).tools[0].id == "refund"
    older = signed_in("viewer").get("/systems/order-helper/roadworthy.yaml?version=1")
    assert read_declaration(older.content).tools[0].id == "lookup"


def test_a_file_registers_a_system_and_a_bad_one_says_why(signed_in):
    engineer = signed_in("engineer")
    assert engineer.get("/register/").status_code == 200
    assert engineer.get("/register/file/").status_code == 200
    bad = SimpleUploadedFile("ours.yaml", b"system: a\nkindd: agent\n")
    answer = engineer.post("/register/file/", {"file": bad})
    assert answer.status_code == 422
    assert "ours.yaml:2: unknown key &#x27;kindd&#x27;. Did you mean &#x27;kind&#x27;?" in text(answer)
    assert "kindd: agent" in text(answer)
    good = SimpleUploadedFile("ours.yaml", write_declaration(declare()).encode())
    answer = engineer.post("/register/file/", {"file": good}, follow=True)
    assert "is registered, tier" in text(answer)
    again = engineer.post("/register/file/", {"text": write_declaration(declare(purpose="Mine."))})
    assert again.status_code == 409
    assert System.objects.get().purpose == HELPER["purpose"]


def test_the_declaration_is_edited_as_text(signed_in, helper):
    engineer = signed_in("engineer")
    page = text(engineer.get("/systems/order-helper/edit/"))
    assert 'name="revision" value="2"' in page
    changed = write_declaration(declare(purpose="Another purpose."))
    assert engineer.post("/systems/order-helper/edit/", {"revision": 2, "text": changed}).status_code == 302
    assert SystemVersion.objects.latest("number").number == 3
    stale = engineer.post("/systems/order-helper/edit/", {"revision": 2, "text": changed + "segments: [x]\n"})
    assert stale.status_code == 422
    assert "was changed meanwhile" in text(stale)
    assert "segments: [x]" in text(stale)
    other = engineer.post(
        "/systems/order-helper/edit/", {"revision": 3, "text": write_declaration(declare(system="other"))}
    )
    assert "does not change" in text(other)
    assert not System.objects.filter(slug="other").exists()


def test_properties_and_retiring(signed_in, helper):
    engineer = signed_in("engineer")
    assert engineer.get("/systems/order-helper/properties/").status_code == 200
    engineer.post("/systems/order-helper/properties/", {"revision": 2, "lifecycle": "live"})
    assert System.objects.get().lifecycle == "live"
    refused = engineer.post("/systems/order-helper/properties/", {"revision": 3, "lifecycle": "gone"})
    assert refused.status_code == 422
    engineer.post("/systems/order-helper/retire/", {"revision": 3, "reason": "Replaced."})
    assert System.objects.get().lifecycle == "retired"


def test_a_property_is_set_on_the_chosen_systems(signed_in, helper):
    engineer = signed_in("engineer")
    asked = engineer.post("/set-on-systems/lifecycle/", {"ids": [helper.pk, helper.pk + 1, "x"]})
    assert "1 system:" in text(asked)
    engineer.post("/set-on-systems/lifecycle/", {"ids": [helper.pk], "value": "paused"})
    assert System.objects.get().lifecycle == "paused"
    assert engineer.post("/set-on-systems/tier/", {"ids": [helper.pk]}).status_code == 404
    assert "No system is chosen" in text(engineer.post("/set-on-systems/owner/", {}))


def test_a_lower_tier_is_asked_for_and_decided_on_its_page(signed_in, helper):
    address = "/systems/order-helper/tier/"
    given = {"revision": 2, "tier": "medium", "reason": "Only drafts, sent by people.", "until": "2020-01-01"}
    assert signed_in("engineer").get(address).status_code == 403
    specialist, other = signed_in("responsible-ai"), signed_in("responsible-ai")
    assert specialist.get(address).status_code == 200
    late = specialist.post(address, given)
    assert late.status_code == 422
    assert "Only drafts" in text(late)
    soon = (timezone.now() + timedelta(days=30)).date().isoformat()
    assert "It is asked for" in text(specialist.post(address, {**given, "until": soon}, follow=True))
    asked = TierRequest.objects.get()
    assert "Somebody else has to decide" in text(specialist.get(address))
    decision = {"choice": "approve", "reason": "They are read.", "revision": 1}
    assert specialist.post(f"{address}requests/{asked.pk}/decide/", decision).status_code == 403
    assert "Both reasons are signed" in text(other.get(address))
    assert "It is approved" in text(other.post(f"{address}requests/{asked.pk}/decide/", decision, follow=True))
    assert System.objects.get().tier == "medium"
    page = text(specialist.get("/systems/order-helper/"))
    assert "the rules give high" in page
    assert "Asked for before" in text(specialist.get(address))
    specialist.post(f"{address}end/", {"revision": 3, "reason": "It was wrong."})
    assert System.objects.get().tier == "high"
    specialist.post(address, {**given, "until": soon, "revision": 4})
    asked = TierRequest.objects.get(state="asked")
    wrong = {"reason": "", "revision": 1}
    assert "needs a reason" in text(specialist.post(f"{address}requests/{asked.pk}/withdraw/", wrong, follow=True))
    answer = specialist.post(f"{address}requests/{asked.pk}/withdraw/", {**wrong, "reason": "No."}, follow=True)
    assert "It is withdrawn" in text(answer)


def test_a_stricter_tier_is_set_on_its_page(signed_in, helper):
    save_version(server_actor(), declare(title="Order helper"), source="file")
    soon = (timezone.now() + timedelta(days=30)).date().isoformat()
    given = {"revision": 3, "tier": "high", "reason": "It will pay refunds soon.", "until": soon}
    specialist = signed_in("responsible-ai")
    answer = specialist.post("/systems/order-helper/tier/", given, follow=True)
    assert "The tier is set, signed with your key" in text(answer)
    for address in ("/systems/order-helper/", "/systems/order-helper/tier/"):
        assert "(Responsible-AI specialist)" in text(specialist.get(address)), "the role by its title"
    assert System.objects.get().tier == "high"


STEPS = {
    "about": {
        "title": "Order helper",
        "system": "order-helper",
        "kind": "agent",
        "purpose": "Answers.",
        "owner__team": "Orders",
        "owner__contact": "orders@example.org",
    },
    "users": {"users__who": "customers"},
    "impact": {"exposure__public": "on"},
    "models": {"models-0-id": "main", "models-0-provider": "own", "models-0-name": "small"},
    "tools": {"tools-0-id": "refund", "tools-0-effect": "external"},
    "data": {},
    "where": {"regions": "EU"},
}


def test_the_guided_form_leads_from_the_first_step_to_what_must_be_true(signed_in):
    engineer = signed_in("engineer")
    answer = engineer.post("/intakes/start/", follow=True)
    seen = []
    for slug, data in STEPS.items():
        intake = Intake.objects.get()
        assert answer.redirect_chain[-1][0] == f"/intakes/{intake.pk}/{slug}/"
        seen.append(slug)
        answer = engineer.post(answer.request["PATH_INFO"], {**data, "revision": intake.revision}, follow=True)
    assert "Everything needed is answered" in text(answer)
    answer = engineer.post(f"/intakes/{intake.pk}/submit/", {"revision": Intake.objects.get().revision}, follow=True)
    assert answer.redirect_chain[-1][0] == "/systems/order-helper/before-you-ship/"
    assert "is saved as version 1, tier high" in text(answer)
    assert "Resists attackers who adapt" in text(answer)
    assert engineer.get(f"/intakes/{intake.pk}/").status_code == 302
    assert "Order helper" in text(engineer.get("/intakes/"))


def test_an_intake_says_what_is_left_to_do_and_links_there(signed_in):
    engineer = signed_in("engineer")
    engineer.post("/intakes/start/")
    intake = Intake.objects.get()
    page = text(engineer.get(f"/intakes/{intake.pk}/summary/"))
    assert "things are left to do" in page
    assert f'href="/intakes/{intake.pk}/where/#id_regions"' in page
    refused = engineer.post(f"/intakes/{intake.pk}/submit/", {"revision": 1}, follow=True)
    assert refused.status_code == 200
    assert not System.objects.exists()


def test_autosave_keeps_the_answer_shows_what_depends_on_it_and_the_tier(signed_in):
    engineer = signed_in("engineer")
    engineer.post("/intakes/start/")
    address = f"/intakes/{Intake.objects.get().pk}/impact/"
    data = {"revision": 1, "decision__about_people": "on", "practices": ["social-scoring"]}
    page = text(engineer.post(address, data, headers={"HX-Request": "true"}))
    assert 'id="intake-revision" value="2" hx-swap-oob="true"' in page
    assert 'name="decision__influence"' in page
    assert "Prohibited" in page
    assert "<html" not in page
    assert Intake.objects.get().answers["decision"] == {"about_people": True}
    stale = engineer.post(address, data, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert "Load the page again" in text(stale)


def test_a_row_is_added_without_javascript(signed_in):
    engineer = signed_in("engineer")
    engineer.post("/intakes/start/")
    address = f"/intakes/{Intake.objects.get().pk}/models/"
    data = {"revision": 1, "models-0-id": "main", "stay": "on"}
    page = text(engineer.post(address, data))
    assert 'name="models-1-id"' in page
    assert "Fill in: provider." in page


def test_the_intake_of_another_is_not_there(signed_in):
    signed_in("engineer").post("/intakes/start/")
    intake = Intake.objects.get()
    other = signed_in("engineer")
    assert other.get(f"/intakes/{intake.pk}/").status_code == 404
    assert other.post(f"/intakes/{intake.pk}/about/", {"revision": 1}).status_code == 404
    assert other.post(f"/intakes/{intake.pk}/discard/", {"revision": 1}).status_code == 404


def test_a_system_is_edited_as_a_form(signed_in, helper):
    engineer = signed_in("engineer")
    answer = engineer.post("/systems/order-helper/edit/form/", follow=True)
    assert 'value="Order helper"' in text(answer)
    assert Intake.objects.get().base == helper.version
    engineer.post(f"/intakes/{Intake.objects.get().pk}/discard/", {"revision": 1})
    assert not Intake.objects.exists()


def test_a_question_is_asked_triaged_answered_and_found(signed_in, helper):
    engineer, specialist = signed_in("engineer"), signed_in("responsible-ai")
    assert engineer.get("/questions/new/?system=order-helper").status_code == 200
    assert engineer.post("/questions/new/", {"title": "", "body": "x"}).status_code == 422
    engineer.post("/questions/new/", {"title": "Is a refund external?", "body": "We pay.", "system": "order-helper"})
    question = Question.objects.get()
    address = f"/questions/{question.pk}/"
    assert "Withdraw" in text(engineer.get(address))
    assert "Answer it" not in text(engineer.get(address))
    specialist.post(f"{address}triage/", {"revision": 1, "topic": "agents", "assignee": ""})
    assert specialist.post(f"{address}answer/", {"revision": 2, "answer": ""}).status_code == 422
    specialist.post(f"{address}answer/", {"revision": 2, "answer": "Yes.", "interpretation": "Money is external."})
    assert "Yes." in text(engineer.get(address))
    stranger = signed_in("viewer", system_id=helper.pk + 1)
    assert stranger.get(address).status_code == 404
    assert "Is a refund" not in text(stranger.get("/questions/"))
    assert "Money is external." in text(stranger.get("/interpretations/?q=money"))
    listed = text(specialist.get("/questions/?state=answered&time=in-time"))
    assert "Is a refund external?" in listed
    assert "n = 1 answered in 90 days" in listed
    assert engineer.post(f"{address}withdraw/", {"revision": 3}).status_code == 409


def test_what_is_typed_is_never_markup(signed_in):
    nasty = '<script>alert(1)</script>"><img src=x>'
    declaration = declare(title=nasty, purpose=nasty, segments=[nasty], settings={nasty: nasty})
    save_version(server_actor(), declaration, source="file", note=nasty)
    save_version(server_actor(), declare(title=nasty, purpose="x"), source="file")
    viewer = signed_in("viewer", "engineer")
    for address in (
        "/systems/",
        "/systems/order-helper/",
        "/systems/order-helper/compare/",
        "/systems/order-helper/edit/",
    ):
        page = viewer.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address


def test_the_search_finds_what_one_may_see(signed_in, helper):
    found = signed_in("viewer").get("/search?format=json&q=order").json()
    assert any(hit["title"] == "Order helper" for group in found["groups"] for hit in group["hits"])
    stranger = signed_in("viewer", system_id=helper.pk + 1).get("/search?format=json&q=order").json()
    assert not any(hit["title"] == "Order helper" for group in stranger["groups"] for hit in group["hits"])


@pytest.mark.parametrize("number", [3, 30])
def test_lists_cost_the_same_however_many_rows_there_are(signed_in, number, django_assert_max_num_queries):
    for place in range(number):
        save_version(server_actor(), declare(system=f"s{place}"), source="file")
    person = signed_in("responsible-ai")
    for place in range(number):
        person.post("/questions/new/", {"title": f"Q{place}", "body": "B", "system": f"s{place}"})
    for address, queries in {
        "/systems/": 16,
        "/questions/": 18,
        "/systems/s1/": 20,
        "/controls/AGT-10/?tab=systems": 16,
    }.items():
        with django_assert_max_num_queries(queries):
            assert person.get(address).status_code == 200
