"""The page on which an administrator sees how provisioning is set up and how it goes."""

from __future__ import annotations

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, Group, Role, User


def test_before_anything_is_set_up(signed_in):
    page = signed_in("administrator").get("/provisioning/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "/scim/v2" in text
    assert "No token provisions" in text
    assert "No group yet" in text


def test_tokens_groups_and_changes(idp, admin, signed_in, people):
    people.token(admin, Permission.AUDIT_READ)
    person = idp.person(displayName="Ada Lovelace", externalId="00u1")
    group = idp.group("Signers", person)
    idp.group("Others")
    row = Group.objects.get(scim_id=group["id"])
    Grant.objects.create(role=Role.objects.get(slug="security"), group=row)
    client = signed_in("administrator")
    text = client.get("/provisioning/").content.decode()
    assert text.count("test <code>") == 1
    assert "Security approver</a> (everywhere)" in text
    assert "None yet: grant one" in text
    assert "Added a person: Ada Lovelace" in text
    user = User.objects.get(scim_id=person["id"])
    assert "00u1" in client.get(f"/people/{user.pk}/").content.decode()
    idp.ask("DELETE", f"Users/{person['id']}")
    assert "Deleted by the provider" in client.get(f"/people/{user.pk}/").content.decode()
