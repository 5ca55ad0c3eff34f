"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from roadworthy.server.accounts.views import entry, groups, organisation, own, people, provisioning, roles

app_name = "people"
urlpatterns = [
    path("set-up/<str:secret>", entry.set_up, name="set_up"),
    path("account/", own.account, name="account"),
    path("account/sessions/end", own.leave_everywhere, name="leave_everywhere"),
    path("account/tokens/", own.own_tokens, name="own_tokens"),
    path("account/tokens/new", own.new_token, name="new_token"),
    path("tokens/", own.all_tokens, name="tokens"),
    path("tokens/<int:key>/revoke", own.revoke_token, name="revoke_token"),
    path("delegations/", own.list_delegations, name="delegations"),
    path("delegations/new", own.new_delegation, name="new_delegation"),
    path("delegations/<int:key>/revoke", own.revoke_delegation, name="revoke_delegation"),
    path("people/", people.list_people, name="list"),
    path("people/invite", people.invite, name="invite"),
    path("people/<int:key>/", people.show_person, name="person"),
    path("people/<int:key>/change", people.change_person, name="change_person"),
    path("people/<int:key>/deactivate", people.deactivate, name="deactivate"),
    path("people/<int:key>/reactivate", people.reactivate, name="reactivate"),
    path("people/<int:key>/link", people.make_link, name="make_link"),
    path("people/<int:key>/sessions/end", people.end_sessions, name="end_sessions"),
    path("people/<int:key>/second-factor/remove", people.remove_second_factor, name="remove_second_factor"),
    path("people/<int:key>/join", people.join_group, name="join_group"),
    path("people/<int:key>/roles", roles.give_role, {"holder": "person"}, name="give_person"),
    path("groups/", groups.list_groups, name="groups"),
    path("groups/new", groups.new_group, name="new_group"),
    path("groups/<int:key>/", groups.show_group, name="group"),
    path("groups/<int:key>/change", groups.change_group, name="change_group"),
    path("groups/<int:key>/delete", groups.delete_group, name="delete_group"),
    path("groups/<int:key>/members", groups.add_member, name="add_member"),
    path("groups/<int:key>/members/<int:person>/remove", groups.remove_member, name="remove_member"),
    path("groups/<int:key>/roles", roles.give_role, {"holder": "group"}, name="give_group"),
    path("provisioning/", provisioning.provisioning, name="provisioning"),
    path("roles/", roles.list_roles, name="roles"),
    path("roles/new", roles.new_role, name="new_role"),
    path("roles/<slug:key>/", roles.show_role, name="role"),
    path("roles/<slug:key>/change", roles.change_role, name="change_role"),
    path("roles/<slug:key>/delete", roles.delete_role, name="delete_role"),
    path("grants/", roles.list_grants, name="grants"),
    path("grants/<int:key>/take", roles.take_role, name="take_role"),
    path("units/", organisation.tree, name="units"),
    path("units/new", organisation.new_unit, name="new_unit"),
    path("units/<slug:key>/change", organisation.change_unit, name="change_unit"),
    path("units/<slug:key>/delete", organisation.delete_unit, name="delete_unit"),
    path("product-lines/new", organisation.new_product_line, name="new_product_line"),
    path("product-lines/<slug:key>/change", organisation.change_product_line, name="change_product_line"),
    path("product-lines/<slug:key>/delete", organisation.delete_product_line, name="delete_product_line"),
]
