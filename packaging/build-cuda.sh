#!/usr/bin/env bash
# Builds coxa with CUDA kernels on a machine that has neither a GPU nor NVIDIA's toolkit.
#
# The compiler comes from PyPI. candle links CUDA when it is built, and the program would then not start where CUDA is
# missing; so a copy of candle-core is made that opens CUDA's libraries at run time, and a temporary workspace names
# that copy. The one binary runs on the GPU where there is a driver for CUDA 13, and on the processor elsewhere.
#
# usage: packaging/build-cuda.sh [WORK]      WORK keeps toolkit and build (default: target/cuda-build)
#   CUDA_COMPUTE_CAP   compute capability to compile for (default 90, the H100; 80 runs on all since the A100)
#   PYTHON             interpreter whose pip fetches the compiler (default python3)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-$root/target/cuda-build}"
work=$(cd "${1:-$root/target/cuda-build}" && pwd)
toolkit=$work/toolkit
workspace=$work/workspace
crate=candle-core
packages=(
  nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88
  nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85 nvidia-cuda-nvrtc==13.0.88
)

fail() { echo "build-cuda: $*" >&2; exit 1; }

fetch_toolkit() {
  local stamp=$toolkit/packages
  [[ -f $stamp && $(<"$stamp") == "${packages[*]}" ]] && return
  "${PYTHON:-python3}" -m pip install --no-deps --upgrade --target "$toolkit" "${packages[@]}" ||
    fail "pip could not fetch the compiler"
  echo "${packages[*]}" >"$stamp"
}

# The wheel has the static runtime under another name than the linker is asked for.
make_shim() {
  mkdir -p "$toolkit/shim"
  echo "INPUT($cuda/lib/libcudart_static.a -ldl -lrt -lpthread)" >"$toolkit/shim/libcudart.so"
}

# candle's kernels for quantised language models take minutes each to optimise, and nothing here calls them. They are
# the only ones that are compiled to objects; those that networks use become PTX and keep full optimisation.
make_compiler() {
  [[ -x $cuda/bin/nvcc-plain ]] || mv "$cuda/bin/nvcc" "$cuda/bin/nvcc-plain"
  cat >"$cuda/bin/nvcc" <<'SHELL'
#!/bin/sh
case " $* " in *" -c "*) set -- "$@" --Ofast-compile=max ;; esac
exec "$(dirname "$0")/nvcc-plain" "$@"
SHELL
  chmod +x "$cuda/bin/nvcc"
}

# Everything of this repository by link, but for the manifest, which gets the patch, and the lock file, which changes.
make_workspace() {
  rm -rf "$workspace"
  mkdir -p "$workspace"
  for entry in "$root"/*; do
    case $(basename "$entry") in
      target | Cargo.toml | Cargo.lock) ;;
      *) ln -s "$entry" "$workspace/" ;;
    esac
  done
  local source
  source=$(cd "$root" && cargo metadata --format-version 1 --locked --features cuda | "${PYTHON:-python3}" -c "
import json, os, sys
packages = json.load(sys.stdin)['packages']
print(*{os.path.dirname(p['manifest_path']) for p in packages if p['name'] == '$crate'})")
  [[ -f $source/Cargo.toml ]] || fail "cargo does not know one $crate"
  cp -rL "$source" "$workspace/$crate"
  chmod -R u+w "$workspace/$crate"
  grep -q '"dynamic-linking"' "$workspace/$crate/Cargo.toml" || fail "$crate no longer links CUDA dynamically"
  sed -i 's/"dynamic-linking"/"dynamic-loading"/' "$workspace/$crate/Cargo.toml"
  cp "$root/Cargo.lock" "$workspace/"
  { cat "$root/Cargo.toml"; printf '\n[patch.crates-io]\n%s = { path = "%s" }\n' "$crate" "$crate"; } \
    >"$workspace/Cargo.toml"
}

fetch_toolkit
cuda=$(echo "$toolkit"/nvidia/cu*)
[[ -x $cuda/bin/nvcc ]] || fail "no compiler at $cuda/bin/nvcc"
make_compiler
make_shim
make_workspace
cd "$workspace"
# Outside of the repository nothing else tells the commit.
if [[ -z ${COXA_COMMIT:-} ]] && commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null); then
  export COXA_COMMIT=$commit
fi
# No path of the machine that builds goes into the program.
remapped="--remap-path-prefix=$work=/build --remap-path-prefix=$workspace=/coxa"
RUSTFLAGS="${RUSTFLAGS:-} $remapped --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
  CUDA_HOME=$cuda CUDA_PATH=$cuda CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP:-90} PATH=$cuda/bin:$PATH \
  LIBRARY_PATH=$toolkit/shim${LIBRARY_PATH:+:$LIBRARY_PATH} CARGO_TARGET_DIR=$work/target \
  cargo build --release --features cuda --bin coxa
echo "$work/target/release/coxa"
