"""Looking at a document without downloading it: what is shown and never is, who may, and what is recorded."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zlib

import pyarrow
import pytest
from django.test import Client
from pyarrow import parquet

from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence import picture
from roadworthy.server.evidence.documents import upload
from roadworthy.server.evidence.indenting import indented
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.evidence.preview import HEAD, PreviewKind, preview
from roadworthy.server.evidence.written_markdown import markdown_html
from roadworthy.server.systems.models import System


def png(width: int = 2, height: int = 1) -> bytes:
    """Return a PNG as ISO/IEC 15948 lays it out; its pixels are black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" * (1 + (width + 7) // 8)) * min(height, 9))
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    """Return the beginning of a JPEG: an application segment, then a progressive frame (ITU-T T.81, B.2.2)."""
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return b"\xff\xd8" + application + frame


@pytest.fixture
def shown(tmp_path):
    def see(content: bytes, name: str):
        (tmp_path / "file").write_bytes(content)
        return preview(tmp_path / "file", name)

    return see


@pytest.fixture
def system(db):
    return System.objects.create(
        slug="helper.v2", title="Helper", kind="assistant", purpose="Helps.", team="A", tier="low"
    )


@pytest.fixture
def kept(people, system):
    """Upload a document and return its digest."""

    def keep(content: bytes, name: str) -> str:
        found = upload(people.actor("engineer"), system.slug, io.BytesIO(content), name=name)
        return found.document.blob_id

    return keep


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"# Card", "card.md", PreviewKind.MARKDOWN),
        (b"plain", "card", PreviewKind.TEXT),
        (b'{"a": 1}', "a.JSON", PreviewKind.JSON),
        (b"{broken", "a.json", PreviewKind.TEXT),
        (b"[" * 5000 + b"]" * 5000, "deep.json", PreviewKind.TEXT),
        (b"a,b\n1,2", "a.csv", PreviewKind.TABLE),
        (b"", "a.csv", PreviewKind.NONE),
        (png(), "not-a-picture.txt", PreviewKind.IMAGE),
        (jpeg(30, 20), "a.jpg", PreviewKind.IMAGE),
        (b"\xff\xd8\xff" + bytes(40), "a.jpg", PreviewKind.NONE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", PreviewKind.TEXT),
        (b"<script>alert(1)</script>", "a.html", PreviewKind.TEXT),
        (b"%PDF-1.7\0", "a.pdf", PreviewKind.NONE),
        (b"\xff\xfe\x00", "a.txt", PreviewKind.NONE),
        (b"PAR1 and nothing else", "a.parquet", PreviewKind.NONE),
    ],
)
def test_the_content_decides_how_it_is_shown(shown, content, name, kind):
    found = shown(content, name)
    assert found.kind is kind
    assert bool(found.why) is (kind is PreviewKind.NONE)


def test_a_picture_is_measured_and_too_large_a_one_is_not_shown(shown, monkeypatch):
    found = shown(png(640, 480), "a.png").picture
    assert (found.media_type, found.width, found.height) == ("image/png", 640, 480)
    assert (shown(jpeg(30, 20), "x").picture.width, shown(jpeg(30, 20), "x").picture.height) == (30, 20)
    assert shown(png(100_000, 100_000), "bomb.png").kind is PreviewKind.NONE
    monkeypatch.setattr(picture, "LARGEST", 10)
    assert shown(png(), "large.png").kind is PreviewKind.NONE


def test_json_is_set_in_and_no_value_changes(shown):
    written = '{"a":[1.10,1e400,{}],"a":"x: [1, \\"2\\"]","n":12345678901234567890123}'
    laid = indented(written)
    assert laid.splitlines()[:4] == ["{", '  "a": [', "    1.10,", "    1e400,"]
    assert "".join(laid.split()) == "".join(written.split())
    assert json.loads(laid, object_pairs_hook=list) == json.loads(written, object_pairs_hook=list)
    assert shown(b"\xef\xbb\xbf[1]", "bom.json").text == "[\n  1\n]"


