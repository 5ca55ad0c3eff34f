"""Forms with files: no more is taken than a document may have, and it waits beside the store, where it is swept."""

from __future__ import annotations

import tempfile
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from roadworthy.server.evidence.documents import MOST
from roadworthy.server.evidence.incoming import PREFIX, workshop

ROOM = 1024 * 1024
"""Bytes of the form around the file."""


class Waiting(TemporaryUploadedFile):
    """A file of a form that is not looked at yet; gone when it is closed, or swept after a crash."""

    def __init__(self, name: str, content_type: str, size: int, charset: str, extra: Any = None) -> None:
        held = tempfile.NamedTemporaryFile(prefix=PREFIX, dir=workshop())  # noqa: SIM115 - closed with the request
        UploadedFile.__init__(self, held, name, content_type, size, charset, extra)


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Refuses a form as soon as it is larger than a document and its form may be."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - as Django names it
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Refuse by the announced length, before anything is read; forms without one are empty."""
        if content_length > MOST + ROOM:
            raise RequestDataTooBig("more was sent than is received here")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        name, kind, charset = self.file_name or "", self.content_type or "", self.charset or ""
        self.file = Waiting(name, kind, 0, charset, self.content_type_extra)
