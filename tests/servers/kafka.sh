#!/usr/bin/env bash
# A real Kafka for tests and for trying eventglass: KRaft, loopback only, all its files in one folder.
#
#   tests/servers/kafka.sh start DIR PORT [BROKERS]   start, or start again what was stopped or killed in DIR
#   tests/servers/kafka.sh stop DIR                   end all brokers in order; the folder stays
#   tests/servers/kafka.sh kill DIR BROKER            end one (1, 2, …) as a crash would
#   tests/servers/kafka.sh classpath                  the jars, fetched if need be, for other Java clients
#
# Broker N listens on PORT+N-1 without a login, and on
#   PORT+10+N-1  with SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER with tokens without a signature)
#   PORT+20+N-1  with TLS (DIR/tls/ca.pem)
#   PORT+40+N-1  with TLS and a client's certificate (DIR/tls/client.pem with client.key)
#   PORT+50+N-1  without a login, and says that it is at PORT+60+N-1: for a proxy between it and its clients
# Users: reader/reader-secret may do anything, stranger/stranger-secret nothing. Logs are DIR/broker-N/log.txt.
#
# Kafka comes from Maven once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers. With OWNER=PID in the
# environment the brokers end and DIR goes away when that process is gone, however it ended.
set -euo pipefail
version=4.1.0
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"
libs=$cache/kafka-$version

fetch() {
  for tool in java mvn openssl; do
    command -v $tool >/dev/null || { echo "$tool is missing: apt-get install default-jre-headless maven openssl" >&2; exit 1; }
  done
  libraries "kafka-$version" "$(dependency org.apache.kafka kafka_2.13 "$version")
    $(dependency org.apache.kafka kafka-tools "$version")
    $(dependency org.apache.logging.log4j log4j-slf4j-impl 2.24.3)" >/dev/null
}

