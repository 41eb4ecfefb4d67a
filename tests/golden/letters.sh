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
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eventglass-servers

dependency() { echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"; }

libraries() { # NAME DEPENDENCIES
  local to=$cache/$1
  echo "$to"
  [ -e "$to/complete" ] && return
  mkdir -p "$cache"
  exec 8>"$cache/lock"
  flock 8
  [ -e "$to/complete" ] && return
  local work
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>eventglass.tests</groupId><artifactId>letters</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>$2</dependencies>
</project>
POM
  (cd "$work" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$work/libs" >"$cache/maven.log" 2>&1) || { cat "$cache/maven.log" >&2; exit 1; }
  rm -rf "$to"
  mv "$work/libs" "$to"
  rm -rf "$work"
  touch "$to/complete"
  exec 8>&-
}

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
run() { java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$dir/classes:$libs" "$@"; }
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
  run org.apache.kafka.connect.cli.ConnectStandalone "$dir/worker.properties" "$dir/sink.properties" >"$dir/worker.txt" 2>&1 &
  worker=$!
  trap 'kill $worker 2>/dev/null || true; wait $worker 2>/dev/null || true' EXIT
fi
run "$source" "$server" "$dir/state" >"$dir/log.txt" 2>&1 || { tail -40 "$dir/log.txt" >&2; exit 1; }
