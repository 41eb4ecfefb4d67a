#!/usr/bin/env bash
# Lets real producers make dead letters in a running Kafka (tests/servers/kafka.sh): Kafka Connect, Kafka Streams,
# Spring Kafka's recoverer and its retry topics. tests/brokers/golden.rs reads them; what it read lies in
# tests/data/golden.
#
#   tests/golden/letters.sh connect|streams|spring HOST:PORT DIR
#
# Needs a JDK from 17 on and Maven; the libraries come from Maven once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../servers/fetch.sh"

what=${1:?connect, streams or spring}
server=${2:?HOST:PORT}
dir=${3:?DIR}
command -v javac >/dev/null || { echo "javac is missing: apt-get install default-jdk-headless" >&2; exit 1; }
mkdir -p "$dir/classes"
case $what in
  connect) libs=$("$here/../servers/kafka.sh" classpath) source=Connect ;;
  streams) libs="$(libraries kafka-streams-4.2.0 "$(dependency org.apache.kafka kafka-streams 4.2.0)")/*" source=Streams ;;
  spring)
    libs="$(libraries spring-kafka-3.3.4 "$(dependency org.springframework.kafka spring-kafka 3.3.4)
      $(dependency com.fasterxml.jackson.core jackson-databind 2.18.3)")/*" source=Spring ;;
  *) echo "connect, streams or spring" >&2; exit 2 ;;
esac
javac -parameters -nowarn -cp "$libs" -d "$dir/classes" "$here/$source.java"
# In place of the shell: ending the worker has to end the Java machine itself.
exec_java() { exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$dir/classes:$libs" "$@"; }
run() { (exec_java "$@"); }
if [ "$what" = connect ]; then
  cat >"$dir/worker.properties" <<PROPERTIES
bootstrap.servers=$server
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
offset.storage.file.filename=$dir/offsets
listeners=http://127.0.0.1:0
plugin.discovery=only_scan
PROPERTIES
  cat >"$dir/sink.properties" <<PROPERTIES
name=warehouse
connector.class=Connect
topics=connect-orders
consumer.override.auto.offset.reset=earliest
errors.tolerance=all
errors.deadletterqueue.topic.name=connect-letters
errors.deadletterqueue.topic.replication.factor=1
errors.deadletterqueue.context.headers.enable=true
PROPERTIES
  exec_java org.apache.kafka.connect.cli.ConnectStandalone "$dir/worker.properties" "$dir/sink.properties" >"$dir/worker.txt" 2>&1 &
  worker=$!
  trap 'kill $worker 2>/dev/null || true; wait $worker 2>/dev/null || true' EXIT
fi
run "$source" "$server" "$dir/state" >"$dir/log.txt" 2>&1 || { tail -40 "$dir/log.txt" >&2; exit 1; }
