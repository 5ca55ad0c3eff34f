"""Addresses of uploaded documents."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.evidence import document_views, preview_views, urls

del urls  # registers the converter `sha256`

app_name = "documents"
urlpatterns = [
    path("systems/<str:system>/documents", document_views.upload_document, name="upload"),
    path("systems/<str:system>/documents/<sha256:digest>", document_views.download_document, name="download"),
    path("systems/<str:system>/documents/<sha256:digest>/preview", preview_views.preview_document, name="preview"),
    path("systems/<str:system>/documents/<sha256:digest>/picture", preview_views.picture_of_document, name="picture"),
]
