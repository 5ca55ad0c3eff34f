#!/usr/bin/env bash
# Build deploy/Dockerfile with buildah, without a daemon, and look whether the image serves as a cluster runs it: as its
# own user, on a file system that is read-only but for /data and /tmp. Needs root, and Debian's packages buildah and curl.
#   deploy/try-image.sh [--debian]
# --debian makes the base image from Debian's packages (debootstrap; Python 3.11), where Docker Hub cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
work=$(mktemp -d)
images="$work/images"
base=$(sed -n 's/^FROM \([^ ]*\)$/\1/p' deploy/Dockerfile)
server=
finish() {
  code=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if [ "$code" -ne 0 ] && [ -f "$work/log" ]; then cat "$work/log" >&2; fi
  image umount --all >/dev/null 2>&1 || true
  image rm --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

image() { buildah --root "$images" --runroot "$work/run" "$@"; }

if [ "${1:-}" = --debian ]; then
  echo "base image from Debian's packages"
  debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates bookworm "$work/root" >/dev/null
  ln -s /usr/bin/python3 "$work/root/usr/local/bin/python"
  rm "$work/root/usr/lib/python3.11/EXTERNALLY-MANAGED"
  cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
  container=$(image from scratch)
  image copy --quiet "$container" "$work/root" / >/dev/null
  image config --env PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  image commit --quiet "$container" "docker.io/library/$base" >/dev/null
  image rm "$container" >/dev/null
  rm -rf "$work/root"
fi

echo "build"
image bud --quiet --format docker --network host --file deploy/Dockerfile --tag roadworthy . >/dev/null
container=$(image from --pull-never localhost/roadworthy)
root=$(image mount "$container")
set_as() { image inspect --type image --format "{{.OCIv1.Config.$1}}" localhost/roadworthy; }
[ "$(set_as User)" = 10001:10001 ] && [ "$(set_as Entrypoint)" = "[roadworthy]" ] && [ "$(set_as Cmd)" = "[serve]" ]
mapfile -t environment < <(image inspect --type image --format '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' localhost/roadworthy | grep .)
install -d -m 0700 -o 10001 -g 10001 "$work/data"

# Run in the image as the kubelet would; the mounts are gone when the process ends.
inside() {
  exec unshare --mount sh -euc '
    root=$1 data=$2; shift 2
    mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"
    mount --bind "$data" "$root/data"; mount -t tmpfs tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"; mount --bind /dev "$root/dev"
    exec setpriv --no-new-privs env -i "$@"' sh "$root" "$work/data" \
    "${environment[@]}" ROADWORTHY_HOST=127.0.0.1 ROADWORTHY_PORT="$port" /usr/sbin/chroot --userspec=10001:10001 "$root" "$@"
}

echo "serve"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(inside roadworthy serve) >"$work/log" 2>&1 &
server=$!
for _ in $(seq 600); do
  if grep -q "^Roadworthy is at" "$work/log"; then break; fi
  kill -0 "$server"
  sleep 0.2
done
curl --silent --show-error --fail "http://127.0.0.1:$port/healthz"; echo
curl --silent --show-error --fail "http://127.0.0.1:$port/readyz"; echo
(inside roadworthy doctor) >"$work/doctor" || { grep FAILED "$work/doctor" | grep --invert-match Administrators >&2 && exit 1; }
echo "the doctor finds nothing wrong but that nobody administers it yet"
(inside sh -c '[ "$(id -u)" = 10001 ] && ! touch /opt/roadworthy/written /written 2>/dev/null')
(inside pg_dump --version)
kill "$server"
wait "$server" && echo "stopped with 0"
server=
echo "served by the image as user 10001, on a read-only file system"
