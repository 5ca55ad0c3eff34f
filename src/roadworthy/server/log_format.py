"""How the log is written: as text or as one line of JSON for each event, with the request's id and without secrets."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from roadworthy.server.request_log import FIELDS, request_id

_SECRETS = (
    (re.compile(r"(/set-up/)[\w-]+"), r"\1..."),
    (re.compile(r"\b(rw_|whsec_)[\w+/=-]{8,}"), r"\1..."),
    (re.compile(r"(?i)\b(bearer |basic )[\w.+/=~-]{8,}"), r"\1..."),
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@/]+@"), r"\1...@"),
)


def without_secrets(text: str) -> str:
    """Return a text without what opens a door: links for setting up, tokens, passwords in addresses."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class TextFormatter(logging.Formatter):
    """Write a record for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = super().format(record)
        asked = request_id.get()
        return without_secrets(f"{text} [{asked}]" if asked else text)


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON object: at, level, logger, message, and request, fields and error where there are."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if asked := request_id.get():
            line["request"] = asked
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
