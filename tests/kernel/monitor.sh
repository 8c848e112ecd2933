#!/bin/sh
# monitor.sh [KERNEL]: a session at the monitor, over a pseudo-terminal: each
# command, wrong input, a sleeper, a double free and the post-mortem monitor.
# Leaves the transcript in build/monitor.txt, where the book finds it.

. tests/kernel/lib

log=$work/log
: > "$log"

# start: boot with a terminal, and open the way to type at it (descriptor 3).
start() {
	: > "$log"
	rm -f "$work/in"
	mkfifo "$work/in"
	script -qefc "i386/run ${options:--m 4} $kernel" "$log" \
	    < "$work/in" > /dev/null 2>&1 &
	pid=$!
	exec 3> "$work/in"
	said=0
	await "$1"
}

# await PROMPT: poll until what was printed since ends with it, at most 30
# seconds; the text goes to $work/reply.
await() {
	tries=0
	while :; do
		tail -c +$((said + 1)) "$log" | tr -d '\r' > "$work/reply"
		last=$(tail -n 1 "$work/reply"; echo .)
		[ "$last" != "$1." ] || break
		tries=$((tries + 1))
		if [ $tries -gt 300 ] || ! kill -0 $pid 2> /dev/null; then
			not_ok "the monitor answers" "no \"$1\" after:
$(tail -n 5 "$work/reply")"
			stop
			finish
		fi
		sleep 0.1
	done
	said=$(wc -c < "$log")
}

# type LINE: type it, and wait for the prompt.
type() {
	printf '%s\r' "$1" >&3
	await "${2:-malloc> }"
}

# stop: end the emulator's input, and fetch its status.
stop() {
	exec 3>&-
	tries=0
	while kill -0 $pid 2> /dev/null && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	kill $pid 2> /dev/null
	wait $pid
	status=$?
}

# says LINE REGEX [NAME]: typed at the prompt, it is answered like this.
says() {
	type "$1"
	shows "${3:-monitor: $1}" "$2" "$work/reply"
}

# The pages that the last kmem alloc returned, and an address so much later.
pages() {
	sed -n 's/.*) = \(0x[0-9a-f]*\),.*/\1/p' "$work/reply" | head -1
}
plus() {
	printf '%#x' $(($1 + $2))
}

# The physical address that phys said.
physical() {
	sed -n 's/.* is at physical \(0x[0-9a-f]*\),.*/\1/p' "$work/reply"
}

# Do the frames of the reply lie below 16 MB, in one piece of 64 KB?
within_64k() {
	first=$(sed -n 's/.*, frames \(0x[0-9a-f]*\) to .*/\1/p' "$work/reply")
	last=$(sed -n 's/.*, frames .* to \(0x[0-9a-f]*\)$/\1/p' "$work/reply")
	[ -n "$last" ] && [ $((last - first)) -eq 24575 ] &&
	    [ $((last)) -lt 16777216 ] &&
	    [ $((first / 65536)) -eq $((last / 65536)) ]
}

# The block that the last malloc returned.
block() {
	sed -n 's/.*) = \(0x[0-9a-f]*\),.*/\1/p' "$work/reply" | head -1
}

start 'malloc> '
shows "the tour comes before the prompt" 'The tour is over: .* as expected' \
    "$work/reply"

says help '^  malloc +SIZE'
for i in free limit vmstat buckets types page map phys ps test check blocks \
    reclaim trace quit 'kmem alloc' 'kmem free' 'kmem sub' 'kmem vmalloc' \
    'kmem vmfree' 'kmem mmap' 'kmem phys' 'kmem maps' 'kmem map' \
    'kmem frames'; do
	shows "help lists $i" "^  $i " "$work/reply"
done

says 'malloc 300' 'malloc\(300, temp\) = 0x[0-9a-f]+, a block of 320 bytes'
a=$(block)
says 'malloc 4K M_NAMEI zero' 'malloc\(4096, namei\) = 0x.*run of 1 page'
b=$(block)
says 'malloc 0x15000 49 nowait' 'malloc\(86016, temp\) = 0x.*run of 21 pages'
c=$(block)
says 'malloc 64M' 'malloc\(67108864, temp\) = null: it can never be met'
says 'malloc 44 vmmapent' 'malloc\(44, VM mapent\) = 0x.*48 bytes'
d=$(block)
says blocks "malloc\\(300, temp\\) = $a"
says "page $a" '[0-9]+ of 12 blocks free; a block of 320 bytes'
says "phys $a" "$a is at physical 0x[0-9a-f]+, a touch is harmless"
says map '^0x[0-9a-f]+  [a-vA-V_#=@+.-]{64}$'
shows "the map shows a page of blocks of 320 bytes" ' m 320' "$work/reply"
shows "the map shows a larger block, from its first page" '@-{20}' \
    "$work/reply"
