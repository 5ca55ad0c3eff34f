"""Sign-offs, documents and decisions: who may, over what, and what it changes."""

from __future__ import annotations

from decided_releases import Cast, actions

from roadworthy.server.decisions.models import RequestState


def test_what_is_signed_here_settles_what_was_missing(cast: Cast) -> None:
    assert (cast.release.verdict, cast.release.holding) == ("hold", 2)
    cast.document()
    assert (cast.release.verdict, cast.release.holding) == ("hold", 1)
    cast.sign_off()
    release = cast.release
    assert (release.verdict, release.holding, release.met) == ("ship", 0, 4)
    assert release.resealed_id
    assert release.valid_until is not None


def test_a_decision_from_request_to_approval(cast: Cast) -> None:
    cast.settle()
    request = cast.ask("prod", "staging")
    cast.release.system.refresh_from_db()
    assert cast.release.state == "in review"
    assert cast.release.system.governance == "awaiting decision"
    cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    assert cast.release.state == "approved"
    assert cast.release.system.governance == "cleared"
    assert actions()[-2:] == ["decision.signed", "decision.approved"]
