"""Keys of people: made once, sealed at rest, and good for what the decision layer asks of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from roadworthy.core.errors import StorageError
from roadworthy.evidence.keys import verify_signature
from roadworthy.server import sealing
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.signing import signer_of, standard_signer
from roadworthy.server.audit.models import Entry


def test_a_key_is_made_once_and_signs(people):
    user = people.person("legal")
    signer = signer_of(user)
    assert verify_signature(signer.key_id, signer.sign(b"yes"), b"yes")
    assert signer_of(User.objects.get(pk=user.pk)).key_id == signer.key_id
    assert Entry.objects.filter(action="user.key_made", subject=str(user.pk)).count() == 1


def test_the_database_does_not_hold_the_private_key(people):
    user = people.person()
    signer_of(user)
    row = User.objects.get(pk=user.pk)
    opened = sealing.unseal(row.signing_key, f"user {user.pk} signing key")
    assert len(opened) == 64
    assert opened not in row.signing_key


def test_a_standard_names_the_person_with_key_and_roles(people):
    user = people.person("legal", name="Lena")
    named = standard_signer(user, ["legal"])
    assert (named.name, named.key, named.roles) == ("Lena", signer_of(user).key_id, ["legal"])


def test_a_key_copied_to_another_person_does_not_open(people):
    giver, taker = people.person(), people.person()
    signer_of(giver)
    taker.signing_key = giver.signing_key
    with pytest.raises(StorageError, match="was altered"):
        signer_of(taker)


def test_what_is_sealed_opens_for_its_purpose_only():
    sealed = sealing.seal("whsec_1", "webhook 1")
    assert "whsec" not in sealed
    assert sealing.unseal(sealed, "webhook 1") == "whsec_1"
    with pytest.raises(StorageError, match="was altered"):
        sealing.unseal(sealed, "webhook 2")


@pytest.mark.parametrize("broken", ["", "v1", "v1.00000000.AAAA", "plain text", "v2.x.y"])
def test_what_no_key_opens_is_an_error(broken):
    with pytest.raises(StorageError, match="no key in"):
        sealing.unseal(broken, "webhook 1")


def test_an_altered_text_is_an_error():
    sealed = sealing.seal("secret", "webhook 1")
    for end in ("A", "!", ""):
        with pytest.raises(StorageError, match="was altered"):
            sealing.unseal(sealed[:-6] + end, "webhook 1")


def test_a_new_key_above_the_old_one_seals_and_the_old_one_still_opens(server_data):
    old = sealing.seal("secret", "webhook 1")
    path = server_data / sealing.KEYS
    path.write_text("A" * 43 + "=\n" + path.read_text())
    sealing._keys.cache_clear()
    new = sealing.seal("secret", "webhook 1")
    assert new.split(".")[1] != old.split(".")[1]
    assert sealing.unseal(old, "webhook 1") == sealing.unseal(new, "webhook 1") == "secret"


def test_the_key_file_is_readable_by_the_server_only(server_data):
    sealing.seal("secret", "webhook 1")
    assert (server_data / sealing.KEYS).stat().st_mode & 0o077 == 0


def test_a_broken_key_file_is_named(server_data):
    (server_data / sealing.KEYS).write_text("short\n")
    with pytest.raises(StorageError, match="sealing-keys"):
        sealing.seal("secret", "webhook 1")


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_key(transactional_people):
    user = transactional_people.person()

    def ask(_: int) -> str:
        try:
            return signer_of(User.objects.get(pk=user.pk)).key_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
