#!/usr/bin/env bash
# The README's two commands in a fresh Debian root that has a C compiler, Rust and nothing else: no git, no display, no
# OpenGL, no network. What the build wanted beyond that would be a defect.
#
# usage: packaging/test-fresh.sh [SUITE]     as root; wants debootstrap; SUITE is bookworm unless said
#   TMPDIR   has room for the root and what is built in it, 12 GB
# Builds the last commit, with this machine's toolchain and its copies of the crates, both of which it cannot write to.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=${1:-bookworm}
root=$(mktemp -d)
began=$SECONDS
said() { echo "── $* ($((SECONDS - began)) s)"; }
clean() {
  for point in opt/cargo/registry opt/rust proc dev; do umount -l "$root/$point" 2>/dev/null || true; done
  rm -rf --one-file-system "$root"
}
trap clean EXIT

cargo fetch --locked
debootstrap --variant=minbase --include=gcc,libc6-dev "$suite" "$root" >"$root.log" || { cat "$root.log"; exit 1; }
mkdir -p "$root"/opt/{rust,cargo/registry} "$root/src/coxa"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind -o ro "$(rustc --print sysroot)" "$root/opt/rust"
mount --bind -o ro "${CARGO_HOME:-$HOME/.cargo}/registry" "$root/opt/cargo/registry"
git archive HEAD | tar -x -C "$root/src/coxa"
said "$suite is there, with $(chroot "$root" gcc --version | head -1)"

inside() {
  unshare --net chroot "$root" /usr/bin/env -i -C /src/coxa PATH=/opt/rust/bin:/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 \
    CARGO_HOME=/opt/cargo CARGO_NET_OFFLINE=true ${CARGO_BUILD_JOBS:+CARGO_BUILD_JOBS="$CARGO_BUILD_JOBS"} "$@"
}
for absent in git g++ cmake make pkg-config python3; do
  ! inside sh -c "command -v $absent" || { echo "the root has $absent: it is not bare" >&2; exit 1; }
done

inside cargo build --release --locked
said "built"
code=0
inside cargo run --release --locked 2>"$root/tmp/window.txt" || code=$?
cat "$root/tmp/window.txt"
test "$code" = 2
grep -q 'coxa measure' "$root/tmp/window.txt"
said "cargo run --release says how to go on without a display"

inside target/release/coxa simulate infant --count 1 --seed 31 --out /tmp/film
inside target/release/coxa measure /tmp/film --out /tmp/out
test -s "$root/tmp/out/summary.csv"
inside target/release/coxa --version
said "measured a film"

inside cargo test --locked
said "cargo test --locked passes"
