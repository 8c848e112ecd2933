#!/bin/sh
# suites.sh [KERNEL]: run the test suites inside the kernel, relay what they
# print, and compare their sums with the exit status.

. tests/kernel/lib

boot "$work/out" -m 16 -a test "$kernel"
sed 's/^/    /' "$work/out"
sums=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/out" |
    tail -1)
judge "the suites in the kernel exit 0" "exit status $status" \
    [ "$status" -eq 0 ]
judge "tests ran" "the sums are: ${sums:-missing}" \
    [ "${sums%% *}" -gt 0 ]
judge "none of them failed" "the sums are: ${sums:-missing}" \
    [ "${sums##* }" = 0 ]
finish
