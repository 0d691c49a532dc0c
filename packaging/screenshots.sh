#!/bin/sh
# The pictures of README and handbook, made anew from the program as it is: assets/screenshots/*.png.
#
#   packaging/screenshots.sh [COXA]      all scenes go to target/screenshots, the chosen ones from there to assets/screenshots
#
# Needs Xvfb (or a display) and OpenGL, software will do; for the scenes with adults COXA_DATA with the folder vsd.
# Pictures in the repository have 256 colours, by pngquant where it is installed.
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
for pair in magnifier:workbench adult:adult prior:prior; do
    from="$all/${pair%:*}.png" to="assets/screenshots/${pair#*:}.png"
    if [ ! -f "$from" ]; then
        echo "left as it is: $to"
    elif command -v pngquant >/dev/null; then
        pngquant --force --nofs --speed 1 --output "$to" 256 "$from"
    else
        cp "$from" "$to"
    fi
done
