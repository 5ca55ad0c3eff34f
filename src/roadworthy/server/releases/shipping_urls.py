"""Addresses of shipping: what is posted from the page of a release."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.releases import shipping_views

app_name = "shipping"
urlpatterns = [
    path("releases/<int:pk>/ship", shipping_views.ship_release, name="ship"),
    path("releases/<int:pk>/withdraw", shipping_views.withdraw_release, name="withdraw"),
]
