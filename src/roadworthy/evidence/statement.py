"""In-toto Statement v1: which artifacts, by digest, a predicate is about.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.core.errors import EvidenceError, Place

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Statement:
    """A validated statement."""

    subjects: Mapping[str, str]
    """SHA-256 by name."""
    predicate_type: str
    predicate: dict[str, Any]


def build_statement(subjects: Mapping[str, str], predicate_type: str, predicate: dict[str, Any]) -> dict[str, Any]:
    """Return the statement that `predicate` holds for `subjects` (SHA-256 by name)."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": subjects[name]}} for name in sorted(subjects)],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    parse_statement(statement)
    return statement


def parse_statement(value: Mapping[str, Any], place: Place | None = None) -> Statement:
    """Validate a statement that `build_statement` could have made.

    Raises EvidenceError on an unknown key, a digest that is not SHA-256, a name given twice or no subject.
    """
    if set(value) != {"_type", "subject", "predicateType", "predicate"} or value["_type"] != STATEMENT_TYPE:
        raise _broken("this is not an in-toto Statement v1", place)
    if not isinstance(value["predicateType"], str) or not isinstance(value["predicate"], dict):
        raise _broken("predicateType must be text and predicate an object", place)
    if not isinstance(value["subject"], list) or not value["subject"]:
        raise _broken("the statement is about nothing: it has no subject", place)
    subjects = [_subject(subject, place) for subject in value["subject"]]
    names = [name for name, _ in subjects]
    if names != sorted(set(names)):
        raise _broken("the subjects are not in the order of their names, each once", place)
    return Statement(dict(subjects), value["predicateType"], value["predicate"])


def _subject(subject: Any, place: Place | None) -> tuple[str, str]:
    match subject:
        case {"name": str(name), "digest": {"sha256": str(digest), **no_digest}, **nothing} if (
            name and not nothing and not no_digest and SHA256.fullmatch(digest)
        ):
            return name, digest
    raise _broken("a subject needs a name and a SHA-256 digest, and nothing else", place)


def _broken(problem: str, place: Place | None) -> EvidenceError:
    return EvidenceError(problem, place=place, remedy="Make the statement again with this version of Roadworthy.")
