"""A server with something in its record, made in a process of its own: for tests of backup and upgrade.

python backed_up_server.py        fills the installation that the environment names
"""

from __future__ import annotations

import os
import sys


def fill() -> None:
    """Bring the database up to date, and record something of each kind that a backup must bring back."""
    from roadworthy.server.preparation import prepare

    prepare()
    from roadworthy.core.digests import sha256_bytes
    from roadworthy.server.accounts.setup import make_first_link, use_link
    from roadworthy.server.accounts.signing import signer_of
    from roadworthy.server.evidence.files import keep_bytes
    from roadworthy.server.evidence.models import Blob

    user = use_link(make_first_link() or "", "ada@example.com", "Ada", "a staple of correct horses")
    signer_of(user)
    for number in range(int(os.environ.get("FILES", "3"))):
        content = b"evidence %d" % number
        digest = sha256_bytes(content)
        keep_bytes(content, digest)
        Blob.objects.create(sha256=digest, size=len(content), name=f"{number}.txt")


if __name__ == "__main__":
    fill()
    sys.stdout.write("filled\n")