says buckets '^ +320 +12 '
says types '^ 49  temp +M_TEMP '
says vmstat '^monitor '
says ps 'monitor|main|kernel|0'
says check '^malloc: 0 wrong, kernel_map: 0 wrong, kmem_map: 0 wrong'
says 'test nosuchsuite' '.'

# A sleeper, woken by a limit and by a free.
says 'limit namei 4096' '^namei: 4096 bytes of 4096 in use'
says 'malloc 100 namei' '^asleep until there is room' \
    "M-WAITOK: a request at its limit sleeps, and the prompt returns"
says 'malloc 100 namei nowait' 'malloc\(100, namei\) = null: it cannot be met'
says blocks '^malloc\(100, namei\) = asleep'
says ps 'namei'
says 'limit namei 1M' '^malloc\(100, namei\) = 0x.*112 bytes' \
    "M-FIFO: raising the limit wakes the sleeper"
e=$(block)
says 'limit namei' '^namei: 4208 bytes of 1048576 in use'
for i in "$b" "$c" "$d" "$e"; do
	says "free $i" "^free\\($i, .*\\): the type holds"
done
says "phys $c" "$c has no page behind it, a touch faults" \
    "K-FREE: the pages of a larger block are gone after free"
says reclaim '^[0-9]+ pages given back to kmem'
says trace '^trace: no file came with the kernel'

# Pages: taken, looked at, given back, in part and whole.
says 'kmem alloc 12K' \
    'kmem_alloc\(kernel_map, 12288\) = 0x[0-9a-f]+, frames ' \
    "K-ALLOC: kmem alloc"
f=$(pages)
says "kmem phys $f" \
    "^kmem_phys\\($f\\) = 0x[0-9a-f]+; kernel_map: wired, 0x" \
    "K-PHYS: kmem phys of pages"
says "kmem free $f 8K" "^kmem_free\\(kernel_map, $f, 8192\\): the map has" \
    "K-FREE: kmem free of a part"
says "kmem phys $f" "^kmem_phys\\($f\\) = 0; kernel_map: hole, 0x" \
    "K-PHYS: kmem phys of a hole"
says "phys $f" "$f has no page behind it, a touch faults" \
    "K-FREE: pages are gone after kmem free"
says "kmem free $(plus "$f" 8192) 4096 kernel" 'the map has [0-9]+ KB'
says 'kmem alloc 20K space' '= 0x[0-9a-f]+, addresses alone$' \
    "K-SPACE: kmem alloc space"
f=$(pages)
says "kmem phys $f" '= 0; kernel_map: reserved, 0x'
says "phys $f" "a touch faults" "K-SPACE: a touch of a reservation faults"
says "kmem free $f 20K" 'the map has'
says 'kmem alloc 24K io1 zero' '= 0x[0-9a-f]+, frames 0x[0-9a-f]+ to 0x' \
    "K-IO: kmem alloc io1"
f=$(pages)
judge "K-IO: kmem alloc io1: below 16 MB, in one 64 KB" "$(cat "$work/reply")" \
    within_64k
says "kmem free $f 24K kernel_map" 'the map has'
says 'kmem alloc 1023M' '= null: it can never be met' \
    "K-ALLOC: kmem alloc of more than the map"
says 'kmem alloc 0x15000000 space nowait' '= null: it c'
says 'kmem frames' '^frames +[0-9]+: [0-9]+ free, [0-9]+ active, [0-9]+ wired$'
shows "kmem frames: those below 16 MB" '^below 16 MB +[0-9]+: [0-9]+ free$' \
    "$work/reply"
judge "K-COUNT: the frames add up, all below 16 MB" "$(cat "$work/reply")" \
    awk '/^frames/ { all = $2 + 0; free = $3; sum = $3 + $5 + $7 }
	/^below/ { exit !(all == sum && $4 + 0 == all && $5 == free) }' \
    "$work/reply"

