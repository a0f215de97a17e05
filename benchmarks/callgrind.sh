#!/usr/bin/env bash
# Instructions a call of the simulation's hot functions, counted by valgrind, and where they go: the same on every run.
# Usage: benchmarks/callgrind.sh [python [module function...]]; the module prints how often each function was called for what.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
module=${2:-benchmarks.core_ticks}
functions=("${@:3}")
if [ ${#functions[@]} = 0 ]; then functions=(cam_step cam_observe_all cam_action_mask); fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# No line numbers: with them, what was inlined from another file would be listed apart from its function.
PYTHONHASHSEED=0 valgrind --tool=callgrind --callgrind-out-file="$out/profile" --collect-atstart=no --dump-line=no \
    "${functions[@]/#/--toggle-collect=}" \
    "$python" -m "$module" >"$out/calls" 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
for kind in inclusive exclusive; do
    callgrind_annotate --auto=no --threshold=100 --inclusive="$([ $kind = inclusive ] && echo yes || echo no)" \
        "$out/profile" >"$out/$kind" 2>"$out/log"
done
# Lines are "1,234 (5.6%)  file:function [object]".
awk 'FNR == NR { calls[$1] = $2; what[$1] = $3; next }
     { gsub(",", "", $1); name = $0; sub(/^[^:]*:/, "", name); sub(/[ \x27].*/, "", name) }
     name in calls { printf "%-16s %6.0f instructions a %s, %d of them\n", name, $1 / calls[name], what[name], calls[name]; delete calls[name] }' \
    "$out/calls" "$out/inclusive"
echo "of all instructions, by function without what it calls:"
awk '/:[a-z_]+/ && /%\)/ { gsub(",", "", $1); name = $0; sub(/.*:/, "", name); sub(/[ .].*/, "", name); cost[name] += $1; all += $1 }
     END { for (name in cost) printf "%6.2f%%  %s\n", 100 * cost[name] / all, name }' "$out/exclusive" | sort -rn | head -15
