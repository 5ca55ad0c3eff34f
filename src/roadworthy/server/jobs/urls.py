"""Addresses of the inbox and of jobs."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.jobs import views

app_name = "jobs"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read", views.read, name="read"),
    path("jobs/", views.jobs, name="list"),
]
