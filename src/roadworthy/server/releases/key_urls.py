"""Addresses of the keys that may seal bundles."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.releases import key_views

app_name = "keys"
urlpatterns = [
    path("keys/", key_views.list_keys, name="list"),
    path("keys/<int:pk>/revoke", key_views.revoke, name="revoke"),
]
