"""Push a bundle, ask whether it may be deployed, and list what is still to be mended. Needs nothing but Python.

    ROADWORTHY_SERVER=https://roadworthy.example.com ROADWORTHY_TOKEN=rw_... python release.py out/bundle.zip prod

Exits 0 when the release is cleared, 1 when it is not, 2 when the server did not answer the question.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SERVER = os.environ.get("ROADWORTHY_SERVER", "http://127.0.0.1:8000")
TOKEN = os.environ.get("ROADWORTHY_TOKEN", "")


def ask(path: str, body: bytes | None = None, **headers: str) -> dict:
    """Ask the API; a problem is told with what to do about it, and ends the program."""
    sent = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json", **headers}
    try:
        with urlopen(Request(f"{SERVER}/api/v1/{path}", data=body, headers=sent), timeout=600) as answer:
            return json.load(answer)
    except HTTPError as error:
        problem = json.load(error)
        print(f"{error.code} {problem['title']}: {problem['detail']}\n  {problem['remedy']}", file=sys.stderr)
    except URLError as error:
        print(f"{SERVER} does not answer: {error.reason}", file=sys.stderr)
    sys.exit(2)


def pages(path: str, **wanted: str) -> Iterator[dict]:
    """Yield the items of a list, page after page."""
    cursor: str | None = ""
    while cursor is not None:
        page = ask(f"{path}?{urlencode({**wanted, 'cursor': cursor})}")
        yield from page["items"]
        cursor = page["next"]


def push(bundle: Path) -> dict:
    """Push a bundle; the same bundle again gives the same release, so that this may be repeated."""
    content = bundle.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return ask("bundles", content, **{"Content-Type": "application/zip", "X-Content-SHA256": digest})


def main(bundle: Path, environment: str) -> int:
    """Do all three."""
    release = push(bundle)
    print(f"{release['system']} {release['name']}: {release['verdict']}")
    for finding in pages("findings", system=release["system"], state="open"):
        print(f"  open: {finding['severity']}, due {finding['due'][:10]}: {finding['title']}")
    wanted = {"fingerprint": release["fingerprint"], "environment": environment, "system": release["system"]}
    answer = ask(f"clearance?{urlencode(wanted)}")
    if answer["cleared"]:
        print(f"cleared for {environment}")
        return 0
    print(f"not cleared for {environment}")
    for obstacle in answer["reasons"]:
        print(f"  {obstacle['reason']}\n    {obstacle['remedy']}")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
