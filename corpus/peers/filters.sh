#!/usr/bin/env bash
# filters.sh [DIR]: our filter engine beside uBlock Origin's core, Ghostery's and
# AdGuard's, with EasyList and EasyPrivacy, in turns; medians of ROUNDS (3) rounds.
# DIR holds lists/ (the two lists and two logs of requests) and folders of mail
# and of pages, whose URLs are requests too. Every disagreement is written to OUT.
# Then verdicts only, on requests made from the filters of the lists.
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
for c in requests made adguard ours compare; do go build -o "$tmp/$c" "./filters/$c"; done
[ -d filters/node/node_modules ] || (cd filters/node && npm ci --no-audit --no-fund >&2)

# engine DIR NAME OPTION…: one run of an engine on the requests in DIR.
engine() {
  local requests=$1/requests.jsonl name=$2
  shift 2
  case $name in
  ubo | ghostery) node filters/node/run.mjs "$name" -requests "$requests" "$@" "${lists[@]}" ;;
  *) "$tmp/$name" -requests "$requests" "$@" "${lists[@]}" ;;
  esac
}

# all ROUNDS DIR ENGINE…: so many rounds of the engines, in turns.
all() {
  local rounds=$1 d=$2 i e
  shift 2
  for ((i = 0; i < rounds; i++)); do
    for e in "$@"; do engine "$d" "$e" -verdicts "$d/$e.verdicts" >>"$d/$e.json"; done
  done
}

# explain OUT DIR ENGINE…: every disagreement to OUT.
explain() {
  local out=$1 d=$2 e
  shift 2
  for e in "$@"; do engine "$d" "$e" -explain "$d/indexes.json" >"$d/$e.explain"; done
  "$tmp/compare" -join "$out" "$d"
  echo "every disagreement: $out"
}

mkdir "$tmp/real" "$tmp/of-filters"
folders=()
for f in mail labelled malformed clean-html web; do [ ! -d "$dir/$f" ] || folders+=("$dir/$f"); done
{ "$top/bin/pixelsweep" scan --format jsonl "${folders[@]}" 2>/dev/null || [ $? -le 3 ]; } |
  "$tmp/requests" -lists "$dir/lists" >"$tmp/real/requests.jsonl"
all "${ROUNDS:-3}" "$tmp/real" ours ubo ghostery adguard
"$tmp/compare" "$tmp/real"
explain "$out" "$tmp/real" ours ubo ghostery adguard

printf '\nrequests made from the filters themselves\n'
"$tmp/made" "${lists[@]}" >"$tmp/of-filters/requests.jsonl"
all 1 "$tmp/of-filters" ours ubo ghostery
"$tmp/compare" -times=false "$tmp/of-filters"
explain "${out%.jsonl}-made.jsonl" "$tmp/of-filters" ours ubo ghostery
