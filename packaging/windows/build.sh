#!/usr/bin/env bash
# Builds the program for Windows and its installer on Debian. Wants gcc-mingw-w64-x86-64, wixl (msitools), imagemagick,
# and packaging/build-linux.sh before it, for the handbook and the list of licences.
#
# usage: packaging/windows/build.sh [OUT]      OUT gets coxa-VERSION-x86_64.msi
#   COXA_BINARY   a coxa.exe built elsewhere to pack instead of building one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=x86_64-pc-windows-gnu
out=$(mkdir -p "${1:-target/package/out}" && cd "${1:-target/package/out}" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
source=target/package/windows
program=${COXA_BINARY:-target/$target/release/coxa.exe}

[[ -n ${COXA_BINARY:-} ]] || CARGO_TARGET_DIR=target cargo build --release --locked --target "$target"
rm -rf "$source"
mkdir -p "$source"
cp "$program" "$source/coxa.exe"
cp target/package/licences.html "$source/"
convert packaging/linux/icons/{16,24,32,48,64,128,256}.png "$source/coxa.ico"

# Every file below a folder becomes a component.
group() { # group NAME DIRECTORY FOLDER
  find "$3" -type f | LC_ALL=C sort |
    wixl-heat --prefix "$3/" --component-group "$1" --var "var.$1" --directory-ref "$2" --win64 >"$source/$1.wxs"
}
group Models MODELS weights
group Handbook HANDBOOK target/package/handbook

wixl --arch x64 --output "$out/coxa-$version-x86_64.msi" \
  -D Win64=yes -D Version="$version" -D Source="$source" -D Models=weights -D Handbook=target/package/handbook \
  packaging/windows/coxa.wxs "$source/Models.wxs" "$source/Handbook.wxs"
sha256sum "$out/coxa-$version-x86_64.msi"
