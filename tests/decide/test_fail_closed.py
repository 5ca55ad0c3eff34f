"""The fail-closed table: each fault, run as a user would, ends neither in `met` nor in exit 0, and says why.

The project ships when nothing is wrong (the first test), so that each fault alone is what holds it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.predicate import Kind, parse_predicate
from roadworthy.evidence.store import EvidenceStore
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.project import Project
from worked_example import (
    RULES,
    Command,
    Said,
    Value,
    dataset,
    declaration,
    edit,
    evaluated,
    predicate,
)


def test_the_project_ships_when_nothing_is_wrong(command: Command) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    said = command.gate()
    assert (said.code, command.verdict()["verdict"]) == (0, "ship")
    assert command.outcome()[0] == "met"


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    name: str
    make: Callable[[Command], None]
    """Brings the fault in, on a project where everything is signed and nothing is measured."""
    code: int
    """Exit code of the gate."""
    message: str
    """Part of what is shown."""
    evaluate: int | None = None
    """Exit code of `evaluate`; None when the fault is not met there and it is not run."""


def sealed_by_hand(command: Command, key: Path | None = None, score: str = "score.correct", **changes: Any) -> None:
    """Seal a measurement as a careless or dishonest tool could, with a key that may or may not be trusted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from roadworthy.evaluate.dataset import Dataset

    values = changes.pop("scores", [1.0] * 60)
    n = len(values)
    project = Project.open(command.example.directory)
    suite = project.suites[0]
    dataset = Dataset(suite.dataset, suite.folder, None).digest()
    table = command.example.directory.parent / "by-hand.parquet"
    columns = {
        "sample": [f"c{i}" for i in range(n)],
        "epoch": pa.array([0] * n, pa.int32()),
        "unit": pa.array([None] * n, pa.string()),
        "slice.topic": ["orders"] * n,
        "status": ["scored"] * n,
        score: pa.array(values, pa.float64()),
    }
    pq.write_table(pa.table(columns), table)
    signer = load_signer(key)
    store = EvidenceStore(command.example.directory / ".roadworthy", TrustedKeys.of(signer))
    value: Value = {
        "system": "order-helper",
        "release": "1.0",
        "fingerprint": dict(project.fingerprint.parts),
        "suite": {"id": "answers", "digest": suite.digest, "metrics": ["task_success_rate"]},
        "dataset": {"name": "answers", "digest": dataset, "rows": n, "cluster": None, "slices": ["topic"]},
        "target": {"kind": "python"},
        "settings": {},
        "scorers": [],
        "harness": {"name": "by hand", "version": "1", "python": "3"},
        "seed": None,
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:00Z",
        "actor": "somebody",
        "independence": "self",
        "counts": {"planned": n, "recorded": n, "scored": n, "errored": 0, "unscored": 0},
        "usage": {"calls": n, "cached": 0, "tokens_in": None, "tokens_out": None, "cost": None},
        "notes": [],
        "results": store.put_object(table),
        **changes,
    }
    store.add(parse_predicate(Kind.MEASURED, value), signer)


def today(command: Command) -> str:
    from roadworthy.core.clock import format_time, now

    return format_time(now())


def by_hand_today(command: Command, **changes: Any) -> None:
    sealed_by_hand(command, started=today(command), finished=today(command), **changes)


def small_slice(command: Command) -> None:
    command.example.declare(decision={"about_people": True})
    rows = [{"id": f"o{i}", "topic": "orders", "wanted": "right"} for i in range(60)]
    rows += [{"id": f"r{i}", "topic": "returns", "wanted": "right"} for i in range(3)]
    command.example.rows(rows)
    command.sign_again()


def another_fingerprint(command: Command) -> None:
    evaluated(command)
    edit(declaration(command), "Answer briefly.", "Answer at length.")
    command.sign_again()


def easier_dataset(command: Command) -> None:
    evaluated(command)
    command.example.cases(right=30)


def another_suite(command: Command) -> None:
    evaluated(command)
    command.example.suite(scorers=[{"id": "correct", "use": "regex", "pattern": "."}])


