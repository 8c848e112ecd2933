#!/bin/sh
# soak.sh [KERNEL [TICKS [SEED...]]]: soak the kernel in 4 MB of memory, while
# the emulator counts instructions: each seed must end with everything
# accounted for, and the first twice with the same bytes.  Then let three
# things go wrong on purpose; the soak must notice.  Leaves the transcript of
# the first seed in build/soak.txt, where the book finds it.

. tests/kernel/lib

ticks=${2:-10000}
[ $# -gt 2 ] && shift 2 || set -- 1 2

# soak OUT SEED WORD...: a run, and how many seconds it took.
soak() {
	out=$1 seed=$2
	shift 2
	begun=$(date +%s)
	boot "$out" --icount -m 4 -a "soak=$seed ticks=$ticks $*" "$kernel"
	took="$(($(date +%s) - begun)) s"
}

# number LABEL FILE: the number that the report shows behind it.
number() {
	sed -n "s/^$1  *\([0-9][0-9]*\) .*/\1/p" "$2"
}

for i; do
	soak "$work/$i" "$i"
	judge "seed $i: everything is accounted for after $(number ticks \
	    "$work/$i") ticks, $(number 'malloc granted' "$work/$i") requests" \
	    "exit status $status; $(grep -m 1 -E 'WRONG|panic' "$work/$i")" \
	    [ "$status" -eq 0 ]
	shows "seed $i: nothing is wrong ($took)" \
	    "^soak: seed $i: 0 things wrong" "$work/$i"
	[ "$failed" -eq 0 ] || sed 's/^/    /' "$work/$i"
done

soak "$work/again" "$1"
judge "seed $1: two runs give the same bytes" \
    "they differ: $(cmp "$work/$1" "$work/again" 2>&1)" \
    cmp -s "$work/$1" "$work/again"
judge "80 columns and 55 lines are enough" \
    "$(awk 'length > 80 { n++ } END { print NR, "lines,", n + 0, "too wide" }' \
    "$work/$1")" \
    awk 'length > 80 { wide = 1 } END { exit wide || NR > 55 }' "$work/$1"

# notices FAULT REGEX: it ends with 1, and says so.
ticks=10000
notices() {
	soak "$work/out" 1 "fault=$1"
	judge "a $1 is a failure" "exit status $status" [ "$status" -eq 1 ]
	shows "a $1 is named" "$2" "$work/out"
}
notices leak 'WRONG .*: vnode: 1 blocks, 320 bytes; at the start 0, 0'
notices smash 'WRONG .*: 272 bytes at 0x[0-9a-f]+ .* were written to'
notices hang 'WRONG .*: (process [0-9]+ has waited for |nothing has moved)'
shows "a hang is shown with the processes that sleep" \
    '^ *[0-9]+ hog +sleeps ' "$work/out"

mkdir -p build && cp "$work/$1" build/soak.txt
finish