# A submap of one's own, and a sleeper for its addresses.
says 'kmem sub 16K pageable' '^sub1: 0x[0-9a-f]+ to 0x' "K-SUBALLOC: kmem sub"
says 'kmem sub 64K' '^sub2: 0x'
says 'kmem alloc 12K nowait sub1' '^kmem_alloc\(sub1, 12288\) = 0x'
f=$(pages)
says 'kmem map sub1' "^$f  WWW\\.$"
shows "kmem map: the end of the map" "^$(plus "$f" 16384)  the end" \
    "$work/reply"
says 'kmem maps' '^kernel_map +0x[0-9a-f]+ +0x.* wired$'
shows "kmem maps: kmem_map" '^kmem_map +0x' "$work/reply"
shows "kmem maps: a submap, its use and its hole" \
    "^sub1 +$f +0x[0-9a-f]+ +16 +12 +4 +1  pageable$" "$work/reply"
says 'kmem alloc 8K sub1' '^asleep until there is room' \
    "K-WAITOK: a request for addresses sleeps, and the prompt returns"
says ps '^ +[0-9]+ +kmem +sleeps .*kmemva'
says blocks '^kmem_alloc\(sub1, 8192\) = asleep'
says 'kmem alloc 8K nowait sub1' '= null: it cannot be met now'
says "kmem free $f 8K sub1" "^kmem_alloc\\(sub1, 8192\\) = $f, " \
    "K-WAITOK: kmem free wakes the sleeper"
says 'kmem map' '^ *[0-9]+ KB/cell\|0x'
picture=$(cat "$work/reply")
for i in 'kernel_map  [S+.WRswr]{40,60}' 'kmem_map    [Ww.]{1,60}' \
    'late_map    +[Ww.]{1,2}' 'sub1        +[Ww]{1,2}' \
    'sub2        +\.{1,2}' '\. hole  W wired  R reserved  S submap '; do
	shows "kmem map: $i" "^$i" "$work/reply"
done
judge "kmem map: each submap lies under its place" "$picture" \
    awk '/^kernel_map/ { row = $0 }
	/^(kmem|late|sub)[_a-z0-9]+ / {
		for (i = 13; i <= length($0); i++)
			if (substr($0, i, 1) != " " &&
			    substr(row, i, 1) !~ /[Ss+]/)
				bad = 1
		n++
	} END { exit bad || n < 4 }' "$work/reply"
says 'kmem map kernel' '^0x[0-9a-f]+  S{64}$'
shows "kmem map kernel: a line for the lines that repeat" '^\*$' "$work/reply"

# Memory of a process, and a second address for it.
says 'kmem mmap 0x1000 100' \
    '^kmem_mmap\(kernel_map, 0x1000, 100\) = 0: no room' \
    "K-MMAP: 0 where there is no process with memory"
says 'kmem vmalloc 8K' '^vm_allocate\(8192\) = 0x1000$'
says 'kmem maps' '^process +0x1000 +0x4000000 +65532 +8 +65524 +1  user$'
says 'kmem map process' '^0x1000  OO\.{62}$'
says 'kmem mmap 0x1ffe 4' \
    '^kmem_mmap\(kernel_map, 0x1ffe, 4\) = 0xc[0-9a-f]+ffe, frames ' \
    "K-MMAP: kmem mmap keeps the offset in the page"
f=$(pages)
says 'phys 0x1ffe' '^0x1ffe is at physical 0x[0-9a-f]+ffe, a touch is harmless'
pa=$(physical)
says "kmem phys $f" "^kmem_phys\\($f\\) = $pa; kernel_map: process, 0x" \
    "K-MMAP: one frame behind both addresses"
says 'kmem map' '^kernel_map  [S+]+[Pp+]'
says 'kmem vmfree 0x1000' '^vm_deallocate\(0x1000\): the process has 0 KB now'
says 'phys 0x1ffe' '^0x1ffe has no page behind it, a touch faults'
says "kmem phys $f" "= $pa; kernel_map: process, 0x" \
    "K-MMAP: the pages outlive the process's mapping"
says "phys $f" "$f is at physical $pa, a touch is harmless"
says "kmem free $f 4" "^kmem_free\\(kernel_map, $f, 4\\): the map has" \
    "K-MMAP: kmem free ends it"
