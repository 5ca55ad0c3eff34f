"""Build the rule by which a suite of a project may end early, from the criteria that the standard holds it to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.clock import now
from roadworthy.core.errors import InputError, Place
from roadworthy.core.files import write_atomically
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.decide.sequential import Design
from roadworthy.decide.sequential_rule import Question, questions, settle
from roadworthy.evaluate.plan import Plan, bind
from roadworthy.evaluate.run import harness_major
from roadworthy.evaluate.run_directory import RUN_FILE, choose_directory, read_run_file
from roadworthy.evaluate.running_tally import Tallies
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.unit_order import IN_ROUNDS, ORDER, UnitOrder
from roadworthy.evaluate.until_decided import UntilDecided
from roadworthy.evidence.predicate import Stopping
from roadworthy.project.gate import tier_project
from roadworthy.project.project import STORE, Project

RULE, ONE_ROUND = "betting 2", "betting 1"
"""Name and version of the rule: the bets of stats/betting.py and the looks of evaluate/until_decided.py.

Version 1 had one round only; runs that were begun by it go on so."""
RULE_FILE = "stopping.json"
"""In a run directory: the rule by which its run may end, written before the first answer."""


@dataclass(frozen=True)
class Sequential:
    """A suite that runs until its criteria are settled."""

    name: str
    order: UnitOrder
    asked: tuple[Question, ...]
    rule: UntilDecided

    def sealed(self) -> dict[str, Any]:
        """Return what the evidence says of it, once the run has ended."""
        counted = self.rule.counted
        stopping = Stopping(
            rule=self.name,
            seed=self.order.seed,
            order=IN_ROUNDS if self.order.in_rounds else ORDER,
            units=counted.units,
            samples=counted.samples,
            through=counted.through,
            planned=self.order.planned,
            looked_at=tuple(dict.fromkeys(question.words for question in self.asked)),
            settled=self.rule.why,
            round=counted.round if self.order.in_rounds else None,
        )
        built: dict[str, Any] = msgspec.to_builtins(stopping)
        return built


def criteria_to_settle(project: Project, suite: Suite) -> list[Question]:
    """List the criteria that settle a suite; raises InputError when there is none, or one that needs every sample."""
    tier = tier_project(project).tier
    applicable = applicable_requirements(project.system, project.loaded, tier, now())
    return questions(suite.suite, list(suite.metrics), suite.dataset.slice_names, applicable, tier)


def choose_rule(project: Project, suite: Suite, *, until_decided: bool, fresh: bool) -> Sequential | None:
    """Return the rule by which a run ends; None for one that asks everything it planned.

    The rule is chosen before the first answer and stays with the run: one that was begun until decided goes on so, and
    a finished one that was not is left as it is. Raises InputError when an unfinished run was begun without the rule,
    since choosing it after some answers were seen would cost the error rate.
    """
    runs = project.directory / STORE / "runs" / suite.suite
    if not until_decided and not any(runs.glob(f"*/{RULE_FILE}")):
        return None
    plan = bind(suite, project.system, project.directory)
    key = plan.digest(plan.dataset.survey().digest, project.fingerprint.digest, harness_major())
    directory = choose_directory(runs, key, fresh=fresh)
    sequential_run = (directory / RULE_FILE).exists()
    if not sequential_run and (directory / RUN_FILE).exists():
        if until_decided and not read_run_file(directory).finished:
            raise InputError(
                f"the run of {suite.suite!r} was begun without --until-decided; its rule cannot be changed on the way",
                remedy=f"Finish it without the option, or remove {directory} to start anew.",
            )
        return None
    if not sequential_run and not until_decided:
        return None
    if sequential_run:
        return _sequential(project, suite, plan, _begun(directory))
    built = _sequential(project, suite, plan, RULE)
    directory.mkdir(parents=True, exist_ok=True)
    rule = {"rule": RULE, "order": IN_ROUNDS if built.order.in_rounds else ORDER, "seed": suite.seed}
    write_atomically(directory / RULE_FILE, msgspec.json.encode(rule))
    return built


def _begun(directory: Path) -> str:
    """Return the rule by which a run was begun."""
    path = directory / RULE_FILE
    name = msgspec.json.decode(path.read_bytes())["rule"]
    if name not in (RULE, ONE_ROUND):
        raise InputError(
            f"the run was begun by the rule {name!r}, which this version does not know",
            place=Place(path),
            remedy=f"Finish it with the version that began it, or remove {directory} to start anew.",
        )
    return str(name)


def _sequential(project: Project, suite: Suite, plan: Plan, name: str) -> Sequential:
    asked = tuple(criteria_to_settle(project, suite))
    looks = list(dict.fromkeys(look for question in asked for look in question.looks))
    slices = suite.dataset.slice_names
    columns = [*((each,) for each in slices), *(by for _, by in looks)]
    order = UnitOrder.of(plan.dataset, columns, in_rounds=name != ONE_ROUND)
    design = Design(suite.suite, suite.dataset.cluster or "cluster", suite.epochs, order.planned)

    def settled(tallies: Tallies, complete: bool) -> str | None:
        return settle(asked, tallies, replace(design, ended_early=not complete))

    rule = UntilDecided(order, suite.epochs, looks, settled, slices=slices, scores=suite.score_ids)
    return Sequential(name, order, asked, rule)
