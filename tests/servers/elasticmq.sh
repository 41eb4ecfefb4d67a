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
what=ElasticMQ
source "$(dirname "${BASH_SOURCE[0]}")/fetch.sh"
source "$(dirname "${BASH_SOURCE[0]}")/one.sh"
libs=$cache/elasticmq-$version

fetch() {
  missing "default-jre-headless maven curl" java mvn curl
  libraries "elasticmq-$version" "$(dependency org.elasticmq elasticmq-server_2.13 "$version")" >/dev/null
}

launch() {
  cat >"$dir/elasticmq.conf" <<CONF
include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = $port, context-path = "" }
rest-sqs { enabled = true, bind-port = $port, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
aws { region = "eu-west-1", accountId = "123456789012" }
CONF
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Dconfig.file="$dir/elasticmq.conf" \
    -cp "$libs/*" org.elasticmq.server.Main >>"$dir/log.txt" 2>&1 </dev/null 8>&- &
}

url() { echo "http://127.0.0.1:$port"; }

up() { curl -fs -m 2 -o /dev/null "$(url)/?Action=ListQueues"; }

one "$@"
