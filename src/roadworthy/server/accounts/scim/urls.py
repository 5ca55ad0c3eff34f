"""Addresses of SCIM."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.accounts.scim import views

app_name = "scim"
urlpatterns = [
    path("ServiceProviderConfig", views.service_provider_config, name="service_provider_config"),
    path("ResourceTypes", views.resource_types, name="resource_types"),
    path("ResourceTypes/<str:key>", views.resource_type, name="resource_type"),
    path("Schemas", views.schemas, name="schemas"),
    path("Schemas/<str:key>", views.schema, name="schema"),
    path("Users", views.users, name="users"),
    path("Users/.search", views.search_users, name="search_users"),
    path("Users/<str:key>", views.user, name="user"),
    path("Groups", views.groups, name="groups"),
    path("Groups/.search", views.search_groups, name="search_groups"),
    path("Groups/<str:key>", views.group, name="group"),
    path(".search", views.search_all, name="search"),
    path("Bulk", views.not_offered, name="bulk"),
    path("Me", views.not_offered, name="me"),
]
