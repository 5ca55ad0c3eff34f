"""Addresses of the portfolio."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.portfolio import views

app_name = "portfolio"
urlpatterns = [
    path("", views.home, name="home"),
    path("portfolio/", views.show_readiness, name="readiness"),
    path("portfolio/launches/", views.show_launches, name="launches"),
    path("portfolio/waiting/", views.show_waiting, name="waiting"),
    path("portfolio/risk/", views.show_risk, name="risk"),
    path("portfolio/audit/", views.show_audit, name="audit"),
    path("kpis/", views.show_kpis, name="kpis"),
    path("kpis/<slug:kpi>/", views.show_kpi, name="kpi"),
]
