"""What an imported measurement may show, by what its log lacks; docs/peers.md has the same table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from roadworthy.decide.imported import doubt_about_source
from roadworthy.decide.outcome import Status
from roadworthy.evaluate.adapters.peer import Lack
from roadworthy.evaluate.adapters.table import ADAPTERS
from roadworthy.evidence.predicate import Source, SourceModel
from roadworthy.standard.model import Expiry, Tier
from worked_example import system

PAGE = (Path(__file__).parents[2] / "docs" / "peers.md").read_text(encoding="utf-8")
FOR_EVER = Expiry()
STATED = {Lack.CLUSTERS}


def source(*lacking: str, **changes: Any) -> Source:
    given: dict[str, Any] = {
        "format": "inspect",
        "task": "t",
        "read_by": "roadworthy 0",
        "models": (SourceModel(name="small-1", declared="main"),),
        "judges": (),
        "lacking": lacking,
    }
    return Source(**given | changes)


def reason(found: Source | None, tier: Tier = Tier.LOW, expiry: Expiry = FOR_EVER) -> str | None:
    doubt = doubt_about_source(found, system(), tier, expiry)
    assert doubt is None or doubt.status is Status.NOT_SHOWN
    return doubt and doubt.reason


def test_our_own_measurement_raises_no_doubt() -> None:
    assert reason(None, Tier.HIGH) is None


@pytest.mark.parametrize("lack", sorted(set(Lack) - STATED - {Lack.SAMPLES}))
def test_at_the_strict_tiers_nothing_that_weighs_may_be_lacking(lack: str) -> None:
    assert reason(source(lack), Tier.LOW) is None
    assert reason(source(lack), Tier.MEDIUM) is None
    for tier in (Tier.HIGH, Tier.PROHIBITED):
        assert f"at tier {tier} it must" in str(reason(source(lack), tier))


def test_what_is_only_stated_turns_nothing() -> None:
    assert reason(source(*STATED), Tier.HIGH) is None


def test_several_are_named_together() -> None:
    said = reason(source("plan", "version", "judge"), Tier.HIGH)
    assert said is not None
    assert "which model judged the answers, how many samples were planned and which version" in said


def test_what_has_no_date_cannot_expire_later() -> None:
    assert "does not say when it was run" in str(reason(source("time"), expiry=Expiry(days=90)))


@pytest.mark.parametrize("declared", [None, "gone"])
def test_another_model_is_refused_at_every_tier(declared: str | None) -> None:
    other = source(models=(SourceModel(name="gpt", declared=declared), SourceModel(name="small-1", declared="main")))
    for tier in Tier:
        assert reason(other, tier) == "The log is of the model gpt; the system declares small-1."


def test_a_log_without_a_model_needs_a_statement() -> None:
    unknown = source("model", models=(SourceModel(name="unrecorded", declared=None),))
    assert reason(unknown) == "The log does not say which model answered; the system declares small-1."
    stated = source("model", models=(SourceModel(name="unrecorded", declared="main"),))
    assert reason(stated) is None


def test_no_model_at_all_is_refused() -> None:
    assert reason(source(models=())) is not None


def remedy(found: Source, tier: Tier = Tier.LOW, expiry: Expiry = FOR_EVER) -> str:
    doubt = doubt_about_source(found, system(), tier, expiry)
    assert doubt is not None
    return doubt.first


def test_what_to_do_is_what_would_help() -> None:
    """Evaluating the same log again never does."""
    strange = source(models=(SourceModel(name="gpt", declared=None), SourceModel(name="gpt-2", declared=None)))
    assert "under 'target:': models: {gpt: ID, gpt-2: ID}, where ID is main" in remedy(strange)
    unknown = source("model", models=(SourceModel(name="unrecorded", declared=None),))
    assert "models: {unrecorded: ID}" in remedy(unknown)
    assert remedy(source("time"), expiry=Expiry(days=90)).startswith("Import a log that says so")
    assert remedy(source("plan", "calibration"), Tier.HIGH).startswith("Import a log that says so")
    assert remedy(source("calibration"), Tier.HIGH).endswith("under 'target:': known_error.")


def test_the_page_says_the_same() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(Lack)
    for lack, words in rows.items():
        if lack != Lack.SAMPLES:
            assert ("at tier high not shown" in words) == (reason(source(lack), Tier.HIGH) is not None)


def test_every_format_has_a_row_and_a_heading() -> None:
    for adapter in ADAPTERS.values():
        assert f"| `{adapter.format}` |" in PAGE
