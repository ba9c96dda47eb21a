#!/usr/bin/env bash
# filters.sh [DIR]: our filter engine beside uBlock Origin's core, Ghostery's and
# AdGuard's, with EasyList and EasyPrivacy, in turns; medians of ROUNDS (3) rounds.
# DIR holds lists/ (the two lists and two logs of requests) and folders of mail
# and of pages, whose URLs are requests too. Every disagreement is written to OUT.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dir=$(cd "${1:-$top/../shared/corpora}" && pwd)
out=${OUT:-$top/dist/filters.jsonl}
lists=("$dir/lists/easylist.txt" "$dir/lists/easyprivacy.txt")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$(dirname "$out")"

cd "$here"
for c in requests adguard ours compare; do go build -o "$tmp/$c" "./filters/$c"; done
[ -d filters/node/node_modules ] || (cd filters/node && npm ci --no-audit --no-fund >&2)

folders=()
for f in mail labelled malformed clean-html web; do [ ! -d "$dir/$f" ] || folders+=("$dir/$f"); done
{ "$top/bin/pixelsweep" scan --format jsonl "${folders[@]}" 2>/dev/null || [ $? -le 3 ]; } |
  "$tmp/requests" -lists "$dir/lists" >"$tmp/requests.jsonl"

# engine NAME OPTION…: one run of an engine.
engine() {
  local name=$1
  shift
  case $name in
  ubo | ghostery) node filters/node/run.mjs "$name" -requests "$tmp/requests.jsonl" "$@" "${lists[@]}" ;;
  *) "$tmp/$name" -requests "$tmp/requests.jsonl" "$@" "${lists[@]}" ;;
  esac
}

for ((i = 0; i < ${ROUNDS:-3}; i++)); do
  for e in ours ubo ghostery adguard; do engine $e -verdicts "$tmp/$e.verdicts" >>"$tmp/$e.json"; done
done
"$tmp/compare" "$tmp"
for e in ours ubo ghostery adguard; do engine $e -explain "$tmp/indexes.json" >"$tmp/$e.explain"; done
"$tmp/compare" -join "$out" "$tmp"
echo "every disagreement: $out"
