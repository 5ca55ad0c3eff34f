"""The recorded AgentDojo runs: where they come from, and that they are the original ones."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

FOLDER_VARIABLE = "ROADWORTHY_AGENTDOJO"

CONTENT_SHA256 = {
    "claude-3-5-sonnet-20241022": "9e13d51d0cf5cb24ab0d5e4064073660984c1816130a4b1650ea5e356d5aa62f",
    "gpt-3.5-turbo-0125": "c78ad1328d29d8b4d79db84fe4162f0a6432ed612defe8bb03a28712eb3226ff",
    "gpt-4o-2024-05-13": "35bc9b5c0c8a250b6cc8552f05a102a652af3475d54a8685640d40a56780a8a7",
    "gpt-4o-2024-05-13-tool_filter": "35b1405590b95d196c4cd29188d7d6be091893efdc61ce5515dbf6ce4265a024",
}
"""SHA-256 of the lines `sha256  path` of all files of a pipeline, sorted by path; packing does not matter."""

ATTACKS = ("none", "important_instructions")

HOW_TO_GET = f"""the AgentDojo run logs are not on this machine. To get them:
  git clone --filter=blob:none --no-checkout https://github.com/sequrity-ai/agentdojo
  git -C agentdojo checkout 7ee80b495601259176d0af7585cae17501fcc9a6 -- runs
  export {FOLDER_VARIABLE}=$PWD/agentdojo
The folder may also hold the four pipelines as <pipeline>.tar.xz."""


class ArchiveError(Exception):
    """Run logs that are missing or are not the original ones."""


def collect(source: Path, target: Path) -> int:
    """Put a checked archive of each pipeline into `target`; return how many were written."""
    missing = [name for name in CONTENT_SHA256 if not (target / f"{name}.tar.xz").is_file()]
    target.mkdir(parents=True, exist_ok=True)
    for pipeline in missing:
        _collect_one(pipeline, source, target / f"{pipeline}.tar.xz")
    return len(missing)


def content_digest(archive: Path) -> str:
    """Digest what an archive holds: every path with the SHA-256 of its content."""
    with tarfile.open(archive) as tar:
        digests = {
            member.name: sha256(stream.read()).hexdigest()
            for member in tar
            if member.isfile() and (stream := tar.extractfile(member))
        }
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return sha256(lines.encode()).hexdigest()


def _collect_one(pipeline: str, source: Path, target: Path) -> None:
    unfinished = target.with_name(f".{target.name}.part")
    archive = source / f"{pipeline}.tar.xz"
    if archive.is_file():
        shutil.copyfile(archive, unfinished)
    else:
        _pack(source, pipeline, unfinished)
    found = content_digest(unfinished)
    if found != CONTENT_SHA256[pipeline]:
        unfinished.unlink()
        raise ArchiveError(
            f"the run logs of {pipeline} under {source} are not the original ones "
            f"(content digest {found}, expected {CONTENT_SHA256[pipeline]})"
        )
    unfinished.replace(target)


def _pack(source: Path, pipeline: str, target: Path) -> None:
    files = sorted(_run_files(source / "runs" / pipeline))
    if not files:
        raise ArchiveError(f"{source} holds neither {pipeline}.tar.xz nor runs/{pipeline}. {HOW_TO_GET}")
    with tarfile.open(target, "w:xz") as tar:
        for file in files:
            data = file.read_bytes()
            member = tarfile.TarInfo(file.relative_to(source).as_posix())
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _run_files(folder: Path) -> Iterator[Path]:
    for attack in ATTACKS:
        yield from folder.glob(f"*/*/{attack}/*.json")
