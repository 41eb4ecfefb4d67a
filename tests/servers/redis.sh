#!/usr/bin/env bash
# A Redis server of the tests' own: Debian's package, on loopback, with its data and log in one folder.
#
#   tests/servers/redis.sh start DIR PORT [OPTION VALUE…]
#   tests/servers/redis.sh stop DIR
#
# Options are those of redis.conf: `cluster-enabled yes` makes a cluster of one node that has all slots,
# `tls-port PORT` makes DIR/tls/ca.pem, which signs the server's certificate for localhost.
# With OWNER=PID in the environment the server ends with that process, and DIR is removed.
set -euo pipefail

fail() { echo "redis.sh: $*" >&2; exit 1; }

install_server() {
  command -v apt-get >/dev/null || fail "please install Redis (redis-server)"
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  # Debian's package starts a service of its own on the usual port, unless the policy forbids it.
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod +x $policy
    made=yes
  fi
  local done=0
  { "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq \
    --no-install-recommends redis-server openssl; } >/dev/null || done=$?
  [ -z "$made" ] || "${as_root[@]}" rm -f $policy
  [ $done -eq 0 ] || fail "redis-server could not be installed"
}

certificates() {
  local dir=$1/tls
  [ -e "$dir/server.pem" ] && return
  mkdir -p "$dir"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=eventglass test CA" \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
  openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$dir/server.pem" 2>/dev/null
}

start() {
  local dir=$1 port=$2
  shift 2
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  stop "$dir"
  command -v redis-server >/dev/null || install_server
  {
    echo "bind 127.0.0.1"
    echo "port $port"
    echo "dir $dir"
    echo "pidfile $dir/redis.pid"
    echo "logfile $dir/server.log"
    echo "daemonize yes"
    # Nothing that was acknowledged may be lost when a test kills the server.
    echo "appendonly yes"
    echo "appendfsync always"
    echo "save \"\""
    local option=
    for word in "$@"; do
      if [ -z "$option" ]; then option=$word; continue; fi
      echo "$option $word"
      if [ "$option" = tls-port ]; then
        certificates "$dir"
        printf 'tls-cert-file %s/tls/server.pem\ntls-key-file %s/tls/server.key\ntls-ca-cert-file %s/tls/ca.pem\n' \
          "$dir" "$dir" "$dir"
        echo "tls-auth-clients no"
      fi
      option=
    done
  } >"$dir/redis.conf"
  redis-server "$dir/redis.conf" >"$dir/console.log" 2>&1 || { cat "$dir/console.log" >&2; fail "Redis did not start"; }
  local i
  for i in $(seq 1 100); do
    if grep -q "Ready to accept connections" "$dir/server.log" 2>/dev/null; then
      if [[ " $* " == *" cluster-enabled yes "* ]]; then cluster "$port"; fi
      [ -z "${OWNER:-}" ] || watch "$dir"
      return 0
    fi
    sleep 0.1
  done
  tail -n 40 "$dir/server.log" >&2 || true
  fail "Redis did not start"
}

# All slots for the one node there is.
cluster() {
  redis-cli -p "$1" cluster addslotsrange 0 16383 >/dev/null
  local i
  for i in $(seq 1 100); do
    if redis-cli -p "$1" cluster info | grep -q "cluster_state:ok"; then return; fi
    sleep 0.1
  done
  fail "the cluster has no slots"
}

watch() {
  setsid nohup bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; "$2" stop "$3"; rm -rf "$3"' \
    - "$OWNER" "$(realpath "$0")" "$1" >/dev/null 2>&1 </dev/null &
}

# By the process id that the server wrote, so that nobody else's is touched. A killed run leaves its server behind;
# the next start in the folder ends it.
stop() {
  local dir=$1
  [ -e "$dir/redis.pid" ] || return 0
  dir=$(cd "$dir" && pwd)
  local pid i
  pid=$(cat "$dir/redis.pid")
  if [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$dir" ]; then
    kill "$pid" 2>/dev/null || true
    for i in $(seq 1 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$dir/redis.pid" "$dir/server.log"
}

case "${1:-}" in
  start) [ $# -ge 3 ] || fail "start DIR PORT [OPTION VALUE…]"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || fail "stop DIR"; stop "$2" ;;
  *) fail "start DIR PORT [OPTION VALUE…], or stop DIR" ;;
esac
