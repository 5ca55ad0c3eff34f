"""Idempotency keys: a POST that is sent again under its key is answered as before, and has no second effect.

As in https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. Key, effect and answer are one
transaction, so that a crash leaves all or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.sealing import seal, unseal
from roadworthy.server.shell.problem import problem_response
from roadworthy.server.wire.models import IdempotencyKey

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
PURPOSE = "answer"
"""Answers are kept sealed, since some hold a secret that is shown once."""
STREAMED = ("/api/v1/bundles",)
"""Operations that take what does not fit in memory; they have one effect for one digest without a key."""


class IdempotencyMiddleware:
    """Answer a POST of the API that names a key it has named before."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, from what was kept when it was asked before."""
        key = request.headers.get(HEADER)
        actor: Actor = request.actor  # type: ignore[attr-defined]
        takes_keys = request.method == "POST" and request.path.startswith("/api/") and request.path not in STREAMED
        if key is None or not takes_keys or not actor.signed_in:
            return self.answer(request)
        if not (0 < len(key) <= 255 and key.isprintable() and key.isascii()):
            error = InputError("the idempotency key is no key", remedy="Send up to 255 printable ASCII characters.")
            return problem_response(request, error)
        return self._once(request, actor, key, _asked(request))

    def _once(self, request: HttpRequest, actor: Actor, key: str, asked: str) -> HttpResponse:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    row = IdempotencyKey.objects.create(actor=actor.id, key=key, asked=asked)
            except IntegrityError:
                return self._again(request, IdempotencyKey.objects.get(actor=actor.id, key=key), asked)
            response = self.answer(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.streaming:
                transaction.set_rollback(True)
                return response
            row.status, row.body = response.status_code, seal(response.content.decode(), PURPOSE)
            row.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            row.save()
            return response

    @staticmethod
    def _again(request: HttpRequest, row: IdempotencyKey, asked: str) -> HttpResponse:
        if row.asked != asked:
            error = InputError("this idempotency key was used for another request", remedy="Make a new key.")
            return problem_response(request, error)
        response = HttpResponse(unseal(row.body, PURPOSE), status=row.status, headers=row.headers)
        response["Idempotency-Replayed"] = "true"
        return response


def _asked(request: HttpRequest) -> str:
    what = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    what.update(request.body)
    return what.hexdigest()
