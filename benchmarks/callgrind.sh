#!/usr/bin/env bash
# Instructions a call of the simulation's hot functions, counted by valgrind: the same on every run.
# Usage: benchmarks/callgrind.sh [python]
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
PYTHONHASHSEED=0 valgrind --tool=callgrind --callgrind-out-file="$out/profile" --collect-atstart=no \
    --toggle-collect=cam_step --toggle-collect=cam_observe --toggle-collect=cam_action_mask \
    "$python" -m benchmarks.core_ticks >"$out/calls" 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
callgrind_annotate --inclusive=yes --threshold=100 "$out/profile" >"$out/annotated" 2>"$out/log"
while read -r name calls; do
    total=$(awk -v name=":$name" '$0 ~ name"( |$|\\[|\x27)" {gsub(",", "", $1); print $1; exit}' "$out/annotated")
    echo "$name: $((total / calls)) instructions a call, $calls calls"
done <"$out/calls"