jvm() {
  local heap=$1
  shift
  java -Xmx"$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=${TIER:-1} -Xshare:auto -XX:-UsePerfData \
    -Dlog4j2.configurationFile="$dir/log4j2.properties" -cp "$libs/*" "$@"
}

certificates() {
  [ -e "$dir/tls/ca.pem" ] && return
  mkdir -p "$dir/tls"
  keytool -genkeypair -alias broker -keyalg EC -dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1 -ext bc:c \
    -validity 3650 -storetype PKCS12 -keystore "$dir/tls/broker.p12" -storepass test-store 2>/dev/null
  keytool -exportcert -rfc -alias broker -keystore "$dir/tls/broker.p12" -storepass test-store \
    >"$dir/tls/ca.pem" 2>/dev/null
  # A client's, signed by the same authority.
  openssl pkcs12 -in "$dir/tls/broker.p12" -passin pass:test-store -nodes -nocerts -out "$dir/tls/ca.key" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=reader" -keyout "$dir/tls/client.key" -out "$dir/tls/client.csr" 2>/dev/null
  openssl x509 -req -in "$dir/tls/client.csr" -CA "$dir/tls/ca.pem" -CAkey "$dir/tls/ca.key" -set_serial 2 -days 30 \
    -out "$dir/tls/client.pem" 2>/dev/null
}

properties() { # of broker $1 of $2
  local n=$1 count=$2 voters="" i
  for i in $(seq "$count"); do voters+="${voters:+,}$i@127.0.0.1:$((port + 29 + i))"; done
  local replicas=$((count < 3 ? count : 3))
  cat <<PROPERTIES
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:$((port + n - 1)),SASL://127.0.0.1:$((port + 9 + n)),TLS://127.0.0.1:$((port + 19 + n)),MTLS://127.0.0.1:$((port + 39 + n)),PROXY://127.0.0.1:$((port + 49 + n)),CONTROLLER://127.0.0.1:$((port + 29 + n))
advertised.listeners=PLAINTEXT://127.0.0.1:$((port + n - 1)),SASL://127.0.0.1:$((port + 9 + n)),TLS://127.0.0.1:$((port + 19 + n)),MTLS://127.0.0.1:$((port + 39 + n)),PROXY://127.0.0.1:$((port + 59 + n))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,MTLS:SSL,PROXY:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$dir/broker-$n/data
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_reader="reader-secret" user_stranger="stranger-secret";
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PKCS12
ssl.keystore.location=$dir/tls/broker.p12
ssl.keystore.password=test-store
ssl.client.auth=none
ssl.truststore.type=PEM
ssl.truststore.location=$dir/tls/ca.pem
listener.name.mtls.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:reader;User:CN=reader
num.partitions=1
auto.create.topics.enable=true
offsets.topic.num.partitions=4
offsets.topic.replication.factor=$replicas
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$((replicas > 1 ? 2 : 1))
default.replication.factor=$replicas
min.insync.replicas=$((replicas > 1 ? 2 : 1))
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
log.initial.task.delay.ms=1000
num.network.threads=2
num.io.threads=4
PROPERTIES
}

running() { [ -e "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

start() {
  local count=${1:-1} n
  fetch
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  printf 'rootLogger.level=warn\nrootLogger.appenderRef.a.ref=a\nappender.a.type=Console\nappender.a.name=a\nappender.a.layout.type=PatternLayout\nappender.a.layout.pattern=%%d %%p %%c %%m%%n\n' >"$dir/log4j2.properties"
  certificates
  [ -e "$dir/cluster" ] || printf 'ZXZlbnRnbGFzcy10ZXN0cw' >"$dir/cluster"
  for n in $(seq "$count"); do
    local home=$dir/broker-$n
    running "$home/pid" && continue
    mkdir -p "$home"
    properties "$n" "$count" >"$home/server.properties"
    if [ ! -e "$home/data/meta.properties" ]; then
      jvm 256m kafka.tools.StorageTool format -t "$(cat "$dir/cluster")" -c "$home/server.properties" \
        --add-scram 'SCRAM-SHA-256=[name=reader,password=reader-secret,iterations=4096]' \
        --add-scram 'SCRAM-SHA-512=[name=reader,password=reader-secret,iterations=4096]' >"$home/format.txt" 2>&1 ||
        { cat "$home/format.txt" >&2; exit 1; }
    fi
    TIER=${TIER:-4} jvm 512m kafka.Kafka "$home/server.properties" >>"$home/log.txt" 2>&1 </dev/null 8>&- 9>&- &
    echo $! >"$home/starting"
  done
  for n in $(seq "$count"); do
    # Two minutes: the machine may be busy with builds.
    local home=$dir/broker-$n left=600
    until (exec 3<>"/dev/tcp/127.0.0.1/$((port + n - 1))") 2>/dev/null; do
      left=$((left - 1))
      if [ $left -eq 0 ] || ! kill -0 "$(cat "$home/starting" 2>/dev/null || cat "$home/pid")" 2>/dev/null; then
        tail -20 "$home/log.txt" >&2
        echo "Broker $n did not start" >&2
        stop
        exit 1
      fi
      sleep 0.2
    done
    [ ! -e "$home/starting" ] || mv "$home/starting" "$home/pid"
  done
  if [ -n "${OWNER:-}" ] && ! running "$dir/watcher"; then
    setsid "$0" watch "$dir" "$OWNER" </dev/null >/dev/null 2>&1 8>&- 9>&- &
    echo $! >"$dir/watcher"
  fi
}

stop() {
  local file
  for file in "$dir"/broker-*/pid "$dir"/broker-*/starting; do
    running "$file" && kill "$(cat "$file")" 2>/dev/null || true
  done
  for file in "$dir"/broker-*/pid "$dir"/broker-*/starting; do
    local left=100
    while running "$file" && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
    running "$file" && kill -9 "$(cat "$file")" 2>/dev/null || true
    rm -f "$file"
  done
}

action=${1:-}
dir=${2:-}
case $action in
  start) port=${3:?PORT} && start "${4:-1}" ;;
  stop) stop ;;
  kill) kill -9 "$(cat "$dir/broker-${3:?BROKER}/pid")" && rm -f "$dir/broker-$3/pid" ;;
  watch)
    while kill -0 "$3" 2>/dev/null; do sleep 1; done
    stop
    rm -rf "$dir"
    ;;
  classpath) fetch && echo "$libs/*" ;;
  *) sed -n '2,19s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
