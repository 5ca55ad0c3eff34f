"""Every address of the server."""

from __future__ import annotations

from django.urls import include, path

from roadworthy.server.api.api import api

urlpatterns = [
    path("", include("roadworthy.server.shell.urls")),
    path("", include("roadworthy.server.jobs.urls")),
    path("", include("roadworthy.server.webhooks.urls")),
    path("", include("roadworthy.server.systems.urls")),
    path("", include("roadworthy.server.standards.urls")),
    path("", include("roadworthy.server.findings.urls")),
    path("", include("roadworthy.server.portfolio.urls")),
    path("", include("roadworthy.server.assessments.urls")),
    path("", include("roadworthy.server.accounts.urls")),
    path("", include("roadworthy.server.evidence.urls")),
    path("", include("roadworthy.server.evidence.document_urls")),
    path("", include("roadworthy.server.releases.key_urls")),
    path("", include("roadworthy.server.releases.shipping_urls")),
    path("", include("roadworthy.server.releases.urls")),
    path("", include("roadworthy.server.audit.urls")),
    path("", include("roadworthy.server.decisions.urls")),
    path("", include("roadworthy.server.doctor.urls")),
    path("accounts/", include("roadworthy.server.accounts.allauth_urls")),
    path("api/v1/", api.urls),
    path("scim/v2/", include("roadworthy.server.accounts.scim.urls")),
]
handler400 = "roadworthy.server.shell.failures.bad_request"
handler404 = "roadworthy.server.shell.failures.not_found"
handler500 = "roadworthy.server.shell.failures.failed"
