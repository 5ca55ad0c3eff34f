"""Snapshots of released versions: a backup of a small server of each, on either database, packed.

    python tests/server/upgrade/released.py        writes those of the present version, before it is released

The database is that of ROADWORTHY_TEST_DATABASE_URL, else SQLite; `make snapshot` writes both. They are made once for
each version and never again: what a later version must be able to bring forward is what people have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "operations"))
from operated_server import COMMAND, POSTGRES, clean_environment, fresh_database  # noqa: E402

KIND = "postgresql" if POSTGRES else "sqlite"
SNAPSHOTS = HERE / "snapshots"
FILL = HERE.parent / "operations" / "backed_up_server.py"


def snapshots() -> list[Path]:
    """List the snapshots of the kind of database that is tested."""
    return sorted(SNAPSHOTS.glob(f"*-{KIND}.tar.gz"))


def make_snapshot(directory: Path) -> Path:
    """Fill a new server, back it up and pack the backup into `directory`; return the file."""
    from roadworthy.core.version import VERSION

    with fresh_database() as database, tempfile.TemporaryDirectory() as work:
        place = clean_environment(ROADWORTHY_DATA=f"{work}/data", **database)
        subprocess.run([sys.executable, str(FILL)], env=place, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*COMMAND, "backup", f"{work}/backup"], env=place, check=True, stdout=subprocess.DEVNULL)
        target = directory / f"{VERSION}-{KIND}.tar.gz"
        with tarfile.open(target, "x:gz") as packed:
            packed.add(f"{work}/backup", arcname=".")
        return target


def unpack(snapshot: Path, directory: Path) -> Path:
    """Unpack a snapshot and return the backup."""
    with tarfile.open(snapshot) as packed:
        packed.extractall(directory, filter="data")
    return directory


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    sys.stdout.write(f"written  {os.path.relpath(make_snapshot(SNAPSHOTS))}\n")
