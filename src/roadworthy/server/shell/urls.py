"""Addresses that tell an orchestrator how the server is."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.shell import views

app_name = "shell"
urlpatterns = [path("healthz", views.healthz, name="healthz"), path("readyz", views.readyz, name="readyz")]
