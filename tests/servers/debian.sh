# For scripts that start a server of Debian's packages, on loopback, with all that is its own in one folder.

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# install_server NAME PACKAGE…: NAME is what a person knows the first package as.
install_server() {
  local name=$1 policy=/usr/sbin/policy-rc.d made= done=0
  shift
  command -v apt-get >/dev/null || fail "please install $name ($1)"
  # A package starts a service of its own on the usual ports, unless the policy forbids it.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod +x $policy
    made=yes
  fi
  { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "$@"; } >/dev/null || done=$?
  [ -z "$made" ] || as_root rm -f $policy
  [ $done -eq 0 ] || fail "$1 could not be installed"
}

# certificates DIR: DIR/tls/ca.pem signs server.pem for localhost, and client.pem for those who are asked for one.
certificates() {
  local dir=$1/tls
  [ -e "$dir/server.pem" ] && return
  mkdir -p "$dir"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=eventglass test CA" \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
  signed "$dir" client reader
  signed "$dir" server localhost -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1")
}

signed() { # DIR NAME WHO OPTION…
  local dir=$1 name=$2 who=$3
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null
  openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 30 "${@:4}" \
    -out "$dir/$name.pem" 2>/dev/null
}

# Ends the process PID, and waits until it is gone.
end() {
  local left=100
  kill "$1" 2>/dev/null || true
  while kill -0 "$1" 2>/dev/null && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
  kill -9 "$1" 2>/dev/null || true
}

# watch DIR: with OWNER=PID in the environment the server ends with that process, and DIR is removed.
watch() {
  [ -n "${OWNER:-}" ] || return 0
  setsid nohup bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; "$2" stop "$3"; rm -rf "$3"' \
    - "$OWNER" "$(realpath "$0")" "$1" >/dev/null 2>&1 </dev/null &
}
