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
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

start() {
  local dir=$1 port=$2
  shift 2
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  stop "$dir"
  command -v redis-server >/dev/null || install_server Redis redis-server openssl
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
      watch "$dir"
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

# By the process id that the server wrote, so that nobody else's is touched. A killed run leaves its server behind;
# the next start in the folder ends it.
stop() {
  local dir=$1
  [ -e "$dir/redis.pid" ] || return 0
  dir=$(cd "$dir" && pwd)
  local pid
  pid=$(cat "$dir/redis.pid")
  if [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$dir" ]; then
    end "$pid"
  fi
  rm -f "$dir/redis.pid" "$dir/server.log"
}

case "${1:-}" in
  start) [ $# -ge 3 ] || fail "start DIR PORT [OPTION VALUE…]"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || fail "stop DIR"; stop "$2" ;;
  *) fail "start DIR PORT [OPTION VALUE…], or stop DIR" ;;
esac
