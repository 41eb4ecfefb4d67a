# Sourced by scripts that need libraries of others: fetched once, into ${XDG_CACHE_HOME:-~/.cache}/eventglass-servers.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/eventglass-servers

dependency() { echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"; }

# Runs COMMAND FOLDER where the cache lacks NAME, and prints the folder. Two runs at once fetch once.
cached() { # NAME COMMAND…
  local to=$cache/$1 work
  shift
  if [ ! -e "$to/complete" ]; then
    mkdir -p "$cache"
    exec 8>"$cache/lock"
    flock 8
    if [ ! -e "$to/complete" ]; then
      work=$(mktemp -d "$cache/fetch.XXXXXX")
      "$@" "$work" >&2
      touch "$work/complete"
      rm -rf "$to"
      mv "$work" "$to"
    fi
    exec 8>&-
  fi
  echo "$to"
}

from_maven() { # DEPENDENCIES FOLDER
  cat >"$2/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>eventglass.tests</groupId><artifactId>libraries</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>$1</dependencies>
</project>
POM
  (cd "$2" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$2" >"$cache/maven.log" 2>&1) || { cat "$cache/maven.log" >&2; exit 1; }
}

libraries() { cached "$1" from_maven "$2"; } # NAME DEPENDENCIES
