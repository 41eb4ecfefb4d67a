#!/usr/bin/env bash
# A RabbitMQ server of the tests' own: Debian's package, on loopback, with its data, logs and certificates in one
# folder. It shares nothing with a server of the system: node name, Erlang cookie and port mapper are its own.
#
#   tests/servers/rabbitmq.sh start DIR PORT [MANAGEMENT_PORT [TLS_PORT]]
#   tests/servers/rabbitmq.sh stop DIR
#
# User guest with the password guest; with a TLS_PORT, DIR/tls/ca.pem signs the server's certificate for localhost.
# With CLIENT_CERTIFICATES=required in the environment it wants one of clients: DIR/tls/client.pem with client.key.
# With OWNER=PID in the environment the server ends with that process, and DIR is removed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

server() {
  local found
  found=$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server 2>/dev/null | tail -1)
  [ -n "$found" ] && echo "$found"
}

# Everything that Erlang and RabbitMQ would take from the system.
environment() {
  local dir=$1 port=$2
  export HOME=$dir LANG=C.UTF-8 ERL_EPMD_PORT=$((port + 1)) ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP_SECONDS=0
  export RABBITMQ_NODENAME=eventglass$port@localhost RABBITMQ_DIST_PORT=$((port + 2))
  export RABBITMQ_CONF_ENV_FILE=$dir/none RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$dir/none
  export RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins RABBITMQ_LOGS=$dir/server.log RABBITMQ_LOG_BASE=$dir
  export RABBITMQ_MNESIA_BASE=$dir/data RABBITMQ_PID_FILE=$dir/rabbitmq.pid
  # Two schedulers that sleep when there is nothing to do: the tests share the machine.
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start() {
  local dir=$1 port=$2 management=${3:-} tls=${4:-}
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  stop "$dir"
  [ -n "$(server)" ] || install_server RabbitMQ rabbitmq-server openssl
  echo "$port" >"$dir/port"
  {
    echo "listeners.tcp.default = 127.0.0.1:$port"
    echo "log.file.level = info"
    # A machine full of builds is not a reason to block publishers.
    echo "disk_free_limit.absolute = 50MB"
    echo "vm_memory_high_watermark.relative = 0.6"
    if [ -n "$management" ]; then
      echo "management.tcp.ip = 127.0.0.1"
      echo "management.tcp.port = $management"
      echo "collect_statistics_interval = 1000"
    fi
    if [ -n "$tls" ]; then
      certificates "$dir"
      echo "listeners.ssl.default = 127.0.0.1:$tls"
      echo "ssl_options.cacertfile = $dir/tls/ca.pem"
      echo "ssl_options.certfile = $dir/tls/server.pem"
      echo "ssl_options.keyfile = $dir/tls/server.key"
      if [ "${CLIENT_CERTIFICATES:-}" = required ]; then
        echo "ssl_options.verify = verify_peer"
        echo "ssl_options.fail_if_no_peer_cert = true"
      fi
    fi
  } >"$dir/rabbitmq.conf"
  if [ -n "$management" ]; then echo "[rabbitmq_management]." >"$dir/enabled_plugins"; else echo "[]." >"$dir/enabled_plugins"; fi
  environment "$dir" "$port"
  setsid nohup "$(server)" >"$dir/console.log" 2>&1 </dev/null &
  local i
  for i in $(seq 1 600); do
    # The log says so once all listeners and plugins are there.
    if grep -q "Server startup complete" "$dir/server.log" 2>/dev/null && is_open "$port"; then
      watch "$dir"
      return 0
    fi
    if ! kill -0 $! 2>/dev/null && [ "$i" -gt 20 ]; then break; fi
    sleep 0.2
  done
  tail -n 40 "$dir/console.log" "$dir/server.log" >&2 || true
  fail "RabbitMQ did not start"
}

# By the process id that the server wrote, so that nobody else's is touched. A killed run leaves its server behind;
# the next start in the folder ends it.
stop() {
  local dir=$1
  [ -e "$dir/rabbitmq.pid" ] || return 0
  dir=$(cd "$dir" && pwd)
  local pid
  pid=$(cat "$dir/rabbitmq.pid")
  if [ -r "/proc/$pid/environ" ] && tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "RABBITMQ_LOG_BASE=$dir"; then
    end "$pid"
  fi
  if [ -e "$dir/port" ]; then
    environment "$dir" "$(cat "$dir/port")"
    epmd -kill >/dev/null 2>&1 || true
  fi
  rm -f "$dir/rabbitmq.pid" "$dir/server.log"
}

case "${1:-}" in
  start) [ $# -ge 3 ] || fail "start DIR PORT [MANAGEMENT_PORT [TLS_PORT]]"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || fail "stop DIR"; stop "$2" ;;
  *) fail "start DIR PORT [MANAGEMENT_PORT [TLS_PORT]], or stop DIR" ;;
esac
