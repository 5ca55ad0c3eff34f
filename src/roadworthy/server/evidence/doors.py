"""Doors of the app. Samples and documents need a permission of their own on the system; reading them is recorded."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET evidence:list": Permission.EVIDENCE_READ,
        "GET evidence:record": Permission.EVIDENCE_READ,
        "GET evidence:samples": Permission.EVIDENCE_SENSITIVE,
        "GET evidence:compare": Permission.EVIDENCE_READ,
        "GET evidence:document": Permission.EVIDENCE_SENSITIVE,
        "GET evidence:preview": Permission.EVIDENCE_SENSITIVE,
        "GET evidence:picture": Permission.EVIDENCE_SENSITIVE,
        "POST documents:upload": Permission.EVIDENCE_UPLOAD,
        "GET documents:download": Permission.EVIDENCE_SENSITIVE,
        "GET documents:preview": Permission.EVIDENCE_SENSITIVE,
        "GET documents:picture": Permission.EVIDENCE_SENSITIVE,
        "GET api:documents": Permission.EVIDENCE_READ,
        "POST api:documents": Permission.EVIDENCE_UPLOAD,
        "GET api:document": Permission.EVIDENCE_SENSITIVE,
        "GET api:document_preview": Permission.EVIDENCE_SENSITIVE,
        "GET api:evidence": Permission.EVIDENCE_READ,
        "GET api:record": Permission.EVIDENCE_READ,
        "GET api:record_preview": Permission.EVIDENCE_SENSITIVE,
        "GET api:record_samples": Permission.EVIDENCE_SENSITIVE,
        "GET api:record_slices": Permission.EVIDENCE_READ,
    }
)
