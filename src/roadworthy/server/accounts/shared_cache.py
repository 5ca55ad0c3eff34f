"""A cache that all processes share, in the database: counts of failed sign-ins, and codes that were used.

Django's own is emptied from one end when it is full, so that whoever fills it wipes what was counted against them, and
keeps pickles. This one forgets by time alone, and keeps JSON. Every operation is one statement.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from roadworthy.server.accounts.models import Kept

_FOREVER = 10 * 365 * 86_400.0
"""Seconds for which something is kept that names no end."""
_TABLE = Kept._meta.db_table
_PUT = f"""
INSERT INTO {_TABLE} (key, value, until) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, until = excluded.until
"""  # noqa: S608 - the name of our own table
_ADD = f"{_PUT} WHERE {_TABLE}.until <= %s"
"""Only where nothing is kept that counts: of two at once, one adds."""


class SharedCache(BaseCache):
    """Keeps small values as JSON until they end."""

    def __init__(self, _: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value unless there is one; tell whether it was kept."""
        return self._write(_ADD, [*self._row(key, value, timeout, version), time.time()]) == 1

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return a value; `default` where there is none that counts."""
        rows = Kept.objects.filter(key=self._digest(key, version), until__gt=time.time())
        found = rows.values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value in the place of another."""
        self._write(_PUT, self._row(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer; tell whether there is one."""
        rows = Kept.objects.filter(key=self._digest(key, version), until__gt=time.time())
        return bool(rows.update(until=self._until(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; tell whether there was one."""
        return bool(Kept.objects.filter(key=self._digest(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        Kept.objects.all().delete()

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> list[Any]:
        return [self._digest(key, version), json.dumps(value), self._until(timeout)]

    def _digest(self, key: str, version: int | None) -> str:
        return hashlib.sha256(self.make_key(key, version).encode()).hexdigest()

    def _until(self, timeout: Any) -> float:
        end = self.get_backend_timeout(timeout)
        return time.time() + _FOREVER if end is None else float(end)

    @staticmethod
    def _write(statement: str, values: list[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)