def test_deep_json_does_not_grow_with_its_depth():
    assert len(indented("[" * 3000 + "1" + "]" * 3000)) < 3000 * 2 * 60


def test_long_text_is_cut_between_characters_and_says_so(shown):
    found = shown("ä".encode() * HEAD, "long.txt")
    assert found.text == "ä" * (HEAD // 2)
    assert "256 KiB" in found.cut
    odd = shown(b"x" + "ä".encode() * HEAD, "odd.txt")
    assert odd.text == "x" + "ä" * ((HEAD - 1) // 2)
    assert shown(b"# x\n" * HEAD, "long.md").kind is PreviewKind.TEXT


def test_no_hidden_reordering_or_control_character_is_shown(shown):
    assert shown("hold\u202eyako\x1b[2J".encode(), "a.txt").text == "holdyako\N{REPLACEMENT CHARACTER}[2J"


def test_csv_is_cut_by_rows_columns_and_cells(shown):
    wide = ";".join(f"c{place}" for place in range(40))
    lines = [wide, *(["x" * 500 + ";1"] * 80)]
    found = shown("\n".join(lines).encode(), "a.csv")
    assert (len(found.rows.columns), len(found.rows.rows), len(found.rows.rows[0][0])) == (30, 50, 200)
    assert "first 50 rows" in found.cut
    assert "10 more columns" in found.cut
    assert shown(b"a\tb\n1", "a.tsv").rows.rows == (("1", ""),)
    assert shown(b',b\n"1\n2",3', "a.csv").rows.rows == (("1 2", "3"),)
    assert shown(b",b", "a.csv").rows.columns == ("column 1", "b")


def test_parquet_shows_first_rows_of_any_type(shown):
    table = pyarrow.table({'odd "name"': [{"a": 1}] * 60, "when": pyarrow.array([None] * 60, pyarrow.timestamp("us"))})
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    found = shown(sink.getvalue(), "whatever.bin")
    assert found.kind is PreviewKind.TABLE
    assert found.rows.columns == ('odd "name"', "when")
    assert found.rows.rows[0] == ("{'a': 1}", "")
    assert len(found.rows.rows) == 50


def test_memory_stays_flat_for_a_large_file(tmp_path):
    with (tmp_path / "large.csv").open("wb") as stream:
        for _ in range(64):
            stream.write(b"a,b,c\n" * 160_000)
    tracemalloc.start()
    found = preview(tmp_path / "large.csv", "large.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.rows.rows) == 50
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("written", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("![x](https://tracker.example/p.png)", "<img"),
        ("![<img src=y>](x)", "<img"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,x)", "href"),
        ("[x](/accounts/logout/)", "href"),
        ("[x](//evil.example)", "href"),
        ("<javascript:alert(1)>", "href"),
        ('[x](https://a.example "><script>")', "<script"),
        ("[a]: javascript:alert(1)\n\n[a]", "href"),
        ("| <b>x</b> |\n| --- |\n| <i>y</i> |", "<i>"),
    ],
)
def test_markdown_brings_no_html_no_picture_and_no_strange_link(written, never):
    assert never not in markdown_html(written)


def test_markdown_headings_stand_below_the_page_without_a_gap():
    found = markdown_html("### Deep\n\n# Top\n\n#### Gap\n\n[a](https://a.example)")
    assert [found[place + 1 : place + 3] for place in range(len(found)) if found[place : place + 2] == "<h"] == [
        "h2",
        "h2",
        "h3",
    ]
    assert 'rel="noopener noreferrer nofollow"' in found


def test_the_page_shows_the_document_and_records_the_read_once(signed_in, kept):
    digest = kept(b"# Card <script>\n\nIt **helps**.", "card.md")
    client = signed_in("engineer")
    at = f"/systems/helper.v2/documents/{digest}"
    assert f"{at}/preview" in client.get("/systems/helper.v2/?tab=documents").content.decode()
    page = client.get(f"{at}/preview").content.decode()
    assert "<h2>Card &lt;script&gt;</h2>" in page
    assert "<strong>helps</strong>" in page
    assert "No record of this system names it yet." in page
    client.get(at)
    assert Entry.objects.get(action="evidence.read").subject == digest


def test_a_picture_comes_as_what_it_is_and_nothing_else_does(signed_in, kept):
    client, at = signed_in("engineer"), "/systems/helper.v2/documents"
    digest = kept(png(), "a.html")
    answer = client.get(f"{at}/{digest}/picture")
    assert b"".join(answer) == png()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert f'src="{at}/{digest}/picture"' in client.get(f"{at}/{digest}/preview").content.decode()
    for content, name in [(b"<svg onload='x'/>", "a.svg"), (b"<script>", "a.png"), (png(90_000, 90_000), "b.png")]:
        assert client.get(f"{at}/{kept(content, name)}/picture").status_code == 404


def test_what_has_no_preview_is_offered_as_a_download(signed_in, kept):
    digest = kept(b"%PDF-1.7\0", "a.pdf")
    page = signed_in("engineer").get(f"/systems/helper.v2/documents/{digest}/preview").content.decode()
    assert "It is neither text, a table nor a PNG or JPEG image." in page
    assert f'href="/systems/helper.v2/documents/{digest}"' in page


def test_the_document_of_a_record_says_which_records_rest_on_it(signed_in, people, kept, system):
    digest = kept(b"a,b\n1,2", "rows.csv")
    row = EvidenceRecord.objects.create(
        digest="d" * 64,
        system=system,
        kind="documented",
        title="Model card",
        fingerprint="f" * 64,
        made_at="2026-01-01T00:00:00Z",
        document=digest,
        envelope="{}",
    )
    client = signed_in("engineer")
    page = client.get(f"/evidence/{row.digest}/preview").content.decode()
    assert '<th scope="col">a</th>' in page
    assert f'<a href="/evidence/{row.digest}/">Model card</a>' in page
    assert client.get(f"/evidence/{row.digest}/picture").status_code == 404
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer'))}"}
    found = Client().get(f"/api/v1/evidence/{row.digest}/preview", headers=headers).json()
    assert found == {"kind": "table", "text": "", "columns": ["a", "b"], "rows": [["1", "2"]], "cut": "", "why": ""}
    EvidenceRecord.objects.update(document="e" * 64)
    assert client.get(f"/evidence/{row.digest}/preview").status_code == 404


def test_who_may_not_read_sees_no_preview(signed_in, people, kept, system):
    digest = kept(b"secret", "a.txt")
    at = f"/systems/helper.v2/documents/{digest}/preview"
    assert signed_in("viewer").get(at).status_code == 403
    assert signed_in("engineer", system_id=system.pk + 1).get(at).status_code == 404
    headers = {"Authorization": f"Bearer {people.token(people.person('viewer'))}"}
    assert Client().get(f"/api/v1{at}", headers=headers).status_code == 403
    assert not Entry.objects.filter(action="evidence.read").exists()
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer'))}"}
    assert Client().get(f"/api/v1{at}", headers=headers).json()["text"] == "secret"
    assert Entry.objects.get(action="evidence.read").subject == digest


def test_a_file_that_was_altered_is_not_shown(signed_in, kept, settings):
    from roadworthy.server.evidence.files import opened

    digest = kept(b"as it was", "a.txt")
    with opened(digest) as path:
        path.chmod(0o600)
        path.write_bytes(b"as it is!")
    answer = signed_in("engineer").get(f"/systems/helper.v2/documents/{digest}/preview")
    assert answer.status_code >= 500
    assert b"as it is!" not in answer.content
