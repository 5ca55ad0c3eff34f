"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.accounts import views

app_name = "people"
urlpatterns = [path("set-up/<str:secret>", views.set_up, name="set_up")]
