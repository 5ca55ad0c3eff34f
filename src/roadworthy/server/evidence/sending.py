"""Files on their way out: whole, checked, never run inside our pages."""

from __future__ import annotations

import re

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.models import Blob
from roadworthy.server.evidence.storage import missing

SANDBOX = "default-src 'none'; sandbox"
_STRANGE = re.compile(r"[^\w .()+-]+")


def file_name(name: str, otherwise: str) -> str:
    """Return a name that every system takes: no path, no control characters, not hidden, at most 120 letters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _STRANGE.sub("_", last).strip(" .")[:120] or otherwise


def send_file(blob: Blob, name: str = "", media_type: str = "") -> StreamingHttpResponse:
    """Send a file as a download. One that was altered breaks off before its end; see Store.read."""
    response = _sent(blob, media_type or blob.media_type)
    shown = file_name(name or blob.name, f"{blob.sha256[:12]}.bin")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=shown)
    return response


def show_picture(blob: Blob, media_type: str) -> StreamingHttpResponse:
    """Send an image for a page of ours; `media_type` is what its content was found to be."""
    response = _sent(blob, media_type)
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _sent(blob: Blob, media_type: str) -> StreamingHttpResponse:
    size = store().size(blob.sha256)
    if size is None:
        raise missing(blob.sha256)
    response = StreamingHttpResponse(store().read(blob.sha256), content_type=media_type)
    response["Content-Length"] = str(size)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Repr-Digest"] = f"sha-256=:{_base64(blob.sha256)}:"
    return response


def _base64(digest: str) -> str:
    import base64

    return base64.b64encode(bytes.fromhex(digest)).decode()
