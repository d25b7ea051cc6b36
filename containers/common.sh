# Shared by the scripts of this folder; sourced. Names, the cache folder and the recipe's key.
# shellcheck shell=bash

containers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(dirname "$containers")
# Everything that is built lies here, never in the checkout.
cache=${REDPAK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/redpak}
suite=forky

# The recipe is these files; a change of any makes another root file system.
key=$(cat "$containers/packages.txt" "$containers/build-rootfs" | sha256sum | cut -c1-16)
rootfs=$cache/rootfs-$key

die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 125; }

# need PROGRAM PACKAGE: installs the Debian package of a missing program, or says what to install.
need() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "$1 is missing: install $2"
  printf 'containers: installing %s\n' "$2" >&2
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$2"; } >&2 ||
    die "cannot install $2"
}

# with_lock NAME COMMAND…: runs the command while no other call holds the lock.
with_lock() {
  local name=$1
  shift
  mkdir -p "$cache"
  exec 9>"$cache/$name.lock"
  flock 9
  "$@"
  exec 9>&-
}

# Whether this system has what red-pak is built from.
native() {
  command -v pkg-config >/dev/null && pkg-config --atleast-version=5.2.12 libdnf5 libdnf5-cli && pkg-config --atleast-version=4.20 rpm
}
