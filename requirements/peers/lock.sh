#!/usr/bin/env bash
# Make the lock of each peer's environment anew from NAME.in: pinned, with hashes, without any index address. Needs `uv`
# and, for promptfoo, `npm` on PATH. The first line of NAME.in may ask for a Python, `# python 3.12`, or give `# options` to
# uv. Install with `--no-deps`: a lock is complete.
set -eu
cd "$(dirname "$0")"
for input in *.in; do
  python="$(sed -n '1s/^# python //p' "$input")"
  read -r -a options <<<"$(sed -n '1s/^# options //p' "$input")"
  uv pip compile --quiet --universal --python-version "${python:-3.11}" --generate-hashes --no-header --no-emit-index-url \
    "${options[@]}" "$input" -o "${input%.in}.lock"
done
for folder in */package.json; do
  (cd "$(dirname "$folder")" && rm -f package-lock.json && npm install --package-lock-only --ignore-scripts \
    --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error)
done
