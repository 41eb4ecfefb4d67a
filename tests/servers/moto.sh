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
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"
source "$(dirname "${BASH_SOURCE[0]}")/one.sh"
home=$cache/moto-$version-lib

from_pypi() { # FOLDER
  python3 -m venv "$1/venv"
  "$1/venv/bin/pip" install --quiet --disable-pip-version-check --target "$1/lib" "moto[server]==$version"
  rm -r "$1/venv" # it could not be moved
}

fetch() {
  missing "python3-venv curl" python3 curl
  # Not in a substitution, which would go on where pip fails.
  cached "moto-$version-lib" from_pypi >/dev/null
}

launch() {
  (cd "$dir" && PYTHONPATH=$home/lib exec python3 -m moto.server -H 127.0.0.1 -p "$port" \
    >>"$dir/log.txt" 2>&1 </dev/null 8>&-) &
}

url() { echo "http://127.0.0.1:$port"; }

up() { curl -fs -m 2 -o /dev/null "$(url)/moto-api/"; }

one "$@"
