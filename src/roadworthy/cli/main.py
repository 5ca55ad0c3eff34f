"""Entry point. Commands are named by path and imported when called, so that --help stays fast."""

from __future__ import annotations

import sys

from cyclopts import App

from roadworthy.core.version import VERSION

app = App(
    name="roadworthy",
    version=VERSION,
    help="Decide, with evidence, whether an AI feature may ship.",
    help_format="plaintext",
    result_action="return_value",
)
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init:init", "Write roadworthy.yaml, a first suite and an ignore file; overwrite nothing."),
    "check": ("check:check", "Validate every file: file, line, cause, nearest known key."),
    "tier": ("tier:tier", "Show the tier and regulatory class, with the declared facts that led to each."),
    "requirements": (
        "requirements:requirements",
        "Show what must be true before you ship, and where each stands.",
    ),
    "evaluate": (
        "evaluate:evaluate",
        "Run the suites whose evidence is missing or stale; resumes after a crash.",
    ),
    "attest": ("attest:attest", "Sign a document, a sign-off or an exception for a requirement."),
    "gate": (
        "gate:gate",
        "Judge, write bundle and reports, and exit 0 (ship), 1 (not met) or 3 (undecided).",
    ),
    "verify": (
        "verify:verify",
        "Check a bundle offline: signatures, digests, ledger, and the verdict recomputed.",
    ),
    "explain": ("explain:explain", "Say why a requirement has its outcome and what would settle it."),
    "change": ("change:change", "Say what differs between two declarations, or from a shipped bundle."),
    "schema": ("schema:schema", "Print the JSON Schema of a file, for editors."),
}
STANDARD_COMMANDS: dict[str, tuple[str, str]] = {
    "show": ("standard:show", "Show the standard: tiers, controls, requirements."),
    "check": ("standard:check", "Validate a standard and its layers, predicates and framework references."),
    "test": ("standard:test", "Run the policy tests that lie beside a standard."),
    "diff": ("standard:diff", "Show what a change of the standard means, also for given systems."),
}
standard_app = App(name="standard", help="Show, check, test and compare standards.", sort_key=len(COMMANDS))
for _order, (_name, (_path, _help)) in enumerate(STANDARD_COMMANDS.items()):
    standard_app.command(f"roadworthy.cli.{_path}", name=_name, help=_help, sort_key=_order)
for _order, (_name, (_path, _help)) in enumerate(COMMANDS.items()):
    app.command(f"roadworthy.cli.{_path}", name=_name, help=_help, sort_key=_order)
app.command(standard_app)

EXIT_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code; every error ends in one that is not 0."""
    from cyclopts import CycloptsError

    from roadworthy.core.errors import RoadworthyError

    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except RoadworthyError as error:
        print_error(error.diagnostics())
        return error.exit_code
    except CycloptsError as error:
        print_error(f"{error}\n  Run 'roadworthy --help' to see the commands.")
        return 2
    except KeyboardInterrupt:
        print_error("Stopped. What was recorded is kept; run the same command again to go on.")
        return EXIT_INTERRUPTED
    except OSError as error:
        print_error(f"The system refused: {error}\n  Nothing recorded is lost; mend the cause and run it again.")
        return 2
    return code if isinstance(code, int) else 0


def print_error(text: str) -> None:
    """Write an error to the standard error stream."""
    sys.stderr.write(f"{text}\n")
