#!/bin/sh
# memory.sh [KERNEL]: the tour in machines of several sizes.  4 MB and more
# are enough; with 2 MB the kernel must say what it lacks, and fail.

. tests/kernel/lib

for mb in 4 8 16 64; do
	boot "$work/out" -m $mb -a tour "$kernel"
	judge "the tour in $mb MB exits 0" \
	    "exit status $status: $(grep -E 'FAILED|panic' "$work/out" |
	    head -1)" [ "$status" -eq 0 ]
done

boot "$work/out" -m 2 -a tour "$kernel"
judge "with 2 MB the kernel fails" "exit status 0" [ "$status" -ne 0 ]
shows "with 2 MB it says what it lacks" \
    '([0-9]+ (bytes|KB).*(no room|left|needed|wanted)|no memory)' "$work/out"
judge "with 2 MB it says so in few lines" \
    "$(wc -l < "$work/out") lines" \
    [ "$(wc -l < "$work/out")" -le 40 ]
finish