says "phys $f" "$f has no page behind it, a touch faults"
says 'kmem mmap 0x1ffe 4' ' = 0: no room, or not this process'
says check '^malloc: 0 wrong, kernel_map: 0 wrong, kmem_map: 0 wrong' \
    "K-COUNT: check finds nothing wrong after all that"

# Wrong input: a line that names the value and what was expected.
wrong() {
	says "$1" "$2" "wrong input: $1"
	judge "wrong input: $1: in one line" \
	    "$(wc -l < "$work/reply") lines" \
	    [ "$(wc -l < "$work/reply")" -eq 2 ]
}
wrong frobnicate '^"frobnicate": there is no such command'
wrong malloc '^malloc with 0 words: expected malloc SIZE'
wrong 'malloc 12q' '^"12q" is not a size: expected'
wrong 'malloc 4294967296' '^"4294967296" is not a size: expected .*below 4G'
wrong 'malloc 4096M' '^"4096M" is not a size'
wrong 'malloc -1' '^"-1" is not a size'
wrong 'malloc 0x' '^"0x" is not a size'
wrong 'malloc 100 nosuch' '^"nosuch" is not a type: expected'
wrong 'malloc 100 0' '^"0" is not a type'
wrong 'malloc 100 temp soon' '^"soon" is not a flag: expected nowait or zero'
wrong 'free zzz' '^"zzz" is not an address: expected'
wrong 'free 0x1000' '^0x1000 was not taken at this prompt: expected'
wrong 'limit temp lots' '^"lots" is not a size'
wrong 'page 0x1000' '^0x1000 is outside the arena: expected 0x'
wrong 'vmstat -m' '^vmstat with 1 word: expected vmstat alone'
wrong kmem '^kmem with 0 words: expected kmem COMMAND'
wrong 'kmem frobnicate' '^"kmem frobnicate": there is no such command'
wrong 'kmem alloc' '^kmem alloc with 0 words: expected kmem alloc SIZE'
wrong 'kmem alloc 12q' '^"12q" is not a size'
wrong 'kmem alloc 4K soon' '^"soon" is not a flag: expected nowait, zero, spa'
wrong 'kmem alloc 4K sub1 zero' '^"sub1" is not a flag: .*; then a map$'
wrong 'kmem alloc 4K io1 io2' '^"io2" is a second flag for devices: expected'
wrong 'kmem alloc 4K zero zero zero zero sub1 sub1 sub1' \
    '^kmem alloc with 8 words: expected'
wrong 'kmem free 0x1000' '^kmem free with 1 word: expected kmem free ADDR SIZE'
wrong 'kmem free zzz 4K' '^"zzz" is not an address'
wrong 'kmem free 0x1000 4q' '^"4q" is not a size'
wrong 'kmem free 0x1000 4K nosuch' '^"nosuch" is not a map: expected a name'
wrong 'kmem sub lots' '^"lots" is not a size'
wrong 'kmem sub 4K wired' '^"wired" is not an attribute: expected pageable'
wrong 'kmem sub 1023M' \
    '^no room in kernel_map, or no memory, for a submap of 1072693248 bytes'
wrong 'kmem sub 0' 'for a submap of 0 bytes$'
wrong 'kmem vmalloc lots' '^"lots" is not a size'
wrong 'kmem vmalloc 128M' '^no memory, or no room, for 134217728 bytes of a p'
wrong 'kmem vmfree zzz' '^"zzz" is not an address'
wrong 'kmem vmfree 0x1000' '^0x1000 is no memory of this process: expected'
wrong 'kmem mmap 0x1000' '^kmem mmap with 1 word: expected kmem mmap ADDR'
wrong 'kmem mmap zzz 4' '^"zzz" is not an address'
wrong 'kmem mmap 0x1000 lots' '^"lots" is not a size'
wrong 'kmem mmap 0x1000 4 nosuch' '^"nosuch" is not a map'
wrong 'kmem phys zzz' '^"zzz" is not an address'
wrong 'kmem phys 0x1000' '^kmem_phys\(0x1000\) = 0; it is in no map$'
wrong 'kmem map nosuch' '^"nosuch" is not a map: expected a name'
wrong 'kmem map mb_map' '^"mb_map" is not a map: expected a name'
wrong 'kmem maps all' '^kmem maps with 1 word: expected kmem maps alone'
wrong 'kmem frames all' '^kmem frames with 1 word: expected kmem frames alone'
type ''
judge "an empty line is no mistake" "it is answered" \
    [ "$(wc -l < "$work/reply")" -eq 1 ]

