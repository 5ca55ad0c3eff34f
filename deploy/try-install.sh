#!/usr/bin/env bash
# Do what deploy/Dockerfile does, without a container engine, and look whether the result serves: install the locked
# packages and the wheel into a new environment, and run it as a user who can write to the data directory alone.
#   deploy/try-install.sh [PYTHON]
# Without PYTHON the first of python3 and /usr/bin/python3 that such a user can run: one below /root is out of its reach.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
finish() {
  code=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if [ "$code" -ne 0 ] && [ -f "$work/log" ]; then cat "$work/log" >&2; fi
  chmod -R u+w "$work"
  rm -rf "$work"
}
trap finish EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1

as=()
if [ "$(id -u)" -eq 0 ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs); fi
python=
candidates=("$@")
if [ $# -eq 0 ]; then candidates=(python3 /usr/bin/python3); fi
for candidate in "${candidates[@]}"; do
  if "${as[@]}" "$(command -v "$candidate")" -c '' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "an unprivileged user can run none of: ${candidates[*]}; name another" >&2; exit 2; }

echo "build"
"$python" -m venv "$work/build"
"$work/build/bin/python" -m pip install --quiet --require-hashes --no-deps -r deploy/build.lock
cp -r src pyproject.toml README.md LICENSE "$work/build"
"$work/build/bin/python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$work/wheels" "$work/build"

echo "install"
"$python" -m venv "$work/roadworthy"
"$work/roadworthy/bin/python" -m pip install --quiet --require-hashes --no-deps -r requirements/server.lock
"$work/roadworthy/bin/python" -m pip install --quiet --no-deps "$work"/wheels/*.whl
"$work/roadworthy/bin/python" -m pip check
"$work/roadworthy/bin/python" -m compileall -q "$work/roadworthy/lib"

# Nobody but root could write to the code, and root does not run it; without root, the permissions alone keep it.
mkdir -m 0700 "$work/data"
chmod 0755 "$work"
chmod -R a-w "$work/roadworthy"
if [ "$(id -u)" -eq 0 ]; then chown 65534:65534 "$work/data"; fi
# Each of these becomes the next, so that the process that is started here is the server itself.
roadworthy=("${as[@]}" env --chdir=/ -i PATH="$work/roadworthy/bin:/usr/bin:/bin" HOME=/nonexistent TMPDIR="$work/data"
  PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ROADWORTHY_DATA="$work/data" ROADWORTHY_PORT=0 roadworthy)

echo "serve"
"${roadworthy[@]}" serve >"$work/log" 2>&1 &
server=$!
for _ in $(seq 600); do
  if grep -q "Press Ctrl-C" "$work/log"; then break; fi
  kill -0 "$server"
  sleep 0.2
done
url=$(sed -n 's/^Roadworthy is at //p' "$work/log")
link=$(sed -n 's/^  \(http.*set-up.*\)$/\1/p' "$work/log")
curl --silent --show-error --fail "$url/healthz"; echo
curl --silent --show-error --fail "$url/readyz"; echo
curl --silent --show-error --fail "$link" | grep --quiet "<form" && echo "the set-up page is there"
"${roadworthy[@]}" doctor >"$work/doctor" || true
found=$(grep FAILED "$work/doctor" || true)
[[ $found == *Administrators* ]] || { echo "the doctor said nothing of administrators:" >&2; cat "$work/doctor" >&2; exit 1; }
if grep --invert-match Administrators <<<"$found" >&2; then exit 1; fi
echo "the doctor finds nothing wrong but that nobody administers it yet"
"${roadworthy[@]}" backup "$work/data/backup" >"$work/backup"
head -n 1 "$work/backup"

kill "$server"
wait "$server" || { echo "the server stopped with $?" >&2; exit 1; }
echo "stopped with 0"
server=
written=$(find "$work/roadworthy" -newer "$work/log" | head -n 3)
[ -z "$written" ] || { echo "written to the code: $written" >&2; exit 1; }
echo "served as an unprivileged user, from code that nobody can write to"