def half_errored(command: Command) -> None:
    command.example.suite(limits={"retries": 0, "give_up_after": 1000})
    command.example.cases(right=30, broken=30)


def mostly_errored(command: Command) -> None:
    command.example.suite(limits={"retries": 0, "give_up_after": 1000})
    command.example.cases(right=20, broken=40)


def all_errored(command: Command) -> None:
    command.example.suite(limits={"retries": 0, "give_up_after": 5})
    command.example.cases(right=0, broken=60)


def half_run(command: Command) -> None:
    command.example.suite(limits={"retries": 0, "max_calls": 30})


def other_metric(command: Command) -> None:
    command.example.suite(metrics=["accuracy"])


def nan_scorer(command: Command) -> None:
    scorer = command.example.directory / "evals" / "scorer.py"
    scorer.write_text("def score(reply, fields):\n    return float('nan')\n")
    command.example.suite(scorers=[{"id": "correct", "use": "python", "function": "scorer.py:score"}])


def tier_rule(command: Command) -> None:
    """A rule of the high tier reads a guard setting that is not declared."""
    rule = {"id": "unguarded", "tier": "high", "when": 'system.guard.pii == "off"', "because": "No guard."}
    command.example.change_standard(tier_rules=[*RULES, rule])
    command.example.rows([{"id": f"c{i}", "topic": "orders", "wanted": "right"} for i in range(12)])
    evaluated(command)


def later(days: int) -> Callable[[Command], None]:
    def make(command: Command) -> None:
        evaluated(command)
        command.now(days)

    return make


def cut_ledger(command: Command) -> None:
    evaluated(command)
    assert command.gate().code == 0
    (command.out / "verdict.json").unlink()
    path = command.example.directory / ".roadworthy" / "ledger.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def altered(pattern: str) -> Callable[[Command], None]:
    def make(command: Command) -> None:
        evaluated(command)
        [path] = (command.example.directory / ".roadworthy").glob(pattern)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.chmod(0o600)
        path.write_bytes(data)

    return make


def removed(pattern: str) -> Callable[[Command], None]:
    def make(command: Command) -> None:
        evaluated(command)
        for path in (command.example.directory / ".roadworthy").glob(pattern):
            path.unlink()

    return make


def bad_statement(command: Command) -> None:
    evaluated(command)
    [path] = (command.example.directory / "attestations").glob("go-live*.json")
    value = json.loads(path.read_bytes())
    value["signatures"][0]["sig"] = "A" * 86 + "=="
    path.write_text(json.dumps(value))


def expired_exception(command: Command) -> None:
    command.example.cases(right=0, wrong=60)
    evaluated(command)
    said = command(
        *("attest", "answers-right", "--role", "risk-lead", "--name", "Rita Risk", "--key", command.example.lead),
        *(
            "--waive",
            "too hard",
            "--compensating-control",
            "A person.",
            "--statement",
            "Soon.",
            "--until",
            "2026-12-01",
        ),
    )
    assert said.code == 0, said.text
    command.now(30)


def foreign_key(command: Command) -> None:
    """The evidence is good, but signed by a key that nobody here has trusted."""
    stranger = command.example.stranger
    assert command("evaluate", "--key", stranger).code == 0


