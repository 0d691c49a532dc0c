#!/bin/sh
# The pictures of README and handbook, made anew from the program as it is: assets/handbook/pictures/*.png.
#
#   packaging/screenshots.sh [COXA]      all scenes go to target/screenshots, the chosen ones from there to assets/handbook/pictures
#
# Needs Xvfb (or a display) and OpenGL, software will do; poppler's pdftoppm for the report; for the scenes with adults
# COXA_DATA with the folder vsd.
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

# The report of a phantom, as a page of it is printed.
"$coxa" simulate infant --count 1 --seed 31 --out "$all/report"
cp "$all/report/infant-000031.dcm" "$all/report/demo.dcm"
"$coxa" export "$all/report/demo.dcm" --to pdf --out "$all/report"
pdftoppm -r 90 -f 1 -l 1 -singlefile -png "$all/report/demo.pdf" assets/handbook/pictures/report
