#!/bin/sh
# The pictures of README and handbook, made anew from the program as it is: assets/handbook/pictures/*.png.
#
#   packaging/screenshots.sh [COXA]      all scenes go to target/screenshots, the chosen ones from there to assets/handbook/pictures
#
# Needs Xvfb (or a display) and OpenGL, software will do; for the scenes with adults COXA_DATA with the folder vsd.
set -eu
cd "$(dirname "$0")/.."
coxa=${1:-target/release/coxa}
all=target/screenshots
set -- tour --out "$all"
[ -d "${COXA_DATA:-../shared/data}/vsd" ] && set -- "$@" --anatomy "${COXA_DATA:-../shared/data}/vsd"
if [ -n "${DISPLAY:-}" ]; then
    "$coxa" "$@"
else
    xvfb-run -a -s "-screen 0 1280x800x24" "$coxa" "$@"
fi
for pair in measured:measured magnifier:magnifier masks:masks; do
    from="$all/${pair%:*}.png" to="assets/handbook/pictures/${pair#*:}.png"
    if [ -f "$from" ]; then cp "$from" "$to"; else echo "left as it is: $to"; fi
done
