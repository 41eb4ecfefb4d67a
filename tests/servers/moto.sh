#!/usr/bin/env bash
# SQS and SNS for tests and for trying eventglass: moto's server, in memory, loopback only.
#
#   tests/servers/moto.sh start DIR PORT   start, or start again what was stopped or killed in DIR
#   tests/servers/moto.sh stop DIR         end it; the folder stays, its queues are forgotten
#   tests/servers/moto.sh url PORT         its endpoint: sqs://QUEUE?region=eu-west-1&endpoint=URL
#
# The log is DIR/log.txt. moto comes from PyPI once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers. With
# OWNER=PID in the environment it ends and DIR goes away when that process is gone, however it ended. Any
# credentials do: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test.
set -euo pipefail
version=5.2.5
what=moto
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eventglass-servers
home=$cache/moto-$version
source "$(dirname "${BASH_SOURCE[0]}")/one.sh"

fetch() {
  [ -e "$home/complete" ] && return
  missing "python3-venv curl" python3 curl
  mkdir -p "$cache"
  # Two runs at once fetch once.
  exec 8>"$cache/lock"
  flock 8
  [ -e "$home/complete" ] && return
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$version" >&2
  touch "$home/complete"
  exec 8>&-
}

launch() {
  (cd "$dir" && exec "$home/bin/moto_server" -H 127.0.0.1 -p "$port" >>"$dir/log.txt" 2>&1 </dev/null 8>&-) &
}

url() { echo "http://127.0.0.1:$port"; }

up() { curl -fs -m 2 -o /dev/null "$(url)/moto-api/"; }

one "$@"
