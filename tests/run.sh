#!/usr/bin/env bash
# Installs what the tests need and runs them all: format, lints, tests (the program from outside, pictures
# of the panels, short fuzz runs), the benches' smoke runs, and the window itself on a virtual screen.
#
#   tests/run.sh            FUZZ_SECONDS=60 tests/run.sh  for longer fuzz runs
#                           OUTAGES=1 tests/run.sh        also ten thousand letters while brokers are killed
#
# On Debian and Ubuntu missing packages are installed (as root, or by sudo without a password); elsewhere
# they are named. What is there already is used. Needs no display and no graphics card.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never} RUST_BACKTRACE=${RUST_BACKTRACE:-1}
say() { printf '\n== %s\n' "$*"; }

# ---- what is needed --------------------------------------------------------------------------------
packages=(gcc pkg-config xvfb xauth mesa-vulkan-drivers libvulkan1 libgl1 libgl1-mesa-dri libegl1
  libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0)
# Kafka runs on any Java from 17 on and comes by Maven.
command -v java >/dev/null || packages+=(default-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  missing=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]}"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    if ! { "${as_root[@]}" apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; }; then
      echo "Please install: ${missing[*]}" >&2
      exit 1
    fi
  fi
else
  echo "Not a Debian system; the tests need the likes of: ${packages[*]}"
fi
for tool in rustfmt cargo-clippy; do
  command -v "$tool" >/dev/null || { say "installing $tool" && rustup component add "${tool#cargo-}"; }
done

# ---- the checks ------------------------------------------------------------------------------------
say "format"
cargo fmt --check
say "lints"
# Without KurrentDB's client, as people build it; everything after this is built with it.
cargo clippy --features image-tests --all-targets -- -D warnings
features=(--features image-tests,kurrent-tests)
if command -v cargo-deny >/dev/null; then
  say "licences and sources"
  cargo deny check licenses bans sources
fi
say "tests"
# Pictures are drawn by a software device, so that they are the same on every machine.
export LIBGL_ALWAYS_SOFTWARE=1 WGPU_ADAPTER_NAME=${WGPU_ADAPTER_NAME:-llvmpipe}
cargo test "${features[@]}"
if [ -n "${OUTAGES:-}" ]; then
  say "brokers killed and silent"
  # All that take minutes; what is played for a person would go on for an hour.
  cargo test "${features[@]}" --test brokers -- --ignored --skip play
fi
cargo build "${features[@]}"
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
program=$target/debug/eventglass

say "benches, small"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for bench in benches/*.rs; do
  [ -e "$bench" ] || continue
  name=$(basename "$bench" .rs)
  case $name in
    ingest) arguments=(--events 20000) ;;
    frame | trace) arguments=(--quick) ;;
    analysis) arguments=("$scratch/shop.ndjson" 20000) ;;
    *) arguments=(--events 20000) ;;
  esac
  cargo test "${features[@]}" --bench "$name" -- "${arguments[@]}"
done

say "the window"
# It must come up and stay: the time-out ending it is the good result.
set +e
HOME=$scratch XDG_CONFIG_HOME=$scratch XDG_CACHE_HOME=$scratch XDG_RUNTIME_DIR=$scratch \
  timeout 15 xvfb-run -a -s "-screen 0 1440x900x24" "$program" sample-data/shop.ndjson >"$scratch/window.log" 2>&1
code=$?
set -e
if [ "$code" -ne 124 ]; then
  cat "$scratch/window.log"
  echo "The window ended by itself with $code" >&2
  exit 1
fi
say "all is well"
