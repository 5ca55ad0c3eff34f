"""Addresses of the audit trail."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.list_entries, name="list"),
    path("audit/export", views.export_trail, name="export"),
    path("audit/<int:number>/", views.show_entry, name="entry"),
]
