#!/bin/sh
# trace.sh [KERNEL]: let the kernel serve a real program's demand, and compare
# what it shows with what the recorder counted; then give it files that are no
# traces, and a machine that is too small.

. tests/kernel/lib

# number NAME: what the recorder's text says.
number() {
	awk -v name="$1" '$1 == name { print $2 }' "$text"
}
# agrees ROW NUMBER...: the row has this number in both its columns.
agrees() {
	judge "M-STATS: a replay agrees with its recorder: $program: $1" \
	    "$(grep "^  $1 " "$work/out")" \
	    grep -Eq "^  $1 +$2 +$2\$" "$work/out"
}

for program in gcc sqlite3 386bsd; do
	text=docs/traces/$program.txt
	[ $program != 386bsd ] || text=build/386bsd.txt
	boot "$work/out" -r "${text%.txt}.trace" "$kernel"
	judge "the demand of $program is served" "exit status $status" \
	    [ "$status" -eq 0 ]
	agrees "allocations" "$(number allocations)"
	agrees "frees" "$(number frees)"
	agrees "most bytes asked for, live" "$(number most-bytes)"
	agrees "most blocks, live" "$(number most-blocks)"
	left=$(($(number allocations) - $(number frees)))
	agrees "requests, by malloc's books" "$(number allocations)"
	agrees "in use after it, likewise" "$left"
	[ $program = 386bsd ] ||
	    shows "M-VMSTAT: $program: the table shows what is left" \
		"^temp +$left +[0-9]+ +[0-9]+ +[0-9]+ +$(number \
		allocations) " "$work/out"
	shows "$program: the kernel says that they agree" \
	    '^trace: as it was recorded$' "$work/out"
	judge "$program: the tour is left out" "it is there" \
	    awk '/^1\. / { exit 1 }' "$work/out"
done
# The last has types of its own: the table has each (two that the kernel has
# blocks of, too, are left out).
types() {
	awk 'NR == FNR { if ($1 == "type") n[$3 " " $6]++; next }
	    /^Type / { on = 1; next } /^$/ { on = 0 }
	    on && n[$(NF - 2) " " $(NF - 6)]-- > 0 { found++ }
	    END { for (i in n) if (n[i] > 0) { print i; bad = 1 }
		exit bad || found < 25 }' "$work/types" "$work/table"
}
grep -v '^\(proc\|VM mapent\) ' "$work/out" > "$work/table"
awk '$1 != "type" || ($2 != 41 && $2 != 31)' build/386bsd.txt > "$work/types"
judge "M-STATS: the table has each type's requests, and what is left" \
    "allocations and blocks at the end that no row has: $(types)" types

boot "$work/1" --icount -r docs/traces/sqlite3.trace "$kernel"
boot "$work/2" --icount -r docs/traces/sqlite3.trace "$kernel"
judge "two replays give the same bytes" "$(cmp "$work/1" "$work/2" 2>&1)" \
    cmp -s "$work/1" "$work/2"

# refused WHAT REGEX FILE ARGUMENT...: it fails, and its last line says this.
refused() {
	what=$1 says=$2 file=$3
	shift 3
	boot "$work/out" "$@" -r "$file" "$kernel"
	judge "$what fails" "exit status 0" [ "$status" -ne 0 ]
	tail -1 "$work/out" > "$work/last"
	shows "$what: the last line says so" "$says" "$work/last"
}
good=docs/traces/sqlite3.trace
refused "no file" "^i386/run: there is no trace '$work/none'" "$work/none"
refused "a directory" "^i386/run: there is no trace '$work'" "$work"
: > "$work/empty"
refused "an empty file" "^i386/run: the trace '$work/empty' is empty" \
    "$work/empty"
refused "a name with a comma" "^i386/run: .*comma.*'a,b'" a,b
head -c 31 $good > "$work/short"
refused "half a header" "^short: it is shorter than a trace's header" \
    "$work/short"
refused "a file of another kind" "^machine.c: it does not begin with mtrace1" \
    tests/kernel/machine.c
head -c 20000 $good > "$work/cut"
refused "a piece of a trace" "^cut: it counts more allocations than" \
    "$work/cut"
size=$(wc -c < $good)
head -c $((size - 1)) $good > "$work/cut1"
refused "all but the last byte" "^cut1: .*(has fewer frees than|is cut short)" \
    "$work/cut1"
{ cat $good; printf '\201'; } > "$work/more"
refused "a byte more" "^more: its last record is cut short" "$work/more"
{ cat $good; printf '\003'; } > "$work/twice"
refused "a free more" "^twice: it (frees a block twice|has more frees than)" \
    "$work/twice"
{ head -c 1000 $good; printf '\377\377\377\377\377\377'
    tail -c +1007 $good; } > "$work/damaged"
refused "damage in the middle" "^damaged: it has a number of more than 32" \
    "$work/damaged"
{ head -c 16 $good; printf '\001'; tail -c +18 $good; } > "$work/sum"
refused "another sum" "^sum: its most bytes are not what it says" "$work/sum"
refused "a machine that is too small" "^trace: after [0-9]+ of [0-9]+ \
allocations it sleeps for (memory|room under its type's limit) that nobody \
will free" docs/traces/python3.trace -m 4
finish
