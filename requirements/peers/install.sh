#!/usr/bin/env bash
# Set up the environments of peers below .cache/peers from their locks: all of them, or those that are named. A lock that has
# not changed is not installed again. npm peers have a folder with package.json and package-lock.json.
set -euo pipefail
cd "$(dirname "$0")"
cache=$(realpath -m ../../.cache/peers)
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  names=($(for lock in *.lock */package-lock.json; do [ -e "$lock" ] && echo "${lock%%[./]*}"; done))
fi

# Print a Python of the version that NAME.in asks for in its first line, else the one that is there.
python_for() {
  local version
  version=$(sed -n '1s/^# python //p' "$1.in")
  if [ -z "$version" ]; then echo "${PYTHON:-python3}"; return; fi
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version"*/bin/python; do
    if "$candidate" -c '' 2>/dev/null; then echo "$candidate"; return; fi
  done
  echo "$1 needs Python $version, which is not here" >&2
  return 1
}

for name in "${names[@]}"; do
  home="$cache/$name"
  lock="$name.lock"
  [ -e "$lock" ] || lock="$name/package-lock.json"
  if cmp -s "$lock" "$home/.installed"; then continue; fi
  echo "peer $name"
  rm -rf "$home"
  mkdir -p "$home"
  if [ -e "$name.lock" ]; then
    python=$(python_for "$name")
    "$python" -m venv "$home"
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
  else
    cp "$name/package.json" "$name/package-lock.json" "$home/"
    (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  fi
  cp "$lock" "$home/.installed"
done
