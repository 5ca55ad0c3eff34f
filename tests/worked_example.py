"""A small system, a small standard and a small project, which the tests of the spine start from."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.declare.system import System
from roadworthy.evidence.keys import Signer, generate_pem, load_signer
from roadworthy.standard.load import LoadedStandard, seal_standard
from roadworthy.standard.model import Standard

Value = dict[str, Any]

SYSTEM: Value = {
    "system": "order-helper",
    "release": "1.0",
    "kind": "assistant",
    "purpose": "Answers questions about orders.",
    "owner": {"team": "Orders", "contact": "orders@example.org", "accountable": "Olga Owner"},
    "users": {"who": ["customers"], "monthly": 5000},
    "regions": ["EU"],
    "models": [{"id": "main", "provider": "self-hosted", "name": "small-1"}],
    "prompts": [{"id": "system", "text": "Answer briefly."}],
    "tools": [{"id": "lookup", "effect": "read"}],
    "settings": {"temperature": 0},
}

RULES: list[Value] = [
    {"id": "everything", "tier": "low", "when": "true", "because": "Every system is at least low."},
    {
        "id": "acts-outside",
        "tier": "medium",
        "when": 'system.tools.exists(t, t.effect != "read")',
        "because": "A tool changes something.",
    },
    {
        "id": "about-people",
        "tier": "high",
        "when": "system.decision.about_people",
        "because": "It bears on decisions about people.",
    },
    {
        "id": "social-scoring",
        "tier": "prohibited",
        "when": '"social-scoring" in system.practices',
        "because": "The standard forbids it.",
    },
]

ANSWERS: Value = {
    "id": "answers-right",
    "title": "It answers rightly",
    "control": "QA-01",
    "because": "A wrong answer costs the customer time.",
    "dimension": "quality",
    "shown_by": "measurement",
    "measure": {"metric": "task_success_rate"},
    "criterion": {
        "low": {"at_least": 0.6, "confidence": 0.95},
        "medium": {"at_least": 0.7, "confidence": 0.95},
        "high": {"at_least": 0.8, "confidence": 0.95, "slices": [["topic"]], "min_units": 10},
    },
    "expires": {"days": 90, "on_change": ["models", "prompts", "tools"]},
}
CARD: Value = {
    "id": "system-card",
    "title": "A system card is written",
    "control": "QA-02",
    "because": "Readers must know what it is for.",
    "shown_by": "document",
    "tiers": ["low", "medium", "high"],
    "document": {"kind": "system card"},
    "expires": {"days": 365},
}
GO_LIVE: Value = {
    "id": "go-live",
    "title": "The risk lead agrees",
    "control": "QA-02",
    "because": "Somebody answers for it.",
    "shown_by": "sign-off",
    "tiers": ["low", "medium", "high"],
    "sign_off": {"role": "risk-lead"},
}
OWNED: Value = {
    "id": "owned",
    "title": "Somebody is accountable",
    "control": "QA-02",
    "because": "Systems without owner decay.",
    "shown_by": "declaration",
    "tiers": ["low", "medium", "high", "prohibited"],
    "declared": "system.owner.accountable != null",
}
CONTROLS: list[Value] = [
    {"id": "QA-01", "title": "Quality", "domain": "quality", "statement": "Answers are right."},
    {"id": "QA-02", "title": "Accountability", "domain": "governance", "statement": "Somebody answers for it."},
]
AUTHORITY: Value = {
    "roles": [{"id": "risk-lead", "title": "Risk lead"}, {"id": "writer", "title": "Writer"}],
    "exception_roles": {"low": ["risk-lead"], "medium": ["risk-lead"]},
}


def system_value(**changes: Any) -> Value:
    """Return the declaration of the example with some keys replaced; None takes a key away."""
    value = copy.deepcopy(SYSTEM) | changes
    return {key: item for key, item in value.items() if item is not None}


def system(**changes: Any) -> System:
    """Return the example as a declared system."""
    return System.model_validate(system_value(**changes))


def standard_value(**changes: Any) -> Value:
    """Return the small standard with some keys replaced."""
    value: Value = {
        "id": "small",
        "version": "1",
        "title": "A small standard",
        "layers": ["small 1"],
        "tier_rules": RULES,
        "controls": CONTROLS,
        "requirements": [ANSWERS, CARD, GO_LIVE, OWNED],
        "authority": AUTHORITY,
    }
    return copy.deepcopy(value) | changes


def standard(**changes: Any) -> LoadedStandard:
    """Return the small standard, loaded."""
    return seal_standard(Standard.model_validate(standard_value(**changes)))


def requirement(of: Value = OWNED, **changes: Any) -> Value:
    """Return one requirement of the small standard with some keys replaced; None takes a key away."""
    value = copy.deepcopy(of) | changes
    return {key: item for key, item in value.items() if item is not None}


def make_key(path: Path) -> Signer:
    """Make a signing key at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(generate_pem())
    path.chmod(0o600)
    return load_signer(path)


