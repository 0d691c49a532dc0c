#!/usr/bin/env bash
# Installs the package in a fresh Debian root that has nothing else, uses it, removes it, and looks at what is left.
#
# usage: packaging/test-deb.sh coxa_VERSION_ARCH.deb [SUITE]     as root; wants debootstrap; SUITE is bookworm unless said
set -euo pipefail

package=$(realpath "$1")
suite=${2:-bookworm}
root=$(mktemp -d)
began=$SECONDS
said() { echo "── $* ($((SECONDS - began)) s)"; }
clean() {
  for point in proc dev; do umount -l "$root/$point" 2>/dev/null || true; done
  rm -rf --one-file-system "$root"
}
trap clean EXIT

debootstrap --variant=minbase "$suite" "$root" >"$root.log"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp "$package" "$root/tmp/coxa.deb"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
# How this machine reaches its mirror is how the root does.
cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
said "$suite is there"

inside apt-get update -qq
inside find / -xdev -not -path '/tmp/*' -not -path '/var/*' | sort >"$root.before"
inside apt-get install -y -qq --no-install-recommends /tmp/coxa.deb
said "installed, without what is only recommended"

inside coxa --version
inside test -s /usr/share/doc/coxa/handbook/index.html
inside coxa doctor || true # no display, no OpenGL: it says so and what to install
inside sh -c 'cd /tmp && coxa simulate infant --count 1 --seed 31 --out film && coxa measure film --out out && ls out'
test -s "$root"/tmp/out/summary.csv
said "measured a film"

inside sh -c 'coxa 2>/tmp/window.txt; test $? = 2'
grep -q 'coxa measure' "$root/tmp/window.txt"
said "says how to go on without a display"

inside apt-get install -y -qq xvfb xauth imagemagick libgl1 libegl1 libgl1-mesa-dri libxkbcommon-x11-0 libxcursor1 libxi6 libx11-6
inside sh -c 'xvfb-run -a -s "-screen 0 1280x800x24" sh -c "coxa 2>/tmp/window.log & sleep 8; import -window root /tmp/window.png; kill \$! || cat /tmp/window.log"'
colours=$(inside identify -format '%k' /tmp/window.png)
test "$colours" -gt 200 # an empty screen has one
cp "$root/tmp/window.png" "$(dirname "$package")/window.png"
said "the window is drawn: window.png beside the package"

# On two cores, as the smallest machines have; a loaded one takes longer than the second that it should.
inside xvfb-run -a -s "-screen 0 1280x800x24" taskset -c 0,1 coxa bench ui | head -2
said "start-up measured"

inside apt-get purge -y -qq coxa
inside apt-get autoremove -y -qq >/dev/null
left=$(inside find / -xdev -iname '*coxa*' -not -path '/tmp/*' -not -path '/proc/*' -not -path '/root/.local/share/coxa*' -not -path '/root/.config/coxa*')
test -z "$left" || { echo "left behind:"; echo "$left"; exit 1; }
said "removed; nothing is left but the user's own"
