#!/usr/bin/env bash
# Make the lock files anew from pyproject.toml: pinned, with hashes, without any index address. Needs `uv` on PATH.
set -eu
cd "$(dirname "$0")/.."
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --group dev --extra server --extra s3 pyproject.toml -o requirements/dev.lock
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --group extras --all-extras --constraint requirements/dev.lock pyproject.toml -o requirements/extras.lock
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --extra server --extra s3 --constraint requirements/dev.lock pyproject.toml -o requirements/server.lock
