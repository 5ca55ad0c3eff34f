"""`roadworthy backup` and `roadworthy restore`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from roadworthy.cli.screen import print_line
from roadworthy.core.errors import MissingExtra


def backup(directory: Path, /, *, link: bool = False) -> int:
    """Write a backup of the server of this machine, while it runs: database, evidence, keys, heads of the audit trail.

    The directory must be new or empty. Its manifest is written last: without one, the backup was not finished. Evidence
    in a bucket stays there and is looked at only. PostgreSQL needs its pg_dump.

    Parameters
    ----------
    directory
        Where to write it.
    link
        Give files of evidence a second name on the same disk instead of copying them: quick, but a file that is altered
        in one place is altered in both. For backups that are copied elsewhere at once.
    """
    _load()
    from roadworthy.server.backup.write import write_backup

    made = write_backup(directory, by_link=link)
    where = f"in the bucket {made.evidence.bucket}" if made.evidence.bucket else f"{made.evidence.bytes:,} bytes"
    print_line(f"written  {directory}")
    print_line(f"  database  {made.database}, of Roadworthy {made.roadworthy}")
    print_line(f"  evidence  {made.evidence.files:,} files, {where}")
    print_line(
        f"  audit     {f'up to entry {made.tip.number:,}, {made.tip.digest[:12]}' if made.tip else 'nothing yet'}"
    )
    print_line("It holds the keys of the server. Whoever has it can read everything and sign for everybody: guard it.")
    if made.session_key_from == "environment":
        print_line("It does not hold ROADWORTHY_SECRET_KEY; keep that, too.")
    return 0


def restore(directory: Path, /) -> int:
    """Bring a backup back into an empty data directory and an empty database, and prove that it is whole.

    Every file is compared with its digest before anything is written. Then the database is brought up to date, the
    audit trail is walked from its first entry to the one at which the backup was made, and every file of the record is
    looked for. Until that is done the server does not start there.

    Parameters
    ----------
    directory
        A directory that 'roadworthy backup' wrote.
    """
    _load()
    from roadworthy.server.backup.bring_back import restore as bring_back

    found = bring_back(directory)
    print_line(f"restored  the backup of {found.manifest.made_at}")
    print_line(f"  audit     {found.entries:,} entries hold together, up to the one at which the backup was made")
    print_line(f"  evidence  {found.files:,} files are there")
    return 0


def _load() -> None:
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
