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
what="The registry"
sha256=2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"
source "$(dirname "${BASH_SOURCE[0]}")/one.sh"
home=$cache/apicurio-$version

from_central() { # FOLDER
  # Not by mvn: the artifact's parent is not published, and without it Maven gives nothing. But Maven knows where.
  local central
  central=$(cd "$1" && mvn -q -B org.apache.maven.plugins:maven-help-plugin:3.4.0:evaluate \
    -Dexpression=project.repositories -DforceStdout | sed -n 's:.*<url>\(.*\)</url>.*:\1:p' | head -1)
  curl -fsSL --retry 3 -o "$1/app.tar.gz" \
    "$central/io/apicurio/apicurio-registry-app/$version/apicurio-registry-app-$version-all.tar.gz"
  echo "$sha256  $1/app.tar.gz" | sha256sum --check --quiet
  tar xzf "$1/app.tar.gz" -C "$1"
  rm "$1/app.tar.gz"
}

fetch() {
  missing "default-jre-headless maven curl tar" java mvn curl tar sha256sum
  # Not in a substitution, which would go on where the checksum is wrong.
  cached "apicurio-$version" from_central >/dev/null
}

launch() {
  local jar
  jar=$(find "$home" -name "*-runner.jar" | head -1)
  (cd "$dir" && exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:-UsePerfData \
    -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" -jar "$jar" >>"$dir/log.txt" 2>&1 </dev/null 8>&-) &
}

url() { echo "http://127.0.0.1:$port/apis/ccompat/v7"; }

up() { curl -fs -m 2 -o "$dir/subjects.json" "$(url)/subjects"; }

one "$@"
