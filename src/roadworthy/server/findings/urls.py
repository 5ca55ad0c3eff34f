"""Addresses of findings."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.findings import views

app_name = "findings"
urlpatterns = [
    path("findings/", views.list_findings, name="list"),
    path("findings.csv", views.download, name="csv"),
    path("findings/board", views.show_board, name="board"),
    path("findings/new", views.new, name="new"),
    path("findings/bulk", views.bulk, name="bulk"),
    path("findings/<key:pk>/", views.show, name="show"),
    path("findings/<key:pk>/edit", views.edit, name="edit"),
    path("findings/<key:pk>/assign", views.assign, name="assign"),
    path("findings/<key:pk>/start", views.start, name="start"),
    path("findings/<key:pk>/stop", views.stop, name="stop"),
    path("findings/<key:pk>/close", views.close, name="close"),
    path("findings/<key:pk>/accept", views.accept, name="accept"),
]