# The end: a double free, the post-mortem monitor, a status.
says "free $a" "^free\\($a, temp\\)"
printf '%s\r' "free $a" >&3
await 'panic> '
shows "M-BADFREE: a double free panics, with address and type" \
    "free: address $a of type temp is free already" "$work/reply"
shows "M-PANIC: the post-mortem monitor says so" \
    "^The kernel has panicked: free: address $a of type temp" "$work/reply"
post() {
	type "$1" 'panic> '
	shows "after a panic: $1" "$2" "$work/reply"
}
post check '^malloc: 0 wrong, kernel_map: 0 wrong, kmem_map: 0 wrong'
post vmstat 'Memory totals'
post map '^small letter'
post ps '.'
post "page $a" 'blocks free'
post 'malloc 16' '^malloc: the kernel has panicked, and only commands'
post trace '^trace: the kernel has panicked'
post "free $a" '^free: the kernel has panicked'
post 'kmem maps' '^sub1 +0x'
post 'kmem map' '^kernel_map  [S+.WRswr]+$'
post 'kmem map sub1' '^0x[0-9a-f]+  WWW\.$'
post 'kmem phys 0x1000' '= 0; it is in no map$'
post 'kmem frames' '^frames '
post 'kmem alloc 4K' '^kmem alloc: the kernel has panicked, and only commands'
post 'kmem free 0x1000 4K' '^kmem free: the kernel has panicked'
post 'kmem vmalloc 4K' '^kmem vmalloc: the kernel has panicked'
post 'kmem vmfree 0x1000' '^kmem vmfree: the kernel has panicked'
post 'kmem mmap 0x1000 4' '^kmem mmap: the kernel has panicked'
post 'kmem sub 4K' '^kmem sub: the kernel has panicked'
printf 'quit\r' >&3
stop
judge "M-PANIC: after a panic the exit status is not 0" "it is $status" \
    [ "$status" -ne 0 ]
tr -d '\r' < "$log" | grep -v '^Script ' |
    sed -n '/^This is the monitor/,$p' > "$work/session"
mkdir -p build && cp "$work/session" build/monitor.txt

# A bad free of pages ends a kernel as well.
start 'malloc> '
says 'kmem alloc 8K' 'kmem_alloc\(kernel_map, 8192\) = 0x'
f=$(pages)
says "kmem free $f 8K" 'the map has'
printf '%s\r' "kmem free $f 8K" >&3
await 'panic> '
shows "K-FREE: freeing pages twice panics, with address and size" \
    "kmem_free: 8192 bytes at $f are not allocated" "$work/reply"
post check '^malloc: 0 wrong, kernel_map: 0 wrong, kmem_map: 0 wrong'
post "kmem phys $f" '= 0; kernel_map: hole'
printf 'quit\r' >&3
stop
judge "K-FREE: and the exit status is not 0" "it is $status" \
    [ "$status" -ne 0 ]

# A trace, which sleeps at a limit until that is raised, and then once more.
options="-r docs/traces/sqlite3.trace"
start 'malloc> '
shows "a trace is replayed before the prompt" \
    '^trace: as it was recorded' "$work/reply"
says 'limit temp 300K' '^temp: 0 bytes of 307200 in use'
says trace 'sleeps for room under its type.s limit that nobody will free' \
    "M-LIMIT: a trace that passes its type's limit sleeps"
says ps 'replay .*temp'
says trace '^trace: the last replay still waits'
says 'limit temp 1M' '^temp: [0-9]+ bytes of 1048576 in use'
says 'limit temp' '^temp: 0 bytes of 1048576 in use' \
    "M-FIFO: raising the limit lets it go on, and it tidies up"
says trace '^trace: as it was recorded'
says check '^malloc: 0 wrong, kernel_map: 0 wrong, kmem_map: 0 wrong'
printf 'quit\r' >&3
stop
judge "a trace and quit exit 0" "exit status $status" [ "$status" -eq 0 ]
options=

# A life without a panic ends with 0, by quit and by the end of input.
start 'malloc> '
printf 'quit\r' >&3
stop
judge "quit exits 0" "exit status $status" [ "$status" -eq 0 ]
start 'malloc> '
printf '\004' >&3
stop
judge "the end of input exits 0" "exit status $status" [ "$status" -eq 0 ]
finish
