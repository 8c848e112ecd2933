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
	script -qefc "i386/run -m 4 $kernel" "$log" \
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

# The block that the last malloc returned.
block() {
	sed -n 's/.*) = \(0x[0-9a-f]*\),.*/\1/p' "$work/reply" | head -1
}

start 'malloc> '
shows "the tour comes before the prompt" 'The tour is over: .* as expected' \
    "$work/reply"

says help '^  malloc +SIZE'
for i in free limit vmstat buckets types page map phys ps test check blocks \
    maps reclaim quit; do
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
says maps '^kmem_map +0x[0-9a-f]+ to 0x'
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
post "free $a" '^free: the kernel has panicked'
printf 'quit\r' >&3
stop
judge "M-PANIC: after a panic the exit status is not 0" "it is $status" \
    [ "$status" -ne 0 ]
tr -d '\r' < "$log" | grep -v '^Script ' |
    sed -n '/^This is the monitor/,$p' > "$work/session"
mkdir -p build && cp "$work/session" build/monitor.txt

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
