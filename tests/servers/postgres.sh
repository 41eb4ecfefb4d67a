#!/usr/bin/env bash
# A PostgreSQL server of the tests' own: Debian's package, on loopback, with its data and log in one folder.
#
#   tests/servers/postgres.sh start DIR PORT
#   tests/servers/postgres.sh stop DIR
#
# User eventglass with the password secret, database eventglass; encrypted connections are possible (DIR/tls/server.pem).
# The server runs as the user postgres where the tests run as root. With OWNER=PID in the environment the server ends
# with that process, and DIR is removed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1; }

fetch() {
  # Debian's package makes a cluster of its own, unless it is told not to.
  as_root mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  install_server PostgreSQL postgresql openssl
}

# PostgreSQL refuses to run as root.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid postgres --regid postgres --init-groups env HOME="$1" "${@:2}"
  else
    env HOME="$1" "${@:2}"
  fi
}

start() {
  local dir=$1 port=$2
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  stop "$dir"
  [ -n "$(programs)" ] || fetch
  local bin
  bin=$(programs)
  if [ ! -e "$dir/data/PG_VERSION" ]; then
    mkdir -p "$dir/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost" \
      -keyout "$dir/tls/server.key" -out "$dir/tls/server.pem" 2>/dev/null
    echo secret >"$dir/password"
    if [ "$(id -u)" -eq 0 ]; then chown -R postgres "$dir"; fi
    chmod 600 "$dir/tls/server.key"
    chmod 755 "$dir"
    as_server "$dir" "$bin/initdb" -D "$dir/data" -U eventglass --pwfile="$dir/password" -A scram-sha-256 -E UTF8 \
      --locale=C --no-sync >"$dir/initdb.log" 2>&1 || { tail -n 20 "$dir/initdb.log" >&2; fail "initdb failed"; }
    {
      echo "listen_addresses = '127.0.0.1'"
      echo "unix_socket_directories = ''"
      echo "shared_buffers = 32MB"
      echo "max_connections = 60"
      # The data is thrown away: nothing needs to outlive a crash.
      echo "fsync = off"
      echo "ssl = on"
      echo "ssl_cert_file = '$dir/tls/server.pem'"
      echo "ssl_key_file = '$dir/tls/server.key'"
    } | as_server "$dir" tee -a "$dir/data/postgresql.conf" >/dev/null
  fi
  as_server "$dir" "$bin/pg_ctl" -D "$dir/data" -o "-p $port" -l "$dir/server.log" -w -t 60 start >/dev/null 2>&1 ||
    { tail -n 20 "$dir/server.log" >&2; fail "PostgreSQL did not start"; }
  PGPASSWORD=secret "$bin/psql" -q -h 127.0.0.1 -p "$port" -U eventglass postgres -c "CREATE DATABASE eventglass" \
    2>/dev/null || true
  watch "$dir"
}

stop() {
  local dir=$1
  [ -e "$dir/data/postmaster.pid" ] || return 0
  dir=$(cd "$dir" && pwd)
  as_server "$dir" "$(programs)/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
}

case "${1:-}" in
  start) [ $# -eq 3 ] || fail "start DIR PORT"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || fail "stop DIR"; stop "$2" ;;
  *) fail "start DIR PORT, or stop DIR" ;;
esac
