"""Addresses of systems."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.systems import views

app_name = "systems"
urlpatterns = [path("systems/", views.list_systems, name="list")]
