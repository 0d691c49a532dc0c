#!/usr/bin/env bash
# Makes Coxa.app and a disk image on a Mac with Rust and Xcode's command line tools. Not run yet: no Mac was at hand.
#
# usage: packaging/macos/build.sh [OUT]
#   CODESIGN_IDENTITY   signs with this identity instead of ad hoc (a downloaded program wants a notarised one)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=$(mkdir -p "${1:-target/package/out}" && cd "${1:-target/package/out}" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
app=target/package/Coxa.app

cargo build --release --locked
rm -rf target/package/Coxa.app target/package/coxa.iconset
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources/models" target/package/coxa.iconset
cp target/release/coxa "$app/Contents/MacOS/"
cp -R weights/ "$app/Contents/Resources/models/"
sed "s/VERSION/$version/g" packaging/macos/Info.plist >"$app/Contents/Info.plist"
for size in 16 32 128 256 512; do
  cp "packaging/linux/icons/$size.png" "target/package/coxa.iconset/icon_${size}x$size.png"
done
iconutil --convert icns --output "$app/Contents/Resources/coxa.icns" target/package/coxa.iconset
codesign --force --sign "${CODESIGN_IDENTITY:--}" "$app"
hdiutil create -volname Coxa -srcfolder "$app" -ov -format UDZO "$out/coxa-$version.dmg"
