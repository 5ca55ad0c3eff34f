"""Discussion of a finding: said once and for all, retracted with a mark, who is mentioned is told; who may not."""

from __future__ import annotations

import pytest
from django.test import Client
from server_releases import make_system

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.findings import comments
from roadworthy.server.findings.models import Comment
from roadworthy.server.findings.services import Filed, file_finding
from roadworthy.server.jobs.models import Notice


@pytest.fixture
def owner(people):
    return people.person("accountable-owner", name="Olga Owner")


@pytest.fixture
def filed(people, owner):
    make_system(owner=owner)
    return file_finding(people.actor("engineer"), Filed("helper", "It promises refunds", "high"))


def told(user: User) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(user=user, event="finding.commented").values_list("detail", "url"))


def test_the_owner_and_who_is_mentioned_are_told_and_it_is_recorded(people, filed, owner):
    author, ada = people.actor("security"), people.person("privacy", name="Ada")
    row = comments.comment(author, filed.pk, f" See the log, @{ada.email.upper()}, and mail noone@example.com. ")
    assert row.text == f"See the log, @{ada.email.upper()}, and mail noone@example.com."
    assert list(row.mentions.all()) == [ada]
    assert told(ada) == told(owner) == [(row.text, f"/findings/{filed.pk}/")]
    entry = Entry.objects.get(action="finding.commented")
    assert (entry.actor, entry.subject) == (f"user:{author.user_id}", str(filed.pk))
    assert f'"comment":{row.pk}' in entry.detail


def test_who_comments_is_not_told_of_it(people, filed, owner):
    comments.comment(actor_of(owner, Door.PAGE), filed.pk, f"A note to myself: @{owner.email}.")
    assert told(owner) == []


@pytest.mark.parametrize("who", ["nobody", "stranger", "gone"])
def test_a_mention_of_somebody_who_may_not_see_it_is_refused_alike(people, filed, who):
    user = people.person(
        *([] if who == "nobody" else ["engineer"]), **({"system_id": 99999} if who == "stranger" else {})
    )
    if who == "gone":
        User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(InputError, match=f"nobody with the address {user.email} may see this finding"):
        comments.comment(people.actor("engineer"), filed.pk, f"@{user.email}")
    with pytest.raises(InputError, match="nobody with the address"):
        comments.comment(people.actor("engineer"), filed.pk, "@never.seen@example.com")
    assert not Comment.objects.exists()


def test_a_comment_says_something_and_not_too_much(people, filed):
    actor = people.actor("engineer")
    for text in ("", "  \n ", "x" * (comments.LONGEST + 1)):
        with pytest.raises(InputError, match="characters"):
            comments.comment(actor, filed.pk, text)
    many = " ".join(f"@{people.person('viewer').email}" for _ in range(comments.MOST_MENTIONS + 1))
    with pytest.raises(InputError, match="at most 20"):
        comments.comment(actor, filed.pk, many)


def test_only_its_author_retracts_a_comment_and_its_text_stays(people, filed):
    author = people.actor("engineer")
    row = comments.comment(author, filed.pk, "It was I.")
    with pytest.raises(Refused, match="only who wrote"):
        comments.retract(people.actor("responsible-ai-lead"), filed.pk, row.pk)
    comments.retract(author, filed.pk, row.pk)
    row.refresh_from_db()
    assert (row.text, row.retracted_at is not None) == ("It was I.", True)
    assert Entry.objects.get(action="finding.comment_retracted").actor == author.id
    with pytest.raises(Conflict):
        comments.retract(author, filed.pk, row.pk)
    other = file_finding(author, Filed("helper", "Another", "low"))
    with pytest.raises(Missing):
        comments.retract(author, other.pk, row.pk)


def test_who_may_only_read_does_not_comment(people, filed):
    for role in ("viewer", "auditor"):
        with pytest.raises(Refused):
            comments.comment(people.actor(role), filed.pk, "Hm.")
    with pytest.raises(Missing):
        comments.comment(people.actor("engineer", system_id=filed.system_id + 1), filed.pk, "Hm.")


def test_the_page_shows_the_discussion_in_order_without_any_markup_of_others(signed_in, people, filed):
    client = signed_in("engineer")
    client.post(f"/findings/{filed.pk}/comment", {"text": "First <b>one</b>\nwith `code`"})
    client.post(f"/findings/{filed.pk}/comment", {"text": "Second"})
    page = client.get(f"/findings/{filed.pk}/").content.decode()
    assert page.index("First &lt;b&gt;one&lt;/b&gt;") < page.index("Second")
    assert "<code>code</code>" in page
    first, second = Comment.objects.all()
    client.post(f"/findings/{filed.pk}/comments/{second.pk}/retract")
    page = client.get(f"/findings/{filed.pk}/").content.decode()
    assert "retracted it" in page
    assert f"/comments/{first.pk}/retract" in page
    assert f"/comments/{second.pk}/retract" not in page
    assert f"/comments/{first.pk}/retract" not in signed_in("engineer").get(f"/findings/{filed.pk}/").content.decode()
    refused = client.post(f"/findings/{filed.pk}/comment", {"text": "Ask @typo@example.com"})
    assert refused.status_code == 422
    assert "Ask @typo@example.com" in refused.content.decode()
    viewer = signed_in("viewer").get(f"/findings/{filed.pk}/").content.decode()
    assert "Second" in viewer
    assert f"/findings/{filed.pk}/comment" not in viewer


def test_the_api_says_lists_and_retracts(people, filed):
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer', name='Tom'))}"}
    at = f"/api/v1/findings/{filed.pk}/comments"
    made = Client().post(at, {"text": "Seen."}, content_type="application/json", headers=headers)
    assert (made.status_code, made.json()["author_name"], made.json()["retracted_at"]) == (201, "Tom", None)
    done = Client().post(f"{at}/{made.json()['id']}/retraction", headers=headers)
    assert done.json()["retracted_at"]
    reader = {"Authorization": f"Bearer {people.token(people.person('viewer'))}"}
    assert [one["text"] for one in Client().get(at, headers=reader).json()["items"]] == ["Seen."]
    refused = Client().post(at, {"text": "x"}, content_type="application/json", headers=reader)
    assert refused.status_code == 403
