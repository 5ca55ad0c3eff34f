"""The table of commands: what the overview, the command line and the docs are made from."""

from __future__ import annotations

ABOUT = "Decide, with evidence, whether an AI feature may ship."
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init:init", "Write roadworthy.yaml, a first suite and an ignore file; overwrite nothing."),
    "check": ("check:check", "Validate every file: file, line, cause, nearest known key."),
    "tier": ("tier:tier", "Show the tier and regulatory class, with the declared facts that led to each."),
    "brief": ("brief:brief", "Draft tier, top risks, evaluation plan, gates and signals from a product brief."),
    "assess": ("assess:assess", "Propose harm scenarios and model the threats, with the facts that led to each."),
    "requirements": ("requirements:requirements", "Show what must be true before you ship, and where each stands."),
    "power": ("power:power", "Say how many cases, in how many clusters, it takes to show a rate."),
    "evaluate": ("evaluate:evaluate", "Run the suites whose evidence is missing or stale; resumes after a crash."),
    "import": (
        "import_:import_",
        "Take the log of another tool: what it holds, what it lacks, and a suite that measures it.",
    ),
    "attest": ("attest:attest", "Sign a document, a sign-off or an exception for a requirement."),
    "gate": ("gate:gate", "Judge, write bundle and reports, and exit 0 (ship), 1 (not met) or 3 (undecided)."),
    "push": ("push:push", "Send a bundle to the server, which replays it before it believes it."),
    "verify": ("verify:verify", "Check a bundle offline: signatures, digests, ledger, and the verdict recomputed."),
    "verify-audit": (
        "verify_audit:verify_audit",
        "Check an export of a server's audit trail offline: nothing altered, left out or cut off.",
    ),
    "clearance": (
        "clearance:clearance",
        "Ask the server whether a release may be deployed now; exits 0 if so, else 1.",
    ),
    "explain": ("explain:explain", "Say why a requirement has its outcome and what would settle it."),
    "compare": ("compare:compare", "Compare two runs sample by sample: what is real, and what is noise."),
    "export": ("export:export", "Write a run for other tools: an Inspect log, or Every Eval Ever."),
    "change": ("change:change", "Say what differs between two declarations, or from a shipped bundle."),
    "serve": ("serve:serve", "Run the server where teams, approvers and leaders work."),
    "work": ("serve:work", "Do the jobs of a server: expiries, reminders, deliveries."),
    "doctor": ("doctor:doctor", "Say what is wrong with the server of this machine, and what to do."),
    "backup": ("backup:backup", "Write a backup of the server, while it runs: database, evidence, keys."),
    "restore": ("backup:restore", "Bring a backup back into an empty place, and prove that it is whole."),
    "schema": ("schema:schema", "Print the JSON Schema of a file, for editors."),
}
"""Name -> where it is (module:function of this package), and what it does."""
STANDARD_COMMANDS: dict[str, tuple[str, str]] = {
    "show": ("standard:show", "Show the standard: tiers, controls, requirements."),
    "check": ("standard:check", "Validate a standard and its layers, predicates and framework references."),
    "test": ("standard:test", "Run the policy tests that lie beside a standard."),
    "diff": ("standard:diff", "Show what a change of the standard means, also for given systems."),
}
STANDARD_ABOUT = "Show, check, test and compare standards."


def overview() -> str:
    """Write what `roadworthy --help` shows; it loads no library, so that it answers at once."""
    rows = [(name, text) for name, (_, text) in COMMANDS.items()] + [("standard", STANDARD_ABOUT)]
    width = max(len(name) for name, _ in rows)
    lines = [
        "Usage: roadworthy COMMAND",
        "",
        ABOUT,
        "",
        "Commands, in the order of the work:",
        *(f"  {name:<{width}}  {text}" for name, text in rows),
        "",
        "'roadworthy COMMAND --help' tells what a command takes; 'roadworthy --version' which version this is.",
    ]
    return "\n".join(lines)
