# For scripts whose server is one process that answers HTTP on loopback. They set `dir` and `port` from their
# arguments here, and say themselves: `what` it is, `fetch` it, `launch` it (in the background), its `url`, and
# whether it is `up`; their last line is `one "$@"`.
#
# With OWNER=PID in the environment the server ends and DIR goes away when that process is gone, however it ended.

running() { [ -e "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

# missing PACKAGES TOOL…: ends the script where a tool is not there.
missing() {
  local packages=$1 tool
  shift
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install $packages" >&2; exit 1; }
  done
}

start() {
  fetch
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  running "$dir/pid" && return
  launch
  echo $! >"$dir/pid"
  # Two minutes: the machine may be busy with builds.
  local left=600
  until up 2>/dev/null; do
    left=$((left - 1))
    if [ $left -eq 0 ] || ! running "$dir/pid"; then
      tail -20 "$dir/log.txt" >&2
      echo "$what did not start" >&2
      stop
      exit 1
    fi
    sleep 0.2
  done
  if [ -n "${OWNER:-}" ] && ! running "$dir/watcher"; then
    setsid "$0" watch "$dir" "$OWNER" </dev/null >/dev/null 2>&1 8>&- &
    echo $! >"$dir/watcher"
  fi
}

stop() {
  local left=100
  running "$dir/pid" && kill "$(cat "$dir/pid")" 2>/dev/null || true
  while running "$dir/pid" && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
  running "$dir/pid" && kill -9 "$(cat "$dir/pid")" 2>/dev/null || true
  rm -f "$dir/pid"
}

one() {
  case ${1:-} in
    start) dir=${2:?DIR} port=${3:?PORT} && start ;;
    stop) dir=${2:?DIR} && stop ;;
    url) port=${2:?PORT} && url ;;
    watch)
      dir=$2
      while kill -0 "$3" 2>/dev/null; do sleep 1; done
      stop
      rm -rf "$dir"
      ;;
    # What the script says of itself.
    *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
}
