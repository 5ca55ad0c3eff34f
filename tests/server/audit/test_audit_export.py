"""An export is checked without the server: what was altered, left out or cut off in it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from roadworthy.cli.main import run
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.services import record
from roadworthy.server.secrets import server_signer


@pytest.fixture
def exported(signed_in, tmp_path, django_capture_on_commit_callbacks):
    """Return a function that exports the trail to a file, which has ten entries more each time."""
    page = signed_in("auditor")

    def export(after: int = 0) -> Path:
        with django_capture_on_commit_callbacks(execute=True):
            for number in range(10):
                subject = Subject("group", str(number), "Gruppe ä", "shop")
                record(server_actor(Door.JOB), "group.made", subject, after={"name": "ä", "n": 1.5})
        answer = page.get(f"/audit/export?after={after}" if after else "/audit/export")
        assert answer.status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            content = b"".join(answer.streaming_content)
        path = tmp_path / f"export-{len(list(tmp_path.iterdir()))}.jsonl"
        path.write_bytes(content)
        return path

    return export


def check(capsys, *arguments: object) -> tuple[int, str]:
    code = run(["verify-audit", *map(str, arguments)])
    return code, capsys.readouterr().out


def key() -> list[str]:
    return ["--trust", server_signer().key_id]


def test_an_export_holds(exported, capsys):
    code, said = check(capsys, exported(), *key())
    assert (code, "11 entries" in said) == (0, True)


def test_an_export_signed_by_an_unknown_key_is_whole_but_not_trusted(exported, capsys):
    code, said = check(capsys, exported())
    assert code == 3
    assert server_signer().key_id in said


def test_an_export_records_itself(exported, capsys):
    last = json.loads(exported().read_text().splitlines()[-2])["entry"]
    assert last["action"] == "audit.exported"
    assert last["actor_name"].startswith("Auditor")


def test_a_part_of_the_trail_holds(exported, capsys):
    path = exported(after=4)
    code, said = check(capsys, path, *key())
    assert (code, "7 entries" in said) == (0, True)


def test_a_later_export_holds_the_earlier_heads(exported, capsys):
    first, second = exported(), exported()
    assert check(capsys, second, *key(), "--heads", first, "--heads", heads_path())[0] == 0
    code, said = check(capsys, first, *key(), "--heads", second)
    assert code == 1
    assert "the export ends at entry 11, but you kept the head of entry 22" in said


def altered(path: Path, change) -> Path:
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def edit(lines: list[str]) -> None:
    lines[3] = lines[3].replace("Gruppe", "Graupe")


def leave_out(lines: list[str]) -> None:
    del lines[3]


def leave_out_first(lines: list[str]) -> None:
    del lines[1]


def cut(lines: list[str]) -> None:
    del lines[-3:]


def cut_before_head(lines: list[str]) -> None:
    del lines[-2]


def swap(lines: list[str]) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def twice(lines: list[str]) -> None:
    lines.insert(4, lines[3])


def break_signature(lines: list[str]) -> None:
    lines[-1] = re.sub(r'"signature":"..', '"signature":"00', lines[-1])


def other_key(lines: list[str]) -> None:
    lines[-1] = re.sub(r'"key":"[0-9a-f]{4}', '"key":"0000', lines[-1])


@pytest.mark.parametrize(
    "change",
    [edit, leave_out, leave_out_first, cut, cut_before_head, swap, twice, break_signature, other_key],
    ids=lambda change: change.__name__,
)
def test_an_altered_export_does_not_hold(exported, capsys, change):
    code, said = check(capsys, altered(exported(), change), *key())
    assert code == 1
    assert "This trail does not hold." in said
    assert "FAILED entry" in said


def test_an_export_signed_anew_with_another_key_is_not_trusted(exported, capsys, tmp_path):
    from roadworthy.evidence.audit_chain import signed_head
    from roadworthy.evidence.keys import generate_pem, load_signer

    pem = tmp_path / "own.pem"
    pem.write_bytes(generate_pem())
    pem.chmod(0o600)
    other = load_signer(pem)

    def forge(lines: list[str]) -> None:
        head = json.loads(lines[-1])["head"]
        new = signed_head(head["number"], head["digest"], other)
        lines[-1] = json.dumps({"head": {name: getattr(new, name) for name in new.__struct_fields__}})
        preamble = json.loads(lines[0])
        preamble["keys"] = [other.key_id]
        lines[0] = json.dumps(preamble)

    assert check(capsys, altered(exported(), forge), *key())[0] == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello\n",
        b"{}\n",
        b'{"format": "roadworthy-audit-v2"}\n',
        b'{"format": "roadworthy-audit-v1"}\nx\n',
        b'{"format": "roadworthy-audit-v1"}\n{}\n',
        b"\xff\xfe\n",
    ],
)
def test_what_is_no_export_is_said(content, capsys, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    assert run(["verify-audit", str(path)]) == 2
    assert "x.jsonl" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(capsys, tmp_path):
    assert run(["verify-audit", str(tmp_path / "none.jsonl")]) == 2


def test_something_after_the_head_is_no_export(exported, capsys):
    path = altered(exported(), lambda lines: lines.append(lines[1]))
    assert run(["verify-audit", str(path), *key()]) == 2


def test_an_export_after_an_entry_that_is_not_there_is_missing(signed_in):
    assert signed_in("auditor").get("/audit/export?after=999").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "engineer"])
def test_the_trail_is_for_who_may_read_it(signed_in, role):
    page = signed_in(role)
    for path in ("/audit/", "/audit/export", "/audit/1/", "/api/v1/audit/entries", "/api/v1/audit/export"):
        assert page.get(path).status_code == 403


def test_the_api_exports_the_same(exported, signed_in, capsys, tmp_path, django_capture_on_commit_callbacks):
    exported()
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in("auditor").get("/api/v1/audit/export")
        path = tmp_path / "api.jsonl"
        path.write_bytes(b"".join(answer.streaming_content))
    assert check(capsys, path, *key())[0] == 0
