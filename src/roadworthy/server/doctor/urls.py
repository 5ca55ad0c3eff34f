"""Addresses of the doctor."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.doctor import views

app_name = "doctor"
urlpatterns = [path("administration/health", views.health, name="health")]
