#!/usr/bin/env bash
# A real schema registry for tests and for trying eventglass: Apicurio, in memory, loopback only.
#
#   tests/servers/registry.sh start DIR PORT   start, or start again what was stopped or killed in DIR
#   tests/servers/registry.sh stop DIR         end it; the folder stays, its schemas are forgotten
#   tests/servers/registry.sh url PORT         the address of its Confluent API
#
# The log is DIR/log.txt. Apicurio comes from Maven Central once, into
# ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers. With OWNER=PID in the environment it ends and DIR goes away when
# that process is gone, however it ended.
set -euo pipefail
version=3.0.9
sha256=2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eventglass-servers
home=$cache/apicurio-$version

fetch() {
  [ -e "$home/complete" ] && return
  for tool in java mvn curl tar sha256sum; do
    command -v $tool >/dev/null || { echo "$tool is missing: apt-get install default-jre-headless maven curl tar" >&2; exit 1; }
  done
  mkdir -p "$cache"
  # Two runs at once fetch once.
  exec 8>"$cache/lock"
  flock 8
  [ -e "$home/complete" ] && return
  local work
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  # Not by mvn: the artifact's parent is not published, and without it Maven gives nothing. But Maven knows where.
  local central
  central=$(cd "$work" && mvn -q -B org.apache.maven.plugins:maven-help-plugin:3.4.0:evaluate \
    -Dexpression=project.repositories -DforceStdout | sed -n 's:.*<url>\(.*\)</url>.*:\1:p' | head -1)
  curl -fsSL --retry 3 -o "$work/app.tar.gz" \
    "$central/io/apicurio/apicurio-registry-app/$version/apicurio-registry-app-$version-all.tar.gz"
  echo "$sha256  $work/app.tar.gz" | sha256sum --check --quiet
  mkdir "$work/home"
  tar xzf "$work/app.tar.gz" -C "$work/home"
  rm -rf "$home"
  mv "$work/home" "$home"
  rm -rf "$work"
  touch "$home/complete"
  exec 8>&-
}

running() { [ -e "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

start() {
  fetch
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  running "$dir/pid" && return
  local jar
  jar=$(find "$home" -name "*-runner.jar" | head -1)
  (cd "$dir" && exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:-UsePerfData \
    -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" -jar "$jar" >>"$dir/log.txt" 2>&1 </dev/null 8>&-) &
  echo $! >"$dir/pid"
  # Two minutes: the machine may be busy with builds.
  local left=600
  until curl -fs -m 2 -o "$dir/subjects.json" "$(url)/subjects" 2>/dev/null; do
    left=$((left - 1))
    if [ $left -eq 0 ] || ! running "$dir/pid"; then
      tail -20 "$dir/log.txt" >&2
      echo "The registry did not start" >&2
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

url() { echo "http://127.0.0.1:$port/apis/ccompat/v7"; }

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
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
