"""Documents that are uploaded for a system: kept by content, named safely, never shown inside a page."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from roadworthy.server.access.refusals import Refused
from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence import documents
from roadworthy.server.evidence.documents import UploadRefused, upload
from roadworthy.server.evidence.incoming import workshop
from roadworthy.server.evidence.models import Blob, Document
from roadworthy.server.systems.models import System

CARD = b"<script>alert(1)</script>"
DIGEST = hashlib.sha256(CARD).hexdigest()


@pytest.fixture
def system(db):
    return System.objects.create(
        slug="helper.v2", title="Helper", kind="assistant", purpose="Helps.", team="A", tier="low"
    )


def form(content: bytes = CARD, name: str = "card.html") -> dict[str, SimpleUploadedFile]:
    return {"document": SimpleUploadedFile(name, content, "text/html")}


def test_a_document_is_kept_and_handed_out_as_a_file_only(signed_in, system):
    client = signed_in("engineer")
    page = client.post("/systems/helper.v2/documents", form(), follow=True).content.decode()
    assert DIGEST in page
    assert not list(workshop().iterdir())
    tab = client.get("/systems/helper.v2/?tab=documents").content.decode()
    assert "card.html" in tab
    answer = client.get(f"/systems/helper.v2/documents/{DIGEST}")
    assert b"".join(answer) == CARD
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="card.html"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert Entry.objects.get(action="evidence.read").subject == DIGEST


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\r\nSet-Cookie: x", "a_Set-Cookie_ x"),
        ('"><img src=x>.pdf', "_img src_x_.pdf"),
        (".hidden", "hidden"),
        ("...", "document"),
        ("\0", "_"),
        ("x" * 500, "x" * 120),
        ("Größe.pdf", "Größe.pdf"),
    ],
)
def test_hostile_names_become_harmless(people, system, given, kept):
    found = upload(people.actor("engineer"), "helper.v2", io.BytesIO(CARD), name=given)
    assert found.document.name == kept


def test_the_same_content_is_one_document(people, system):
    actor = people.actor("engineer")
    first = upload(actor, "helper.v2", io.BytesIO(CARD), name="a")
    again = upload(actor, "helper.v2", io.BytesIO(CARD), name="b")
    assert (again.document, again.created) == (first.document, False)
    assert Entry.objects.filter(action="document.uploaded").count() == 1


def test_too_much_is_refused_and_recorded_and_leaves_nothing(signed_in, system, monkeypatch):
    monkeypatch.setattr(documents, "MOST", 1000)
    answer = signed_in("engineer").post("/systems/helper.v2/documents", form(bytes(2000)))
    assert answer.status_code == 413
    assert Entry.objects.get(action="document.upload_refused").outcome == "refused"
    assert not list(workshop().iterdir())
    assert not Blob.objects.exists()
    assert not Document.objects.exists()


def test_a_form_beyond_all_measure_is_refused_before_it_is_read(signed_in, system):
    client = signed_in("engineer")
    answer = client.post("/systems/helper.v2/documents", form(), CONTENT_LENGTH=str(10 * 1024**3))
    assert answer.status_code == 413
    anybody = Client().post("/systems/helper.v2/documents", form(), CONTENT_LENGTH=str(10 * 1024**3))
    assert anybody.status_code in {302, 413}
    assert not list(workshop().iterdir())


def test_who_may_not_does_not(signed_in, people, system):
    assert signed_in("viewer").post("/systems/helper.v2/documents", form()).status_code == 403
    with pytest.raises(Refused):
        upload(people.actor("viewer"), "helper.v2", io.BytesIO(CARD), name="a")
    upload(people.actor("engineer"), "helper.v2", io.BytesIO(CARD), name="a")
    assert signed_in("viewer").get(f"/systems/helper.v2/documents/{DIGEST}").status_code == 403
    far = signed_in("engineer", system_id=system.pk + 1)
    assert far.get(f"/systems/helper.v2/documents/{DIGEST}").status_code == 404
    assert far.post("/systems/helper.v2/documents", form()).status_code == 404


def test_documents_over_the_api(people, system):
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer'))}"}
    made = Client().post("/api/v1/systems/helper.v2/documents", form(), headers=headers)
    assert (made.status_code, made.json()["sha256"], made.json()["size"]) == (201, DIGEST, len(CARD))
    assert Client().post("/api/v1/systems/helper.v2/documents", form(), headers=headers).status_code == 200
    listed = Client().get("/api/v1/systems/helper.v2/documents", headers=headers).json()["items"]
    assert [one["name"] for one in listed] == ["card.html"]
    assert b"".join(Client().get(f"/api/v1/systems/helper.v2/documents/{DIGEST}", headers=headers)) == CARD
    empty = Client().post("/api/v1/systems/helper.v2/documents", form(b""), headers=headers)
    assert empty.status_code == 422


def test_what_is_cut_off_is_refused(people, system):
    with pytest.raises(UploadRefused, match="cut off"):
        upload(people.actor("engineer"), "helper.v2", io.BytesIO(CARD), name="a", size=10**6)
