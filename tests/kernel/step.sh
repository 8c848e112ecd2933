#!/bin/sh
# step.sh [KERNEL]: the suite that interrupts after every instruction, in a
# machine of 4 MB, where the walkers look at few pages and every place is
# tried.  (In the run of all suites, with 16 MB, it tries one in 16.)

. tests/kernel/lib

boot "$work/out" -t 900 -m 4 -a test=stepping "$kernel"
sed 's/^/    /' "$work/out"
sums=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/out" |
    tail -1)
judge "every place is tried, and nothing found" \
    "exit status $status; the sums are: ${sums:-missing}" \
    [ "$status" -eq 0 ]
judge "10,000 places and more" "$(grep -c places "$work/out") lines" \
    [ "$(awk '/ places, / { n += $1 } END { print n + 0 }' "$work/out")" \
    -gt 10000 ]
finish
