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
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eventglass-servers
home=$cache/moto-$version

fetch() {
  [ -e "$home/complete" ] && return
  for tool in python3 curl; do
    command -v $tool >/dev/null || { echo "$tool is missing: apt-get install python3-venv curl" >&2; exit 1; }
  done
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

running() { [ -e "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

start() {
  fetch
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  running "$dir/pid" && return
  (cd "$dir" && exec "$home/bin/moto_server" -H 127.0.0.1 -p "$port" >>"$dir/log.txt" 2>&1 </dev/null 8>&-) &
  echo $! >"$dir/pid"
  # Two minutes: the machine may be busy with builds.
  local left=600
  until curl -fs -m 2 -o /dev/null "$(url)/moto-api/" 2>/dev/null; do
    left=$((left - 1))
    if [ $left -eq 0 ] || ! running "$dir/pid"; then
      tail -20 "$dir/log.txt" >&2
      echo "moto did not start" >&2
      stop
      exit 1
    fi
    sleep 0.2
  done
  if [ -n "${OWNER:-}" ] && ! running "$dir/watcher"; then
    setsid "$0" watch "$dir" "$OWNER" </dev/null >/dev/null 2>&1 8>&- &
    echo $! >"$dir/watcher"
  fi
}

url() { echo "http://127.0.0.1:$port"; }

stop() {
  local left=100
  running "$dir/pid" && kill "$(cat "$dir/pid")" 2>/dev/null || true
  while running "$dir/pid" && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
  running "$dir/pid" && kill -9 "$(cat "$dir/pid")" 2>/dev/null || true
  rm -f "$dir/pid"
}

action=${1:-}
case $action in
  start) dir=${2:?DIR} port=${3:?PORT} && start ;;
  stop) dir=${2:?DIR} && stop ;;
  url) port=${2:?PORT} && url ;;
  watch)
    dir=$2
    while kill -0 "$3" 2>/dev/null; do sleep 1; done
    stop
    rm -rf "$dir"
    ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