FAULTS = [
    Fault("no evidence", lambda command: None, 3, "No evidence: no suite has measured task_success_rate."),
    Fault("no dataset", lambda c: dataset(c).unlink(), 3, "No evidence", evaluate=2),
    Fault("an empty dataset", lambda c: c.example.rows([]), 3, "No evidence", evaluate=2),
    Fault("a record of 0 samples", lambda c: by_hand_today(c, scores=[]), 3, "The suite ran 0 samples"),
    Fault("half of the samples errored", half_errored, 3, "30 without a score", evaluate=0),
    Fault("most of the samples errored", mostly_errored, 1, "40 without a score", evaluate=0),
    Fault("every sample errored", all_errored, 3, "The run is incomplete", evaluate=3),
    Fault("half of the samples were never run", half_run, 3, "30 of 60 samples are recorded", evaluate=3),
    Fault("a metric missing", other_metric, 3, "no suite has measured task_success_rate", evaluate=0),
    Fault("a score column missing", lambda c: by_hand_today(c, score="score.other"), 3, "no score 'correct'"),
    Fault("NaN from a scorer", nan_scorer, 1, "60 without a score", evaluate=0),
    Fault("NaN in a sealed table", lambda c: by_hand_today(c, scores=[1.0] * 59 + [math.nan]), 3, "NaN"),
    Fault("a score of 7", lambda c: by_hand_today(c, scores=[1.0] * 59 + [7.0]), 3, "outside"),
    Fault("an expired record", later(91), 3, "older than 90 days"),
    Fault("an easier dataset than the one that was run", easier_dataset, 3, "The dataset was changed since"),
    Fault("another suite than the one that was run", another_suite, 3, "The suite was changed since"),
    Fault("evidence of another fingerprint", another_fingerprint, 3, "another fingerprint: prompts changed since"),
    Fault("a slice with 3 samples", small_slice, 3, "3 samples, too few to judge: at least 10 are needed", evaluate=0),
    Fault("a key that is not trusted", foreign_key, 2, "is not trusted"),
    Fault("an expired exception", expired_exception, 1, "It was valid until 2026-12-01"),
    Fault("a predicate on a missing guard key", predicate('system.guard.pii == "off"'), 3, "No signed system card", 0),
    Fault("a tier rule on a missing guard key", tier_rule, 3, "Task success rate"),
    Fault("a cut ledger", cut_ledger, 2, "ledger"),
    Fault("an altered record", altered("records/*.json"), 2, "records/"),
    Fault("an altered result table", altered("objects/*"), 2, "the object has been altered"),
    Fault("a result table that is gone", removed("objects/*"), 2, "the object cannot be read"),
    Fault("a record that is gone", removed("records/*"), 2, "it cannot be read"),
    Fault("a statement with a wrong signature", bad_statement, 2, "go-live-"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_never_met_and_never_exit_0(command: Command, fault: Fault) -> None:
    command.sign_all()
    fault.make(command)
    if fault.evaluate is not None:
        said = command("evaluate")
        assert said.code == fault.evaluate, said.text
    said = command.gate()
    show(fault.name, said, command)
    assert said.code == fault.code, said.text
    assert said.code != 0
    if fault.code == 2:
        assert not (command.out / "verdict.json").exists()
        assert fault.message in said.text
        return
    verdict = command.verdict()
    assert verdict["verdict"] == "hold"
    shown = [o for o in verdict["outcomes"] if fault.message in o["reason"]]
    assert shown, [(o["requirement"], o["status"], o["reason"]) for o in verdict["outcomes"]]
    assert all(o["status"] != "met" for o in shown)
    assert any(fault.message in reason for reason in verdict["reasons"])


def show(name: str, said: Said, command: Command) -> None:
    """Print the row of the table, for those who read it with -s."""
    words = said.text if said.code == 2 else " ".join(command.verdict()["reasons"])
    sys.stdout.write(f"{name}: exit {said.code}: {words}\n")


@pytest.mark.parametrize("days", [-1, -400])
def test_a_clock_set_back_is_named(command: Command, days: int) -> None:
    """The gate refuses to write, and who only looks is told that the evidence is of the future."""
    command.sign_all()
    evaluated(command)
    command.now(days)
    said = command.gate()
    assert said.code == 2, said.text
    assert "the clock was set back" in said.text
    assert "recorded samples are kept" in said.text
    said = command("explain", "answers-right")
    assert "Not shown" in said.text
    assert "a clock was set back or forward" in said.text


def test_an_own_key_made_after_the_evidence_does_not_make_it_trusted(command: Command) -> None:
    """Evidence moved in from another store, whose ledger and records somebody else signed."""
    command.sign_all()
    by_hand_today(command, key=command.example.stranger)
    said = command.gate()
    assert said.code == 2
    assert "which is not trusted" in said.text
