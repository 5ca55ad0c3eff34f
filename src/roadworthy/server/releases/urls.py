"""Addresses of releases."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.releases import views

app_name = "releases"
urlpatterns = [
    path("releases/", views.list_releases, name="list"),
    path("releases/<int:pk>/", views.show_release, name="release"),
]
