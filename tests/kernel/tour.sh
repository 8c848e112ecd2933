#!/bin/sh
# tour.sh [KERNEL]: take the tour twice with 4 MB of memory, counting
# instructions; the runs must be equal to the byte and show what they should.
# Leaves the transcript in build/tour.txt, where the book finds it.

. tests/kernel/lib

boot "$work/1" --icount -m 4 -a tour "$kernel"
judge "the tour exits 0" "exit status $status" [ "$status" -eq 0 ]
boot "$work/2" --icount -m 4 -a tour "$kernel"
judge "the second tour exits 0" "exit status $status" [ "$status" -eq 0 ]
judge "two runs give the same bytes" \
    "they differ: $(cmp "$work/1" "$work/2" 2>&1)" \
    cmp -s "$work/1" "$work/2"

t=$work/1
shows "M-NOWAIT: grants at interrupt level, then a refusal" \
    'in the handler: 4 granted, the next refused' "$t"
shows "M-LIMIT: the refusal at interrupt level is counted" \
    'mbuf: 512 bytes of 512 in use, refused or blocked 0 -> 1 times' "$t"
shows "M-WAITOK: two processes sleep at their type's limit" \
    'both asleep; M_NOWAIT for 16 bytes, meanwhile: granted' "$t"
shows "M-FIFO: a free wakes them in order" \
    "'large' served as no. 1, 'small' as 2" "$t"
shows "M-SURPLUS: surplus pages are returned" \
    '^ *[1-9][0-9]* pages returned;' "$t"
shows "K-FREE: touching a returned page faults" \
    'touching 0x[0-9a-f]*, in a page returned: page fault' "$t"
shows "M-RECLAIM: the pool gives pages back before a refusal" \
    'of which the pool gave back [1-9]' "$t"
shows "M-RECLAIM: no idle page is left beside a refusal" \
    'idle pages left in the pool at the refusal: 0$' "$t"
shows "M-BADFREE: a double free is caught" \
    'free: address 0x[0-9a-f]+ of type temp is free already' "$t"
shows "M-BADFREE: a free with another type is caught" \
    'free: address 0x[0-9a-f]+ of type namei was allocated as temp' "$t"

shows "K-FREE: a piece of kernel_map with two holes" \
    '^ *6 and 8 given back +W{6}\.{6}WW\.{8}W{18}$' "$t"
shows "K-FREE: neighbouring free space joins" \
    '^ *and the 2 between +W{6}\.{16}W{18}$' "$t"
shows "K-SCALE: what did not fit fits the joined hole" \
    '^ *16 asked for again +W{6}R{16}W{18}$' "$t"
shows "K-IO: a device is given 64 KB, from a multiple on" \
    '64 KB with M_IO1: 0x[0-9a-f]+, physical (0x[0-9a-f]+)0000 to \1ffff$' "$t"
shows "K-SUBALLOC: the picture has kernel_map" \
    '^ +kernel_map +[S+.WRswr]{40,60}$' "$t"
judge "K-SUBALLOC: each submap lies under its place" "in the picture" \
    awk '/^ +kernel_map  [^0]/ { row = $0 }
	/^ +(kmem|late)_map  [^0]/ && !/0x/ {
		for (i = 19; i <= length($0); i++)
			if (substr($0, i, 1) != " " &&
			    substr(row, i, 1) !~ /[Ss+]/)
				bad = 1
		n++
	} END { exit bad || n != 2 }' "$t"

shows "K-MMAP: the kernel reads what a process wrote" \
    'at 0x[0-9a-f]*ff8 it wrote, at 0xc[0-9a-f]*ff8 .*: a page of a process$' \
    "$t"
shows "K-MMAP: one frame behind both addresses" \
    'physical address of the one (0x[0-9a-f]+), of the other \1$' "$t"
shows "K-MMAP: the process's address is only its own" \
    "touching 0x[0-9a-f]+ from the tour's process: page fault" "$t"
shows "K-MMAP: the process sees what the kernel wrote" \
    '^      A PAGE OF TWO NAMES$' "$t"
shows "K-MMAP: the page outlives the process" \
    'has ended; at 0xc[0-9a-f]+ there is still: A PAGE OF TWO NAMES$' "$t"
shows "K-FREE: kmem_free ends it" 'kmem_free: 2 more frames are free$' "$t"

# The numbers of requests before and after kmem_alloc was called.
judge "M-RECURSE: malloc is called inside kmem_alloc" \
    "the requests of VM mapent do not rise by what 64 entries need" \
    awk '/VM mapent: requests/ {
		sub(/,/, "", $6); rise = $6 - $4
	} END { exit !(rise > 32) }' "$t"
judge "M-STATS: the sums of the tables agree" "by type and by class differ" \
    awk '/^ *by type: / { type = $3 " " $6 } /^ *by class: / {
		class = $3 " " $6 } END { exit !(type != "" && type == class)
	}' "$t"

# The lines that the book explains (The Tour; Reading the Tables).
shows "a page of twelve blocks has given eight to the stock" \
    'its page has 12 blocks, 4 of them free$' "$t"
shows "three pages return, and four stay idle" \
    '^ *3 pages returned; 4 idle ones stay in the pool' "$t"
judge "under pressure more pages leave than were idle: the stocks'" \
    "$(grep 'pool' "$t" | tail -3)" \
    awk '/^ *before: .* idle in the pool/ { idle = $5 } /the pool gave back/ {
	back = $NF } END { exit !(idle > 0 && back > idle) }' "$t"
shows "M-VMSTAT: the class of 128 bytes has its history" \
    '^ *128 +1 +31 +261 +160 +8 +1$' "$t"
shows "M-VMSTAT: the class of 16 bytes has, too" \
    '^ *16 +0 +256 +10 ' "$t"
shows "M-VMSTAT: the class of 1024 bytes has" '^ *1024 +0 +0 +3 ' "$t"
shows "M-VMSTAT: the runs of two pages have" '^ *8192 +1 +0 +1 +2 +0 +2$' "$t"
shows "M-VMSTAT: the larger blocks have" '^ *larger +1 +0 +1 +0 +0 +18$' "$t"
shows "M-VMSTAT: the type mbuf has its history" \
    '^mbuf +0 +0 +32768 +[0-9]+ +260 +1 +0$' "$t"
shows "M-VMSTAT: the type namei has its history" \
    '^namei +0 +0 +2064 +[0-9]+ +5 +2 +0$' "$t"

shows "the tour is taken to its end" \
    '^The tour is over: 11 steps, all as expected\.$' "$t"
judge "nothing FAILED" "$(grep FAILED "$t" | head -1)" \
    awk '/FAILED/ { exit 1 }' "$t"
judge "80 columns and 140 lines are enough" \
    "$(awk 'length > 80 { n++ } END { print NR, "lines,", n + 0, "too wide" }' \
    "$t")" \
    awk 'length > 80 { wide = 1 } END { exit wide || NR > 140 }' "$t"

[ "$failed" -eq 0 ] || sed 's/^/    /' "$t"
mkdir -p build && cp "$t" build/tour.txt
finish
