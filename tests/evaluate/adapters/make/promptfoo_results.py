"""Write results of promptfoo with itself, providers and a judge in JavaScript; no network.

    python tests/evaluate/adapters/make/promptfoo_results.py DIRECTORY

Writes results.json: 2 prompts x 2 providers x 4 tests x 2 repetitions, with a provider that fails on one test, a judge
that fails on another, and a test without assertions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MODULES = Path(__file__).parents[4] / ".cache" / "peers" / "promptfoo" / "node_modules"
PROVIDER = """
module.exports = class {
  constructor(options) { this.model = options.config.model; this.wrong = options.config.wrong; }
  id() { return this.model; }
  async callApi(prompt, context) {
    const { question, answer, topic } = context.vars;
    if (topic === 'outage') return { error: 'the server said 503' };
    const output = this.wrong.includes(question) ? 'I do not know' : `It is ${answer}.`;
    const usage = { prompt: prompt.length, completion: 7, total: prompt.length + 7 };
    return { output, tokenUsage: usage, cost: 0.001 };
  }
};
"""
JUDGE = """
module.exports = class {
  id() { return 'local:judge-1'; }
  async callApi(prompt) {
    if (prompt.includes('It is eight')) return { error: 'the judge said 503' };
    const pass = !prompt.includes('I do not know');
    return { output: JSON.stringify({ pass, score: pass ? 1 : 0.25, reason: 'by rule' }) };
  }
};
"""
RUBRIC = "{{output}} answers {{rubric}}"


def provider(model: str, *wrong: str, **more: str) -> dict[str, Any]:
    return {"id": "file://provider.js", "config": {"model": model, "wrong": wrong}, **more}


def asserted(question: str, answer: str, topic: str, **more: Any) -> dict[str, Any]:
    given = [
        {"type": "icontains", "value": "{{answer}}", "metric": "answer"},
        {"type": "llm-rubric", "value": "the question", "metric": "rubric"},
        {"type": "javascript", "value": "output.length / 20", "threshold": 0.2},
    ]
    return {"vars": {"question": question, "answer": answer, "topic": topic}, "assert": given, **more}


CONFIG = {
    "description": "order questions",
    "prompts": ["Answer: {{question}}", "Be brief. {{question}}"],
    "providers": [provider("local:first-1", "q2", label="first"), provider("local:second-1")],
    "defaultTest": {"options": {"provider": "file://judge.js", "rubricPrompt": RUBRIC}},
    "tests": [
        asserted("q1", "red", "colour"),
        asserted("q2", "blue", "colour", metadata={"person": "p1"}, description="second"),
        asserted("q3", "eight", "number"),
        asserted("q4", "nine", "outage"),
        {"vars": {"question": "q5", "answer": "ten", "topic": "number"}},
    ],
}


def promptfoo() -> list[str]:
    """Return the program, with the Node.js that is installed beside it, else that of the machine (22.22 or later)."""
    node = next(MODULES.glob("node-*/bin/node"), "node")
    program = MODULES / ".bin" / "promptfoo"
    if not program.exists():
        raise SystemExit("promptfoo is not installed: make test-peers")
    return [str(node), str(program)]


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    quiet = ("PROMPTFOO_DISABLE_TELEMETRY", "PROMPTFOO_DISABLE_UPDATE", "PROMPTFOO_DISABLE_REMOTE_GENERATION")
    with tempfile.TemporaryDirectory() as folder:
        files = {"provider.js": PROVIDER, "judge.js": JUDGE, "promptfooconfig.json": json.dumps(CONFIG)}
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        environment = {**os.environ, **dict.fromkeys(quiet, "1"), "PROMPTFOO_CONFIG_DIR": folder}
        options = ("--repeat", "2", "--no-cache", "--no-write", "--no-table", "--no-progress-bar", "-j", "1")
        command = [*promptfoo(), "eval", "-c", "promptfooconfig.json", "-o", "results.json", *options]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        # 100 means that some tests failed, as they are made to.
        if done.returncode not in (0, 100):
            raise SystemExit(done.stderr)
        # Without the line breaks the file is a third smaller.
        written = json.loads((Path(folder) / "results.json").read_text())
        (out / "results.json").write_text(json.dumps(written, separators=(",", ":")))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
