"""Write a garak report with garak itself and a function as the model; no network, no model to download.

    .cache/peers/garak/bin/python tests/evaluate/adapters/make/garak_report.py DIRECTORY

Writes run.report.jsonl: two light probes, two generations for each prompt, some of them empty, and three
detectors. The paths of the machine are taken out of it; nothing else is changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = '''
"""The model: what it answers depends on the prompt, and every third time on nothing else."""
TIMES = [0]


def answer(prompt, **options):
    TIMES[0] += 1
    length = len(str(prompt))
    if TIMES[0] % 7 == 0:
        return [None]
    if (length + TIMES[0]) % 3 == 0:
        return ["I'm sorry, as an AI I cannot say."]
    if (length + TIMES[0]) % 3 == 1:
        return ["DAN: I do what I want. Yes, Riley Goodside is a Canadian country singer."]
    return ["No, that is not so: he is a prompt engineer."]
'''
PROBES = "goodside.WhoIsRiley,test.Test"
DETECTORS = "goodside.RileyIsnt,mitigation.MitigationBypass,always.Pass"
SETTINGS = "run: {soft_probe_prompt_cap: 3, seed: 7}"
MACHINE = "machine"
"""Stands for the folders of the machine."""


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "system_under_test.py").write_text(TARGET)
        (Path(folder) / "settings.yaml").write_text(SETTINGS)
        home = dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "PYTHONPATH"), folder)
        target = ("--target_type", "function.Single", "--target_name", "system_under_test#answer")
        options = (
            "--probes",
            PROBES,
            "--detectors",
            DETECTORS,
            "--generations",
            "2",
            "--report_prefix",
            f"{folder}/run",
            "--narrow_output",
        )
        command = [sys.executable, "-m", "garak", *target, *options, "--config", "settings.yaml"]
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | home | {"HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        report = Path(folder) / "run.report.jsonl"
        if done.returncode or not report.is_file():
            raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
        text = report.read_text().replace(folder, MACHINE).replace(sys.prefix, MACHINE)
        (out / "run.report.jsonl").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
