"""Addresses of assessments and briefs."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.assessments import brief_views, scenario_views, views

app_name = "assessments"
urlpatterns = [
    path("assessments/", views.list_assessments, name="list"),
    path("assessments/start/", views.start, name="start"),
    path("assessments/<int:pk>/", views.show, name="show"),
    path("assessments/<int:pk>/print/", views.print_page, name="print"),
    path("assessments/<int:pk>/refresh/", views.refresh, name="refresh"),
    path("assessments/<int:pk>/submit/", views.submit, name="submit"),
    path("assessments/<int:pk>/return/", views.return_to_draft, name="return"),
    path("assessments/<int:pk>/accept/", views.accept, name="accept"),
    path("assessments/<int:pk>/accept-rest/", scenario_views.accept_rest, name="accept_rest"),
    path("assessments/<int:pk>/add/", scenario_views.add, name="add"),
    path("assessments/<int:pk>/mitigations/<str:mitigation>/", scenario_views.treat_everywhere, name="mitigation"),
    path("assessments/<int:pk>/scenarios/<str:scenario>/", scenario_views.show, name="scenario"),
    path("assessments/<int:pk>/scenarios/<str:scenario>/accept/", scenario_views.accept, name="scenario_accept"),
    path("assessments/<int:pk>/scenarios/<str:scenario>/dismiss/", scenario_views.dismiss, name="scenario_dismiss"),
    path("assessments/<int:pk>/scenarios/<str:scenario>/edit/", scenario_views.edit, name="scenario_edit"),
    path("assessments/<int:pk>/scenarios/<str:scenario>/mitigations/", scenario_views.treat, name="scenario_treat"),
    path("briefs/", brief_views.list_briefs, name="briefs"),
    path("briefs/new/", brief_views.new, name="brief_new"),
    path("briefs/<int:pk>/", brief_views.show, name="brief"),
    path("briefs/<int:pk>/roadworthy.yaml", brief_views.file, name="brief_file"),
    path("briefs/<int:pk>/ask/", brief_views.ask, name="brief_ask"),
    path("briefs/<int:pk>/suggestions/<int:number>/", brief_views.answer, name="brief_answer"),
    path("briefs/<int:pk>/intake/", brief_views.intake, name="brief_intake"),
    path("briefs/<int:pk>/discard/", brief_views.discard, name="brief_discard"),
]
