"""Values that come from the environment: `${NAME}` in a suite, so that secrets stay out of files."""

from __future__ import annotations

import os
import re

from roadworthy.core.errors import InputError, Place

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(text: str, place: Place | None = None) -> str:
    """Replace each `${NAME}` by the environment's value; an absent one is an error that names it."""
    return _VARIABLE.sub(lambda match: variable(match.group(1), place), text)


def variables(text: str) -> list[str]:
    """List the names that `text` takes from the environment."""
    return _VARIABLE.findall(text)


def variable(name: str, place: Place | None = None) -> str:
    """Return the value of one environment variable. Raises InputError when it is absent or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise InputError(
            f"the environment variable {name} is not set", place=place, remedy=f"Set it: export {name}=..."
        )
    return value
