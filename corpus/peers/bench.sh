#!/usr/bin/env bash
# bench.sh [DIR]: pixelsweep beside cat, the obvious Go and the obvious Python,
# on 5,000 hard links of the messages below DIR, in turns; medians in seconds.
# MBOX=1 adds mailboxes of 2 and 4 GB, which need that much room in TMPDIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
dir=${1:-}
[ -n "$dir" ] || { dir=$top/../shared/corpora/mail; [ -d "$dir" ] || dir=$top/corpus/testdata; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
(cd "$here" && go build -o "$tmp/gopeer" ./scan)
ps=$top/bin/pixelsweep

mkdir "$tmp/mail"
find "$dir" -name '*.eml' | sort >"$tmp/list"
n=0
while [ $n -lt 5000 ]; do
  while read -r f && [ $n -lt 5000 ]; do
    ln "$f" "$tmp/mail/$n.eml" 2>/dev/null || cp "$f" "$tmp/mail/$n.eml"
    n=$((n + 1))
  done <"$tmp/list"
done

# run NAME COMMAND…: one run, its wall time added to the file NAME.
run() {
  local name=$1 t
  shift
  t=$( { TIMEFORMAT=%R; time "$@" >/dev/null 2>&1 || true; } 2>&1)
  echo "$t" >>"$tmp/$name"
}
median() { sort -n "$tmp/$1" | awk '{v[NR]=$1} END {print v[int((NR+1)/2)]}'; }
row() { awk -v n="$1" -v a="$(median "$2")" -v b="$(median scan)" 'BEGIN {printf "%-34s %8.3f s  %7.2f x\n", n, a, a/b}'; }
catall() { find "$1" -name '*.eml' -print0 | xargs -0 cat; }
peak() { awk '/VmHWM/ {print $2}' /proc/"$1"/status 2>/dev/null; }

for i in 1 2 3 4 5; do
  run cat catall "$tmp/mail"
  run scan "$ps" scan --jobs 2 --references=false --format jsonl "$tmp/mail"
  run full "$ps" scan --jobs 2 --format jsonl "$tmp/mail"
  run go "$tmp/gopeer" "$tmp/mail"
  [ $i -gt 1 ] || run python python3 "$here/scan.py" "$tmp/mail"
done
echo "5,000 messages; the last column is in multiples of the first row"
row 'pixelsweep --references=false' scan
row 'pixelsweep, all references' full
row 'cat' cat
row 'obvious Go' go
row 'obvious Python' python

one=$(head -n 1 "$tmp/list")
for i in 1 2 3 4 5 6 7 8 9; do run one "$ps" scan --format jsonl "$one"; done
row 'one message, start to end' one

# Every run writes to a folder of its own: deleting between runs would slow the
# file system down, and not the same for all.
for i in 1 2 3 4 5 6 7; do
  run scandir "$ps" scan -q "$dir"
  run cpdir cp -r "$dir" "$tmp/cp$i"
  run rewrite "$ps" rewrite -q "$dir" -o "$tmp/rewritten$i/"
done
paste "$tmp/scandir" "$tmp/cpdir" "$tmp/rewrite" | awk '{print $3 / ($1 + $2)}' >"$tmp/ratio"
echo "rewrite of the folder $(median rewrite) s, scan $(median scandir) s, cp $(median cpdir) s: $(median ratio) times scan and cp"

[ -n "${MBOX:-}" ] || exit 0
for gb in 2 4; do
  while [ "$(stat -c %s "$tmp/box.mbox" 2>/dev/null || echo 0)" -lt $((gb * 1000000000)) ]; do
    while read -r f; do printf 'From a@b.example Thu Jan  1 00:00:00 2026\n'; sed 's/^From />From /' "$f"; echo; done <"$tmp/list" >>"$tmp/box.mbox"
  done
  rm -f "$tmp/boxcat" "$tmp/boxscan"
  for i in 1 2 3; do
    run boxcat cat "$tmp/box.mbox"
    run boxscan "$ps" scan --jobs 2 --references=false --format jsonl "$tmp/box.mbox"
  done
  "$ps" scan --jobs 2 --references=false --format jsonl "$tmp/box.mbox" >/dev/null & pid=$!
  top_kb=0
  while kb=$(peak $pid) && [ -n "$kb" ]; do top_kb=$kb; sleep 0.1; done
  wait $pid || true
  echo "mbox of $gb GB: cat $(median boxcat) s, pixelsweep $(median boxscan) s, peak $((top_kb / 1024)) MB"
done
