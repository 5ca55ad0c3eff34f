"""What people write about people: names, mail addresses and ids, checked alike for pages, API and SCIM."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from roadworthy.core.errors import InputError

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,48}[a-z0-9]|[a-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def name(text: str, what: str, longest: int = 200) -> str:
    """Return a name of one line without blanks around it; raises InputError when it is empty or too long."""
    shown = text.strip()
    if not shown or len(shown) > longest or _CONTROL.search(shown):
        raise InputError(f"{what} has 1 to {longest} characters on one line", remedy=f"Write {what} anew.")
    return shown


def address(text: str) -> str:
    """Return a mail address in lower case, as it is kept and compared; raises InputError when it is none."""
    shown = text.strip().lower()
    try:
        validate_email(shown)
    except ValidationError as error:
        raise InputError("this is no mail address", remedy="Write it as name@example.com.") from error
    if len(shown) > 254:
        raise InputError("a mail address has at most 254 characters", remedy="Write another one.")
    return shown


def slug(text: str) -> str:
    """Return an id; raises InputError when it has other characters than a-z, 0-9 and inner hyphens."""
    if not SLUG.fullmatch(text):
        raise InputError(
            "an id has 1 to 50 characters: a-z, 0-9 and hyphens between them", remedy="Write it as payments-eu."
        )
    return text
