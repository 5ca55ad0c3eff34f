"""Addresses of webhooks."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("webhooks/", views.list_webhooks, name="list"),
    path("webhooks/<int:pk>/", views.show_webhook, name="show"),
    path("webhooks/<int:pk>/renew", views.renew, name="renew"),
    path("webhooks/<int:pk>/remove", views.remove, name="remove"),
    path("webhooks/<int:pk>/try", views.try_out, name="try"),
    path("webhooks/<int:pk>/deliveries/<int:delivery>/again", views.again, name="again"),
]
