"""Addresses of decisions, exceptions and authority."""

from __future__ import annotations

from django.urls import path, re_path

from roadworthy.server.decisions import views, views_authority, views_exceptions, views_signing

app_name = "decisions"
urlpatterns = [
    path("decisions/", views.list_requests, name="list"),
    path("decisions/<int:pk>/", views.show, name="show"),
    path("decisions/<int:pk>/sign/", views.sign, name="sign"),
    path("decisions/<int:pk>/again/", views.again, name="again"),
    path("decisions/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("decisions/<int:pk>/recommend/", views.recommend, name="recommend"),
    re_path(r"^decisions/(?P<pk>\d{1,18})/memo\.(?P<kind>html|md)$", views.memo, name="memo"),
    path("releases/<int:release>/decision/", views.ask, name="ask"),
    path("releases/<int:release>/sign/<str:requirement>/", views_signing.sign, name="statement"),
    path("releases/<int:release>/judge/", views_signing.judge, name="judge"),
    path("releases/<int:release>/exception/", views_exceptions.ask, name="ask_exception"),
    path("exceptions/", views_exceptions.list_exceptions, name="exceptions"),
    path("exceptions/<int:pk>/", views_exceptions.show, name="exception"),
    path("exceptions/<int:pk>/decide/", views_exceptions.decide, name="decide_exception"),
    path("exceptions/<int:pk>/withdraw/", views_exceptions.withdraw, name="withdraw_exception"),
    path("authority/", views_authority.authority, name="authority"),
    path("authority/add/", views_authority.add, name="add_rule"),
    path("authority/<int:pk>/", views_authority.rule, name="rule"),
    path("authority/<int:pk>/remove/", views_authority.remove, name="remove_rule"),
    path("vendor-changes/", views_authority.vendor_changes, name="vendor_changes"),
]
