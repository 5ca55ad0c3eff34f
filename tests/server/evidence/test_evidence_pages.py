"""The explorer of evidence: slices and samples of a real table, by page and over the API; reading is recorded."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError
from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.evidence.samples import Wanted, by_slice, sample_page, shape
from roadworthy.server.systems.models import System

N = 230


@pytest.fixture
def table(tmp_path):
    """A result table: 230 samples of 23 units, two languages, every tenth errored, every fifth wrong."""
    rows = [
        {
            "sample": f"s{i:04}",
            "epoch": 0,
            "unit": f"u{i // 10}",
            "status": "errored" if i % 10 == 0 else "scored",
            "slice.language": "de" if i % 2 else "en",
            "score.correct": None if i % 10 == 0 else float(i % 5 != 0),
            "error": "the target gave up <script>" if i % 10 == 0 else None,
            "response_digest": None,
            "seconds": 0.1,
        }
        for i in range(N)
    ]
    path = tmp_path / "results.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=64)
    return path


@pytest.fixture
def record(table, people):
    """A record of that table, whose envelope is not asked for here."""
    system = System.objects.create(slug="helper", title="Helper", kind="rag", purpose="Helps.", team="A", tier="low")
    digest = sha256_file(table)
    store().keep(table, digest)
    return EvidenceRecord.objects.create(
        digest="a" * 64,
        system=system,
        kind="measured",
        title="smoke: accuracy",
        suite="smoke",
        release="1.0",
        fingerprint="f" * 64,
        made_at=timezone.now(),
        samples=N,
        results=digest,
        envelope="{}",
    )


def test_the_shape_counts_what_is_there(table):
    found = shape(table)
    assert (found.rows, found.errored, found.units) == (230, 23, 23)
    assert (found.slices, found.scores) == (("language",), ("correct",))


def test_slices_add_up_as_plain_arithmetic_does(table):
    rows = pq.read_table(table).to_pylist()
    scores, groups = by_slice(table, "language")
    assert scores == ("correct",)
    for group in groups:
        mine = [row for row in rows if row["slice.language"] == group.value]
        scored = [row["score.correct"] for row in mine if row["status"] == "scored"]
        assert group.n == len(mine)
        assert group.errored == len(mine) - len(scored)
        assert group.means[0] == pytest.approx(sum(scored) / len(scored))


def test_pages_show_every_sample_once_in_order(table):
    seen, after = [], -1
    while after is not None:
        page = sample_page(table, Wanted(), after)
        seen += [row["sample"] for row in page.rows]
        after = page.next
    assert seen == [f"s{i:04}" for i in range(N)]


def test_samples_are_found_by_slice_status_score_and_words(table):
    assert all(row["slices"]["language"] == "de" for row in sample_page(table, Wanted(slices={"language": "de"})).rows)
    assert len(sample_page(table, Wanted(status="errored")).rows) == 23
    wrong = sample_page(table, Wanted(score="correct", high=0.5)).rows
    assert {row["scores"]["correct"] for row in wrong} == {0.0}
    assert [row["sample"] for row in sample_page(table, Wanted(words="S0229")).rows] == ["s0229"]


@pytest.mark.parametrize("wanted", [Wanted(status="odd"), Wanted(slices={"colour": "x"}), Wanted(score="odd", low=0.1)])
def test_what_the_table_does_not_have_is_said(table, wanted):
    with pytest.raises(InputError):
        sample_page(table, wanted)


def test_a_name_cannot_break_out_of_the_query(table):
    with pytest.raises(InputError):
        by_slice(table, 'language" FROM t; DROP VIEW t; --')
    assert sample_page(table, Wanted(slices={"language": "' OR 1=1 --"})).rows == ()


def test_the_page_of_samples_escapes_and_records_the_read_once(signed_in, record):
    client = signed_in("auditor")
    page = client.get(f"/evidence/{record.digest}/samples?status=errored")
    assert page.status_code == 200
    assert "gave up &lt;script&gt;" in page.content.decode()
    client.get(f"/evidence/{record.digest}/samples?after=49")
    assert Entry.objects.filter(action="evidence.read").count() == 1


def test_a_wrong_filter_is_told_on_the_page(signed_in, record):
    page = signed_in("auditor").get(f"/evidence/{record.digest}/samples?by=colour")
    assert page.status_code == 422
    assert "language" in page.content.decode()


def test_who_may_not_read_samples_sees_the_record_only(signed_in, people, record):
    client = signed_in("viewer")
    assert client.get(f"/evidence/{record.digest}/samples").status_code == 403
    assert "smoke: accuracy" in client.get("/evidence/").content.decode()
    elsewhere = signed_in("auditor", system_id=record.system_id + 1)
    assert elsewhere.get(f"/evidence/{record.digest}/samples").status_code == 404


def test_the_api_gives_samples_and_slices(people, client, record):
    headers = {"Authorization": f"Bearer {people.token(people.person('auditor'))}"}
    address = f"/api/v1/evidence/{record.digest}"
    page = client.get(f"{address}/samples?slice=language&value=en", headers=headers).json()
    assert len(page["items"]) == 50
    assert page["items"][0]["slices"] == {"language": "en"}
    slices = client.get(f"{address}/slices?by=language", headers=headers).json()
    assert {one["value"] for one in slices} == {"de", "en"}
    assert client.get(f"{address}/slices?by=colour", headers=headers).status_code == 422
