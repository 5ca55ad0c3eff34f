"""Write Every Eval Ever files with the converter of its own package, from logs of the lm-evaluation-harness.

    .cache/peers/every-eval-ever/bin/python tests/evaluate/adapters/make/every_eval_ever_logs.py DIRECTORY [LM-EVAL]

Writes UUID.json and UUID_samples.jsonl of the task `words`. LM-EVAL is the folder that lm_eval_logs.py has filled.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOGS = Path(__file__).parents[1] / "files" / "lm-eval"


def main(out: Path, logs: Path = LOGS) -> None:
    out.mkdir(parents=True, exist_ok=True)
    results = next(logs.glob("results_*.json"))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "every_eval_ever", "convert", "lm_eval", "--log_path", str(results.resolve())]
        options = ["--include_samples", "--source_organization_name", "Example", "--evaluator_relationship", "other"]
        subprocess.run([*command, "--output_dir", "data", *options], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        for file in Path(folder, "data", "words").rglob("*.json*"):
            shutil.copy(file, out / file.name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
