"""Addresses of findings."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.findings import views

app_name = "findings"
urlpatterns = [
    path("findings/", views.list_findings, name="list"),
    path("findings/board", views.show_board, name="board"),
    path("findings/new", views.new, name="new"),
    path("findings/bulk", views.bulk, name="bulk"),
    path("findings/<int:pk>/", views.show, name="show"),
    path("findings/<int:pk>/edit", views.edit, name="edit"),
    path("findings/<int:pk>/assign", views.assign, name="assign"),
    path("findings/<int:pk>/start", views.start, name="start"),
    path("findings/<int:pk>/stop", views.stop, name="stop"),
    path("findings/<int:pk>/comment", views.comment, name="comment"),
    path("findings/<int:pk>/comments/<int:number>/retract", views.retract, name="retract"),
    path("findings/<int:pk>/close", views.close, name="close"),
    path("findings/<int:pk>/accept", views.accept, name="accept"),
]
