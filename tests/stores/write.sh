#!/usr/bin/env bash
# Lets real libraries keep a bank account in a database of PostgreSQL. tests/brokers/postgres/written.rs reads it.
#
#   tests/stores/write.sh LIBRARY postgres://USER:PASSWORD@HOST:PORT/DATABASE DIR
#
# LIBRARY: eventsourcing, emmett, message-db, axon-json, axon-xml, pekko-json or pekko-cbor. DIR is for what is
# compiled. Needs Python and pip, Node and npm, psql, or a JDK from 17 on and Maven; the libraries come from PyPI, npm
# and Maven once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../servers/fetch.sh"

library=${1:?LIBRARY}
url=${2:?postgres://USER:PASSWORD@HOST:PORT/DATABASE}
dir=${3:?DIR}
[[ $url =~ ^postgres://([^:]+):([^@]+)@([^:]+):([0-9]+)/(.+)$ ]] || { echo "not an address: $url" >&2; exit 2; }
export PGUSER=${BASH_REMATCH[1]} PGPASSWORD=${BASH_REMATCH[2]} PGHOST=${BASH_REMATCH[3]} PGPORT=${BASH_REMATCH[4]}
database=${BASH_REMATCH[5]}
mkdir -p "$dir"

from_pypi() { python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$2" $1; } # PACKAGES FOLDER

from_npm() { npm install --silent --no-audit --no-fund --prefix "$2" $1; } # PACKAGES FOLDER

postgres_driver() { dependency org.postgresql postgresql 42.7.5; }

java_program() { # LIBRARIES SOURCE ARGUMENT…
  local libs=$1 source=$2
  shift 2
  javac -parameters -nowarn -cp "$libs/*" -d "$dir" "$here/$source.java"
  java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-opens java.base/java.lang=ALL-UNNAMED \
    -cp "$dir:$libs/*" "$source" "jdbc:postgresql://$PGHOST:$PGPORT/$database?user=$PGUSER&password=$PGPASSWORD" "$@" \
    >"$dir/log.txt" 2>&1 || { tail -40 "$dir/log.txt" >&2; exit 1; }
}

case $library in
  eventsourcing)
    libs=$(cached eventsourcing-9.5.6 from_pypi "eventsourcing==9.5.6 psycopg[binary]==3.3.9 psycopg_pool==3.3.3")
    PYTHONPATH=$libs python3 "$here/account.py" "$url" ;;
  emmett)
    libs=$(cached emmett-0.42.0 from_npm "@event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0")
    # Modules are looked for beside the one that wants them.
    cp "$here/emmett.mjs" "$dir/"
    ln -sfn "$libs/node_modules" "$dir/node_modules"
    node "$dir/emmett.mjs" "$url" ;;
  message-db)
    libs=$(cached message-db-1.3.1 from_npm @eventide/message-db@1.3.1)
    DATABASE_NAME=$database CREATE_DATABASE=off bash "$libs/node_modules/@eventide/message-db/database/install.sh" >"$dir/log.txt"
    psql --quiet --set ON_ERROR_STOP=1 --output "$dir/log.txt" "$database" <"$here/message_db.sql" ;;
  axon-*)
    libs=$(libraries axon-4.11.1 "$(dependency org.axonframework axon-configuration 4.11.1)
      $(dependency com.fasterxml.jackson.core jackson-databind 2.18.3)
      $(dependency com.fasterxml.jackson.datatype jackson-datatype-jsr310 2.18.3) $(postgres_driver)")
    java_program "$libs" Axon "${library#axon-}" ;;
  pekko-*)
    libs=$(libraries pekko-jdbc-1.1.0 "$(dependency org.apache.pekko pekko-persistence-jdbc_2.13 1.1.0)
      $(dependency org.apache.pekko pekko-persistence-typed_2.13 1.1.3)
      $(dependency org.apache.pekko pekko-persistence-query_2.13 1.1.3)
      $(dependency org.apache.pekko pekko-serialization-jackson_2.13 1.1.3) $(postgres_driver)")
    java_program "$libs" Pekko "${library#pekko-}" ;;
  *) echo "no such library: $library" >&2; exit 2 ;;
esac
