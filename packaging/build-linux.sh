#!/usr/bin/env bash
# Makes the Debian package, the relocatable archive and the bill of materials from this checkout.
#
# usage: packaging/build-linux.sh [OUT]      OUT gets coxa_VERSION_ARCH.deb, coxa-VERSION-ARCH.tar.gz, coxa.spdx.json
#   COXA_BINARY   a program built elsewhere to pack instead of building one: that of packaging/build-cuda.sh makes the one
#                 package that uses an NVIDIA GPU where there is one and the processor elsewhere
# The same commit gives the same bytes: times are the commit's, unless SOURCE_DATE_EPOCH is set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unset CARGO_TARGET_DIR # cargo-deb and this script name the same folder
out=$(mkdir -p "${1:-target/package/out}" && cd "${1:-target/package/out}" && pwd)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# No path of the machine that builds goes into the program.
RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=/coxa --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
export SOURCE_DATE_EPOCH RUSTFLAGS LC_ALL=C TZ=UTC
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
architecture=$(uname -m)

tool() { # tool NAME VERSION: a cargo command, installed where it is missing
  command -v "$1" >/dev/null || cargo install --locked --features "${3:-}" "$1@$2"
}

tool cargo-deb 3.8.0
tool cargo-about 0.9.0 cli
tool cargo-sbom 0.10.0

if [[ -n ${COXA_BINARY:-} ]]; then
  install -D "$COXA_BINARY" target/release/coxa
else
  cargo build --release --locked
fi

rm -rf target/package/share target/package/handbook
target/release/coxa manual --out target/package/share
COXA_MODELS=weights target/release/coxa handbook --out target/package/handbook
cargo about generate --locked --config packaging/licences.toml packaging/licences.hbs -o target/package/licences.html
# Time, number and order would differ from run to run.
cargo sbom --output-format spdx_json_2_3 | python3 -c '
import json, sys
bill = json.load(sys.stdin)
bill["creationInfo"]["created"], bill["documentNamespace"] = sys.argv[1:]
for part in "files", "packages", "relationships":
    bill[part].sort(key=lambda entry: json.dumps(entry, sort_keys=True))
json.dump(bill, sys.stdout, indent=2, sort_keys=True)
' "$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)" "https://spdx.org/spdxdocs/coxa-$version-$SOURCE_DATE_EPOCH" \
  >"$out/coxa.spdx.json"
cargo deb --no-build --locked --output "$out/"

# The archive has the package's own tree, so that the two cannot differ: bin beside share, wherever it is unpacked.
tree=target/package/coxa-$version
rm -rf "$tree" target/package/root
dpkg-deb --extract "$out"/coxa_"$version"*.deb target/package/root
mv target/package/root/usr "$tree"
cp LICENSE-MIT LICENSE-APACHE "$tree/"
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --directory target/package "coxa-$version" | gzip --no-name >"$out/coxa-$version-$architecture.tar.gz"
sha256sum "$out"/coxa*
