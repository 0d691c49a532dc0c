#!/usr/bin/env bash
# Builds and installs the Flatpak from the last commit. Wants flatpak-builder and the runtime that the manifest names.
#
# usage: packaging/flatpak/build.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# flatpak-builder has no network: the crates go along with the source, which git archive tells its commit.
source=target/package/flatpak/source
rm -rf "$source"
mkdir -p "$source/.cargo"
git archive HEAD | tar -x -C "$source"
cargo vendor --locked --versioned-dirs "$source/vendor" | sed "s|$source/||" >"$source/.cargo/config.toml"
flatpak-builder --user --install --force-clean --state-dir target/package/flatpak/state \
  target/package/flatpak/build packaging/flatpak/io.github.coxa_workbench.coxa.yaml
