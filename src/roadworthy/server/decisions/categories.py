"""Why exceptions are asked for: the list from which people choose, so that reasons can be counted."""

from __future__ import annotations

CATEGORIES: dict[str, str] = {
    "new scenario": "The standard did not foresee a system like this one",
    "too hard": "It cannot be reached with what is known today",
    "too costly now": "It is planned, and other work comes first",
    "not applicable here": "It does not fit this system, though the rule says so",
    "vendor cannot show it": "A vendor does not give the evidence",
    "evidence on its way": "It is being measured or written",
    "urgent fix": "Waiting would do more harm than shipping",
}
"""Category -> what it means."""
