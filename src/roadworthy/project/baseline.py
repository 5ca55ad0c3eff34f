"""The last shipped release, read from its bundle or from a project directory."""

from __future__ import annotations

from pathlib import Path

from roadworthy.decide.dossier import Baseline
from roadworthy.decide.release_bundle import SYSTEM, read_declared
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.project import Project


def read_baseline(path: Path, trusted: TrustedKeys | None = None) -> Baseline:
    """Read a declaration with its fingerprint from a bundle or a project directory.

    A bundle is read only when it is intact; it need not be signed by a trusted key, since it is compared with and shows
    nothing by itself.
    """
    if path.is_dir():
        project = Project.open(path)
        return Baseline(project.system, project.fingerprint.parts)
    bundle = read_bundle(path, trusted or TrustedKeys.load(), accept_untrusted=True)
    return Baseline(*read_declared(bundle, SYSTEM))
