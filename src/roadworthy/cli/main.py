"""Entry point: from arguments to an exit code; every error ends in one that is not 0."""

from __future__ import annotations

import sys
import traceback

from roadworthy.cli.commands import overview
from roadworthy.core.errors import RoadworthyError

EXIT_USAGE, EXIT_INTERRUPTED = 2, 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given in ([], ["--help"], ["-h"]):
        sys.stdout.write(f"{overview()}\n")
        return 0
    from cyclopts import CycloptsError

    from roadworthy.cli.application import app

    try:
        code = app(given, exit_on_error=False, print_error=False)
    except RoadworthyError as error:
        _complain(error.diagnostics())
        return error.exit_code
    except CycloptsError as error:
        _complain(f"{error}\n  Run 'roadworthy --help' to see the commands.")
        return EXIT_USAGE
    except KeyboardInterrupt:
        _complain("Stopped. What was recorded is kept; run the same command again to go on.")
        return EXIT_INTERRUPTED
    except OSError as error:
        _complain(f"The system refused: {error}\n  Nothing recorded is lost; mend the cause and run it again.")
        return EXIT_USAGE
    except Exception:
        _complain(traceback.format_exc())
        _complain("This is a fault of Roadworthy, and no verdict was given. Please report it.")
        return EXIT_USAGE
    return code if isinstance(code, int) else 0


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
