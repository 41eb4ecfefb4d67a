#!/usr/bin/env bash
# The same questions to eventglass, DuckDB and ripgrep over one generated log, in interleaved rounds, so that
# a machine that drifts hits all alike. Prints the median wall time of each and its ratio to eventglass.
#
#   benches/peers.sh [ROUNDS] [EVENTS]     3 rounds and 3,000,000 events (1 GB) unless said otherwise
#
# BENCH_DATA (default: a folder in the target folder) holds the log. DuckDB comes from PyPI into a virtual
# environment there, ripgrep from the system's packages. THREADS (default 2) is what all may use.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} events=${2:-3000000} threads=${THREADS:-2}
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
data=${BENCH_DATA:-$target/bench-data}
log=$data/shop-$events.ndjson
mkdir -p "$data"

# EVENTGLASS may name a program that is built already.
[ -n "${EVENTGLASS:-}" ] || cargo build --release --quiet
eventglass=${EVENTGLASS:-$target/release/eventglass}
[ -s "$log.truth.json" ] || "$eventglass" generate --events "$events" "$log"
if ! "$data/venv/bin/python" -c 'import duckdb' 2>/dev/null; then
  python3 -m venv "$data/venv" && "$data/venv/bin/pip" install --quiet duckdb
fi
python=$data/venv/bin/python
command -v rg >/dev/null || echo "ripgrep is not installed; its lines are left out (package ripgrep)" >&2
sample() { "$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))["samples"][sys.argv[2]])' "$log.truth.json" "$1"; }
account=$(sample entity) correlation=$(sample correlation) rare=$(sample rare_text)

# DuckDB answers what `info` answers: counts by type and service, distinct entities, first and last.
cat >"$data/peer.py" <<'PY'
import sys, duckdb
job, log, threads, value = sys.argv[1:5]
db = duckdb.connect()
db.execute(f"SET threads={threads}")
read = f"""read_json('{log}', format='newline_delimited', ignore_errors=true, columns={{eventType:'VARCHAR', eventId:'VARCHAR',
  timestamp:'TIMESTAMP', entityType:'VARCHAR', aggregateId:'VARCHAR', version:'INTEGER', correlationId:'VARCHAR',
  causationId:'VARCHAR', service:'VARCHAR', data:'JSON'}})"""
if job == "open":
    db.execute(f"CREATE TABLE ev AS SELECT eventType, service, entityType, aggregateId, correlationId, eventId, timestamp FROM {read}")
    for sql in ("SELECT count(*), min(timestamp), max(timestamp), count(DISTINCT (entityType, aggregateId)), "
                "count(DISTINCT correlationId), count(*) - count(DISTINCT eventId) FROM ev",
                "SELECT eventType, count(*) FROM ev GROUP BY 1", "SELECT service, count(*) FROM ev GROUP BY 1"):
        print(db.execute(sql).fetchall())
else:
    column = {"entity": "aggregateId", "correlation": "correlationId"}[job]
    print(len(db.execute(f"SELECT * FROM {read} WHERE {column} = ?", [value]).fetchall()))
PY

names=() commands=()
add() { names+=("$1") commands+=("$2"); }
add "open eventglass" "'$eventglass' info --no-cache --format json '$log'"
add "open duckdb" "'$python' '$data/peer.py' open '$log' $threads -"
add "again eventglass" "'$eventglass' info --format json '$log'"
add "entity eventglass" "'$eventglass' events --format ndjson --entity 'account:$account' '$log'"
add "entity duckdb" "'$python' '$data/peer.py' entity '$log' $threads '$account'"
add "correlation eventglass" "'$eventglass' events --format ndjson --filter 'correlation:$correlation' '$log'"
add "correlation duckdb" "'$python' '$data/peer.py' correlation '$log' $threads '$correlation'"
add "text eventglass" "'$eventglass' events --format ndjson --filter '\"$rare\"' '$log'"
if command -v rg >/dev/null; then
  add "correlation ripgrep" "rg -aF -j$threads '$correlation' '$log'"
  add "text ripgrep" "rg -aF -j$threads '$rare' '$log'"
fi

cat "$log" >/dev/null # into the page cache
times=$data/times.tsv
: >"$times"
for round in $(seq "$rounds"); do
  for i in "${!names[@]}"; do
    start=$(date +%s%N)
    bash -c "${commands[$i]}" >"$data/out" 2>"$data/err" || { echo "${names[$i]} failed:" >&2; cat "$data/err" >&2; }
    end=$(date +%s%N)
    printf '%s\t%s\t%s\n' "${names[$i]}" "$round" "$(((end - start) / 1000000))" >>"$times"
  done
done

echo "$(uname -m), $(nproc) cores, $("$eventglass" --version), $(stat -c %s "$log") bytes, $rounds rounds"
"$python" - "$times" <<'PY'
import collections, statistics, sys
runs = collections.OrderedDict()
for line in open(sys.argv[1]):
    name, _, ms = line.rstrip("\n").split("\t")
    runs.setdefault(name, []).append(int(ms))
medians = {name: statistics.median(ms) for name, ms in runs.items()}
print(f"{'job':12} {'who':12} {'median ms':>10}  × eventglass")
for name, ms in medians.items():
    job, who = name.split()
    print(f"{job:12} {who:12} {ms:10.0f}  {ms / max(1, medians[job + ' eventglass']):.2f}")
PY
