#!/bin/sh
# bound.sh [KERNEL]: boot the kernel that times every stretch at splimp, for
# the suite of malloc and for a short soak, and hold malloc and free to their
# bound.  (make bench-level does it over all suites and a long soak.)

[ $# -gt 0 ] || set -- build/kernel-level.elf
. tests/kernel/lib

bound=500

# traced NAME ARGUMENT...: a run, whose rows go to $work/rows.
traced() {
	name=$1
	shift
	boot "$work/out" --icount "$@" "$kernel"
	judge "$name: the kernel that times the level exits 0" \
	    "exit status $status; $(grep -m 1 -E 'WRONG|^panic|^ *not ok' \
	    "$work/out")" [ "$status" -eq 0 ]
	{ echo "in $name"; grep '^level: ' "$work/out"; } >> "$work/rows"
}
traced suite -a test=malloc
traced soak -m 4 -a "soak=1 ticks=10000"

# longest BOUND FILE: that of malloc and free, if it is not over the bound.
longest() {
	awk -v bound="$1" -v quiet=1 -f tests/bench/level/judge.awk "$2" 2>&1
}
most=$(longest $bound "$work/rows")
held=$?
judge "M-BOUND: malloc and free keep the level at splimp for a bounded time" \
    "$(echo "$most" | paste -s -d ';' -)" [ $held -eq 0 ]
[ $held -ne 0 ] || echo "    $most instructions, $bound at most"

# And it can fail: with a lower bound, or with a wrong measure.
fails() {
	! longest "$@" > "$work/why" && grep -q "$reason" "$work/why"
}
reason="keeps the level raised for"
judge "a longer stretch is found" "it is not" fails 20 "$work/rows"
sed '/ nops /s/ 1000 / 900 /' "$work/rows" > "$work/slow"
reason="1,000 instructions were measured as 900"
judge "a tracer that is wrong is found out" "it is not" \
    fails $bound "$work/slow"
sed '/ nops /d' "$work/rows" > "$work/cut"
reason="does not say what it measures"
judge "so is a row that is missing" "it is not" fails $bound "$work/cut"
finish
