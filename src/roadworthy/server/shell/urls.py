"""Addresses that tell an orchestrator how the server is, and those of the frame: search, theme."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.shell import views
from roadworthy.server.shell.styleguide import styleguide

app_name = "shell"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("search", views.search, name="search"),
    path("styleguide/", styleguide, name="styleguide"),
    path("saved-views/", views.keep_view, name="save_view"),
    path("saved-views/<int:number>/remove", views.drop_view, name="remove_view"),
    path("theme", views.set_theme, name="theme"),
]
