"""Addresses of standards, controls and coverage."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.standards import change_views, control_views, views

app_name = "standards"
urlpatterns = [
    path("standards/", views.list_versions, name="list"),
    path("standards/start/", change_views.start, name="start"),
    path("standards/requirements/<str:name>/", views.requirement, name="requirement"),
    path("standards/<int:pk>/", views.show, name="show"),
    path("standards/<int:pk>/layer.zip", views.layer, name="layer"),
    path("standards/<int:pk>/edit/", change_views.edit, name="edit"),
    path("standards/<int:pk>/threshold/", change_views.threshold, name="threshold"),
    path("standards/<int:pk>/preview/", change_views.preview, name="preview"),
    path("standards/<int:pk>/propose/", change_views.propose_draft, name="propose"),
    path("standards/<int:pk>/take-back/", change_views.take_back_proposal, name="take_back"),
    path("standards/<int:pk>/withdraw/", change_views.withdraw_draft, name="withdraw"),
    path("standards/<int:pk>/decide/", change_views.decide_about, name="decide"),
    path("standards/<int:pk>/publish/", change_views.publish_version, name="publish"),
    path("controls/", control_views.list_controls, name="controls"),
    path("controls/<str:name>/", control_views.control, name="control"),
    path("coverage/", control_views.coverage, name="coverage"),
    path("coverage/framework/", control_views.framework, name="framework"),
]
