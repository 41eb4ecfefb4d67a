#!/usr/bin/env bash
# SQS with move tasks, which moto has not, for tests and for trying eventglass: ElasticMQ, in memory, loopback only.
#
#   tests/servers/elasticmq.sh start DIR PORT   start, or start again what was stopped or killed in DIR
#   tests/servers/elasticmq.sh stop DIR         end it; the folder stays, its queues are forgotten
#   tests/servers/elasticmq.sh url PORT         its endpoint: sqs://QUEUE?region=eu-west-1&endpoint=URL
#
# The log is DIR/log.txt. ElasticMQ comes from Maven once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers. With
# OWNER=PID in the environment it ends and DIR goes away when that process is gone, however it ended. Any
# credentials do: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test.
set -euo pipefail
version=1.6.14
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"
libs=$cache/elasticmq-$version

fetch() {
  for tool in java mvn curl; do
    command -v $tool >/dev/null || { echo "$tool is missing: apt-get install default-jre-headless maven curl" >&2; exit 1; }
  done
  libraries "elasticmq-$version" "$(dependency org.elasticmq elasticmq-server_2.13 "$version")" >/dev/null
}

running() { [ -e "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

start() {
  fetch
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  running "$dir/pid" && return
  cat >"$dir/elasticmq.conf" <<CONF
include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = $port, context-path = "" }
rest-sqs { enabled = true, bind-port = $port, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
aws { region = "eu-west-1", accountId = "123456789012" }
CONF
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Dconfig.file="$dir/elasticmq.conf" \
    -cp "$libs/*" org.elasticmq.server.Main >>"$dir/log.txt" 2>&1 </dev/null 8>&- &
  echo $! >"$dir/pid"
  # Two minutes: the machine may be busy with builds.
  local left=600
  until curl -fs -m 2 -o /dev/null "$(url)/?Action=ListQueues" 2>/dev/null; do
    left=$((left - 1))
    if [ $left -eq 0 ] || ! running "$dir/pid"; then
      tail -20 "$dir/log.txt" >&2
      echo "ElasticMQ did not start" >&2
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