def write_standard(directory: Path, **changes: Any) -> Path:
    """Write the small standard as the files of a lowest layer. JSON is YAML."""
    value = standard_value(**changes)
    header = {"standard": value["id"], **{k: value[k] for k in ("version", "title", "authority")}}
    header |= {key: value[key] for key in ("extends", "remove") if key in value}
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / "standard.yaml", header)
    sections = ("tier_rules", "regulatory_rules", "controls", "requirements")
    write_json(directory / "items.yaml", {name: value[name] for name in sections if name in value})
    return directory


def write_json(path: Path, value: Any) -> Path:
    """Write JSON, which YAML readers read as well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), "utf-8")
    return path


TARGET = '''
def answer(request):
    """Answer rightly unless the case says otherwise."""
    wanted = request["fields"]["wanted"]
    if wanted == "raise":
        raise RuntimeError("the model is away")
    return "42" if wanted == "right" else "I do not know"
'''

SUITE: Value = {
    "suite": "answers",
    "dimension": "quality",
    "dataset": {"file": "data/answers.jsonl", "slices": ["topic"]},
    "target": {"kind": "python", "function": "target.py:answer"},
    "scorers": [{"id": "correct", "use": "contains_any", "values": ["42"]}],
    "metrics": ["task_success_rate"],
    "limits": {"retries": 0, "timeout_seconds": 5, "concurrency": 4},
}


@dataclass(frozen=True)
class Example:
    """A project on disk, with the keys of the people around it."""

    directory: Path
    standard: Path
    lead: Path
    """Key of the risk lead, whom the standard lists."""
    writer: Path
    owner: Path
    """Key of the owner of the system, who is also listed as a risk lead."""
    stranger: Path
    """A key that nobody lists."""

    def declare(self, **changes: Any) -> None:
        """Write the declaration anew."""
        write_json(self.directory / "roadworthy.yaml", system_value(**changes))

    def suite(self, **changes: Any) -> None:
        """Write the suite anew."""
        write_json(self.directory / "evals" / "answers.yaml", SUITE | changes)

    def cases(self, right: int = 60, wrong: int = 0, broken: int = 0, topic: str = "orders") -> None:
        """Write the dataset anew: cases with a right answer, a wrong one, and an error."""
        wanted = ["right"] * right + ["wrong"] * wrong + ["raise"] * broken
        self.rows([{"id": f"c{i:04}", "topic": topic, "wanted": word} for i, word in enumerate(wanted)])

    def rows(self, rows: list[Value]) -> None:
        """Write these rows as the dataset."""
        path = self.directory / "evals" / "data" / "answers.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    def change_standard(self, **changes: Any) -> None:
        """Write the standard anew with some keys replaced."""
        write_standard(self.standard, **{"authority": self.authority(), **changes})

    def authority(self) -> Value:
        """Return the authority table with the keys of the people."""
        people = (
            ("Rita Risk", self.lead, ["risk-lead"]),
            ("Willy Writer", self.writer, ["writer"]),
            ("Olga Owner", self.owner, ["risk-lead"]),
        )
        signers = [{"name": name, "key": load_signer(key).key_id, "roles": roles} for name, key, roles in people]
        return {**AUTHORITY, "signers": signers}


def write_example(root: Path) -> Example:
    """Write the project: 60 cases, all answered rightly; no statement is signed yet."""
    keys = {name: root / "keys" / f"{name}.pem" for name in ("lead", "writer", "owner", "stranger")}
    for path in keys.values():
        make_key(path)
    example = Example(root / "order-helper", root / "standard", **keys)
    example.declare()
    example.change_standard()
    example.suite()
    example.cases()
    (example.directory / "evals" / "target.py").write_text(TARGET, "utf-8")
    return example


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    text: str
    """Both streams, with every run of white space as one blank."""


@dataclass(frozen=True)
class Command:
    """Runs commands on the example in this process."""

    example: Example
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def now(self, days: float) -> None:
        """Set the clock so many days ahead, or back."""
        from roadworthy.core.clock import format_time

        self.monkeypatch.setenv("ROADWORTHY_NOW", format_time(datetime.now(UTC) + timedelta(days=days)))

    def sign_again(self) -> None:
        """Sign everything anew, after the system has changed."""
        for path in (self.example.directory / "attestations").glob("*.json"):
            path.unlink()
        self.sign_all()

    @property
    def out(self) -> Path:
        """Return the directory that the gate writes into."""
        return self.example.directory.parent / "out"

    def __call__(self, name: str, *arguments: object) -> Said:
        """Run a command of a project."""
        return self.bare(name, *arguments, "-C", self.example.directory)

    def bare(self, *arguments: object) -> Said:
        """Run a command with these arguments only."""
        from roadworthy.cli.main import run

        self.capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        streams = self.capsys.readouterr()
        return Said(code, " ".join(f"{streams.out} {streams.err}".split()))

    def gate(self, *arguments: object) -> Said:
        """Run the gate."""
        return self("gate", "--out", self.out, *arguments)

    def verify(self, *arguments: object) -> Said:
        """Verify the bundle that the gate wrote."""
        return self.bare("verify", self.out / "bundle.zip", *arguments)

    def verdict(self) -> Value:
        """Read the verdict that the gate wrote."""
        value: Value = json.loads((self.out / "verdict.json").read_bytes())
        return value

    def outcome(self, requirement_id: str = "answers-right") -> tuple[str, str]:
        """Return status and reason of a requirement in that verdict."""
        [found] = [o for o in self.verdict()["outcomes"] if o["requirement"] == requirement_id]
        return found["status"], found["reason"]

    def sign_all(self) -> None:
        """Sign the system card and the sign-off, so that only the measurement is left open."""
        card = self.example.directory / "card.md"
        card.write_text("# Order helper")
        for arguments in (
            (
                "system-card",
                "--role",
                "writer",
                "--name",
                "Willy Writer",
                "--document",
                card,
                "--key",
                self.example.writer,
            ),
            ("go-live", "--role", "risk-lead", "--name", "Rita Risk", "--key", self.example.lead),
        ):
            said = self("attest", *arguments, "--statement", "So it is.")
            assert said.code == 0, said.text


STARTER = """
import sys
from pathlib import Path
from roadworthy.standard import load
load.DEFAULT = Path(sys.argv[1])
from roadworthy.cli.main import main
main(sys.argv[2:])
"""


def start(example: Example, *arguments: object, before: Callable[[], None] | None = None) -> Said:
    """Run a command in a process of its own; `before` runs in it first."""
    words = [str(argument) for argument in (example.standard, *arguments)]
    done = subprocess.run(
        [sys.executable, "-c", STARTER, *words],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=before,
        check=False,
    )
    return Said(done.returncode, " ".join(f"{done.stdout} {done.stderr}".split()))


def evaluated(command: Command) -> None:
    """Run the suite, which must end well."""
    said = command("evaluate")
    assert said.code == 0, said.text


def edit(path: Path, old: str, new: str) -> None:
    """Replace some text of a file, which must be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def declaration(command: Command) -> Path:
    """Return the declaration."""
    return command.example.directory / "roadworthy.yaml"


def dataset(command: Command) -> Path:
    """Return the dataset."""
    return command.example.directory / "evals" / "data" / "answers.jsonl"


def predicate(when: str) -> Callable[[Command], None]:
    """Return what adds a document that is required `when`."""

    def make(command: Command) -> None:
        extra = requirement(CARD, id="extra-card", when=when)
        command.example.change_standard(requirements=[ANSWERS, CARD, GO_LIVE, OWNED, extra])

    return make
