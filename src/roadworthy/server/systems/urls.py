"""Addresses of systems, intakes and questions."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.systems import change_views, intake_views, office_hours_views, tier_views, views

app_name = "systems"
urlpatterns = [
    path("systems/", views.list_systems, name="list"),
    path("register/", views.new, name="new"),
    path("register/file/", change_views.import_file, name="import"),
    path("set-on-systems/<str:name>/", change_views.set_bulk, name="bulk"),
    path("systems/<str:slug>/", views.show, name="show"),
    path("systems/<str:slug>/roadworthy.yaml", views.file, name="file"),
    path("systems/<str:slug>/versions/<int:number>/", views.version, name="version"),
    path("systems/<str:slug>/compare/", views.compare, name="compare"),
    path("systems/<str:slug>/before-you-ship/", views.show_ship_list, name="ship_list"),
    path("systems/<str:slug>/before-you-ship.md", views.checklist, name="checklist"),
    path("systems/<str:slug>/edit/", change_views.edit, name="edit"),
    path("systems/<str:slug>/edit/form/", change_views.edit_form, name="edit_form"),
    path("systems/<str:slug>/properties/", change_views.properties, name="properties"),
    path("systems/<str:slug>/retire/", change_views.retire_system, name="retire"),
    path("systems/<str:slug>/tier/", tier_views.tier, name="tier"),
    path("systems/<str:slug>/tier/end/", tier_views.tier_end, name="tier_end"),
    path("systems/<str:slug>/tier/requests/<int:pk>/decide/", tier_views.tier_decide, name="tier_decide"),
    path("systems/<str:slug>/tier/requests/<int:pk>/withdraw/", tier_views.tier_withdraw, name="tier_withdraw"),
    path("intakes/", intake_views.list_intakes, name="intakes"),
    path("intakes/start/", intake_views.start, name="intake_start"),
    path("intakes/<int:pk>/", intake_views.resume, name="intake"),
    path("intakes/<int:pk>/submit/", intake_views.submit_intake, name="intake_submit"),
    path("intakes/<int:pk>/hand-over/", intake_views.hand_over_intake, name="intake_hand_over"),
    path("intakes/<int:pk>/discard/", intake_views.discard_intake, name="intake_discard"),
    path("intakes/<int:pk>/<slug:slug>/", intake_views.step, name="intake_step"),
    path("questions/", office_hours_views.list_questions, name="questions"),
    path("questions/new/", office_hours_views.new, name="question_new"),
    path("questions/<int:pk>/", office_hours_views.show, name="question"),
    path("questions/<int:pk>/triage/", office_hours_views.triage, name="question_triage"),
    path("questions/<int:pk>/answer/", office_hours_views.answer, name="question_answer"),
    path("questions/<int:pk>/withdraw/", office_hours_views.withdraw, name="question_withdraw"),
    path("interpretations/", office_hours_views.list_interpretations, name="interpretations"),
]
