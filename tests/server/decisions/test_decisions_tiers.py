"""A tier that a person set: signed for releases, judged with it, ended, carried to later ones, verified by others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from decided_releases import Cast, actions, actor, make_cast
from django.utils import timezone
from pushed_bundles import Works, make_works, standard_row, trust
from server_people import People

import worked_example
from roadworthy.cli.main import run
from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import server_actor
from roadworthy.server.decisions import tiers
from roadworthy.server.decisions.models import RequestState, TierStatement
from roadworthy.server.decisions.tasks import carry_over
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.evidence.files import opened, store
from roadworthy.server.releases.models import Release
from roadworthy.server.secrets import server_signer
from roadworthy.server.systems.lowering import ask_lower_tier, decide_lower_tier
from roadworthy.server.systems.models import TierOverride
from roadworthy.server.systems.override import end_overdue, end_set_tier, set_tier

WHY = "It is about to pay money back by itself."
ROLES = ["responsible-ai", "responsible-ai-lead"]
AUTHORITY = {
    **worked_example.AUTHORITY,
    "roles": [*worked_example.AUTHORITY["roles"], *({"id": role, "title": role} for role in ROLES)],
    "tier_roles": ROLES,
}
ACTS = {"tools": [{"id": "refund", "effect": "external"}]}
"""What makes the system one of medium tier by the rules."""


class TierWorks(Works):
    """Bundles judged by a standard that says who may set a tier."""

    def bundle(self, **asked: Any) -> Path:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worked_example, "AUTHORITY", AUTHORITY)
            return super().bundle(**asked)


@pytest.fixture(scope="session")
def tier_works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    made = make_works(tmp_path_factory.mktemp("works-of-tiers"))
    works = TierWorks(made.example, made.ci, made.start)
    works.bundle()
    return works


@pytest.fixture
def cast(people: People, tier_works: Works) -> Cast:
    """Return people and a release of low tier, held by what is not signed."""
    standard_row(tier_works.standard)
    trust(tier_works.signer)
    return make_cast(people, tier_works)


def until() -> Any:
    return timezone.now().replace(microsecond=0) + timedelta(days=30)


def system(cast: Cast) -> Any:
    return cast.release.system


def raise_tier(cast: Cast, tier: str = "high") -> TierOverride:
    row = system(cast)
    return set_tier(actor(cast.approver), row.slug, row.revision, tier=tier, reason=WHY, until=until())


def lower_tier(cast: Cast, tier: str = "low") -> TierOverride:
    row = system(cast)
    asked = ask_lower_tier(
        actor(cast.approver),
        row.slug,
        row.revision,
        tier=tier,
        reason="Every refund is capped at one euro.",
        until=until(),
    )
    lead = cast.people.person("responsible-ai-lead", name="Leo Lead")
    decided = decide_lower_tier(actor(lead), row.slug, asked.pk, approve=True, reason="The cap is enforced.")
    assert decided.override is not None
    return decided.override


def end_tier(cast: Cast) -> None:
    row = system(cast)
    end_set_tier(actor(cast.approver), row.slug, row.revision, "The reason fell away.")


def told(cast: Cast) -> str:
    return " ".join(finding.because for finding in verdict_of(cast.release).tier_because)


def test_a_stricter_tier_is_signed_and_the_newest_release_judged_by_it(cast: Cast) -> None:
    assert cast.release.tier == "low"
    override = raise_tier(cast)
    release = cast.release
    assert (release.tier, system(cast).tier, release.resealed_id is not None) == ("high", "high", True)
    assert f"Ada Approver (responsible-ai) set the tier to high: {WHY}" in told(cast)
    record = TierStatement.objects.get().record
    assert (record.requirement, record.signer, record.user) == ("tier:high", "Ada Approver", cast.approver)
    assert record.until == override.until
    assert actions()[-3:] == ["release.judged", "statement.signed", "system.tier_set"]
    assert release.valid_until == override.until


def test_approvals_reopen_when_a_stricter_tier_is_set_and_the_verdict_is_another_one(cast: Cast) -> None:
    cast.push(minutes=3, right=50, wrong=10)
    request = cast.approved()
    assert (request.state, cast.release.verdict) == (RequestState.APPROVED, "ship")
    raise_tier(cast)
    request.refresh_from_db()
    assert (request.state, cast.release.verdict) == (RequestState.REOPENED, "hold")
    assert "The tier was set to high" in request.reopened_reason
    assert cast.release.system.governance == "reopened"
    end_tier(cast)
    assert (cast.release.tier, cast.release.verdict) == ("low", "ship")
    assert not any(finding.rule == "override" for finding in verdict_of(cast.release).tier_because)


def test_a_lower_tier_that_another_approved_lets_ship_and_its_end_holds_again(cast: Cast) -> None:
    cast.push(minutes=4, right=46, wrong=14, **ACTS)
    cast.settle()
    assert (cast.release.tier, cast.release.verdict) == ("medium", "hold")
    override = lower_tier(cast)
    assert (cast.release.tier, cast.release.verdict) == ("low", "ship")
    assert "Leo Lead (responsible-ai-lead) set the tier to low: Every refund is capped at one euro." in told(cast)
    assert "Asked for by Ada Approver. Approved: The cap is enforced." in told(cast)
    TierOverride.objects.filter(pk=override.pk).update(until=timezone.now())
    assert end_overdue(server_actor()) == 1
    assert (cast.release.tier, cast.release.verdict) == ("medium", "hold")


def test_the_resealed_bundle_verifies_with_the_key_of_the_server_alone(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.push(minutes=4, right=46, wrong=14, **ACTS)
    cast.settle()
    lower_tier(cast)
    monkeypatch.setenv("ROADWORTHY_HOME", str(tmp_path / "auditor"))
    for verdict, end in (("ship", end_tier), ("hold", None)):
        path = tmp_path / f"{verdict}.zip"
        with opened(cast.release.resealed_id) as kept:
            path.write_bytes(kept.read_bytes())
        code = run(["verify", str(path), "--trust", server_signer().key_id])
        said = " ".join(capsys.readouterr().out.split())
        assert code == 0, said
        assert f"byte for byte the same: {verdict}" in said
        if end:
            end(cast)


def test_a_stricter_tier_is_signed_for_the_next_release_too(cast: Cast, django_capture_on_commit_callbacks) -> None:
    raise_tier(cast, "medium")
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=30, release="1.1")
    assert (cast.release.name, cast.release.tier) == ("1.1", "medium")
    assert TierStatement.objects.count() == 2


def test_what_a_crash_left_out_is_signed_by_the_job(cast: Cast) -> None:
    raise_tier(cast, "medium")
    cast.push(minutes=30, release="1.1")
    assert cast.release.tier == "low"
    assert carry_over() == 1
    assert cast.release.tier == "medium"
    assert carry_over() == 0


def test_a_lower_tier_ends_when_another_release_takes_the_place(cast: Cast, django_capture_on_commit_callbacks) -> None:
    cast.push(minutes=4, right=46, wrong=14, **ACTS)
    lower_tier(cast)
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=40, right=46, wrong=14, release="1.1", **ACTS)
    assert (cast.release.tier, system(cast).tier, system(cast).tier_set) == ("medium", "medium", False)
    assert TierOverride.objects.get().ended_why == "It was approved for another release than 1.1."


def test_the_same_release_judged_anew_keeps_its_lower_tier(cast: Cast, django_capture_on_commit_callbacks) -> None:
    cast.push(minutes=4, right=46, wrong=14, **ACTS)
    lower_tier(cast)
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=45, right=46, wrong=14, **ACTS)
    assert Release.objects.count() == 3
    assert (cast.release.tier, system(cast).tier_set) == ("low", True)


def test_a_set_tier_that_its_signer_may_no_longer_sign_leaves_the_next_release_stale(
    cast: Cast, django_capture_on_commit_callbacks
) -> None:
    raise_tier(cast)
    cast.approver.__class__.objects.filter(pk=cast.approver.pk).update(is_active=False)
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=30, release="1.1")
    assert "may no longer sign that" in cast.release.stale


def test_a_change_that_owes_an_assessment_ends_it_and_what_shipped_with_it_is_judged_without(
    cast: Cast, django_capture_on_commit_callbacks
) -> None:
    cast.push(minutes=4, right=46, wrong=14, **ACTS)
    cast.settle()
    lower_tier(cast)
    Release.objects.filter(pk=cast.release_pk).update(state="shipped", shipped_at=timezone.now())
    shipped = cast.release_pk
    assert cast.release.verdict == "ship"
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=50, release="2.0", regions=["EU", "KR"], **ACTS)
    assert not system(cast).tier_set
    assert Release.objects.get(pk=shipped).verdict == "hold"


def test_a_release_that_cannot_be_judged_goes_stale_and_the_tier_is_set_all_the_same(cast: Cast) -> None:
    next(store().home.rglob(cast.release.bundle_id)).unlink()
    raise_tier(cast)
    assert system(cast).tier == "high"
    assert cast.release.stale.startswith("The tier was set to high. It could not be judged again: ")


def test_who_pushed_the_release_neither_sets_nor_approves(cast: Cast) -> None:
    Release.objects.update(pushed_by=cast.approver)
    with pytest.raises(Exception, match="nobody sets the tier of their own"):
        raise_tier(cast)


def test_a_tier_is_not_signed_for_on_a_release(cast: Cast) -> None:
    with pytest.raises(InputError, match="a tier is set on the system"):
        cast.sign_off(requirement="tier:low")


def test_before_the_first_release_a_set_tier_waits_for_it(
    people: People, tier_works: Works, django_capture_on_commit_callbacks
) -> None:
    from roadworthy.declare.system import System as Declaration
    from roadworthy.server.systems.services import save_version

    standard_row(tier_works.standard)
    trust(tier_works.signer)
    declared = Declaration.model_validate(worked_example.system_value(**ACTS))
    row = save_version(people.actor("engineer"), declared, source="file").system
    asked = ask_lower_tier(
        people.actor("responsible-ai"), row.slug, row.revision, tier="low", reason="Refunds are capped.", until=until()
    )
    decide_lower_tier(people.actor("responsible-ai-lead"), row.slug, asked.pk, approve=True, reason="They are.")
    assert not TierStatement.objects.exists()
    engineer = people.person("engineer")
    cast = Cast(people, tier_works, engineer, engineer, engineer, engineer, 0)
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=4, right=46, wrong=14, **ACTS)
    row.refresh_from_db()
    assert (row.tier_set, cast.release.tier) == (True, "low")
    assert TierStatement.objects.get().release_id == cast.release_pk


@pytest.mark.parametrize("number", [1, 3])
def test_following_costs_the_same_however_long_the_history(
    cast: Cast, number: int, django_assert_max_num_queries: Any
) -> None:
    for place in range(number):
        cast.push(minutes=60 + place, release=f"3.{place}")
    row = system(cast)
    raise_tier(cast)
    with django_assert_max_num_queries(60):
        tiers.follow_tier(server_actor(), system(cast), None, "Again.")
    assert row.slug == "order-helper"
