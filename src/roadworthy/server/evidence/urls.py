"""Addresses of evidence."""

from __future__ import annotations

from django.urls import path, register_converter

from roadworthy.server.evidence import preview_views, views


class Sha256:
    """A SHA-256 in lower-case hex."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it is."""
        return value


register_converter(Sha256, "sha256")
app_name = "evidence"
urlpatterns = [
    path("evidence/", views.list_evidence, name="list"),
    path("evidence/<sha256:digest>/", views.show_record, name="record"),
    path("evidence/<sha256:digest>/samples", views.show_samples, name="samples"),
    path("evidence/<sha256:digest>/compare", views.compare, name="compare"),
    path("evidence/<sha256:digest>/document", views.download_document, name="document"),
    path("evidence/<sha256:digest>/preview", preview_views.preview_record, name="preview"),
    path("evidence/<sha256:digest>/picture", preview_views.picture_of_record, name="picture"),
]
