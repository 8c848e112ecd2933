#!/bin/sh
# sessions.sh [KERNEL]: the shorter sessions and reports that the book shows.
# Each goes to a file of build/sessions, and an address or a number that the
# book's sentences need to said.tex; what else they say of it is judged here.

. tests/kernel/lib
. tests/kernel/talk
options="--icount -m 4"
made=$work/sessions
mkdir "$made"

# shown LINE REGEX: type it, keep what is printed, and judge that.
shown() {
	says "$1" "$2" "the book: $1"
	{ printf 'malloc> '; sed '$d' "$work/reply"; } |
	    sed '/^\. hole /,/ several$/d' >> "$work/piece"
}
# dies LINE REGEX: the same, where the kernel panics; to the message.
dies() {
	printf '%s\r' "$1" >&3
	await 'panic> '
	shows "the book: $1" "^panic: $2" "$work/reply"
	{ printf 'malloc> '; sed '/^panic: /q' "$work/reply"; } >> "$work/piece"
	printf 'quit\r' >&3
	stop
}
# keep NAME: what was shown since the last one.
keep() {
	mv "$work/piece" "$made/$1.txt"
}
# said NAME VALUE: the book's \said{NAME}.
said() {
	printf '\\expandafter\\def\\csname said@%s\\endcsname{%s}\n' "$1" "$2" \
	    >> "$made/said.tex"
}
# frames: how many are free, as the last kmem frames has it.
frames() {
	sed -n 's/^frames .*: \([0-9]*\) free,.*/\1/p' "$work/reply"
}
# from: the first frame of the last kmem alloc.
from() {
	sed -n 's/.* frames .*from \(0x[0-9a-f]*\)$/\1/p
	    s/.*, frames \(0x[0-9a-f]*\) to .*/\1/p' "$work/reply"
}
# same NAME A B: they are equal.
same() {
	judge "the book: $1" "$2, not $3" [ "$2" = "$3" ]
}
cells='[Ss+.WRwrPpOo]+'

# A picture to scale.
start 'malloc> '
shown 'kmem map' "^kernel_map  $cells\$"
kb=$(sed -n 's/^ *\([0-9]*\) KB.cell.*/\1/p' "$work/reply")
base=$(sed -n 's/.* KB.cell|\(0x[0-9a-f]*\) .*/\1/p' "$work/reply")
type 'kmem alloc 4K space nowait'
first=$(pages)
type "kmem free $first 4K"
cell=$((kb * 1024))
n=$(((first - base) / cell))
tenth=$((base + (n + 1) * cell))
same "the first free page is in the ninth cell" $n 8
shown "kmem alloc $(((tenth + cell - first) / 1024))K space nowait" \
    "= $first, addresses alone"
shown 'kmem alloc 4K space nowait' "= $(plus $tenth $cell), addresses alone"
single=$(pages)
shown "kmem alloc $((kb - 4))K space nowait" '0x.*, addresses alone'
shown "kmem alloc $((kb * 2))K nowait" '0x.*, frames '
shown 'kmem map' '^kernel_map  SSSSSSS\+\+RRWW\.'
shown "kmem free $first $(((tenth + cell - first) / 1024))K" 'the map has'
shown "kmem free $single 4K" 'the map has'
shown 'kmem map' '^kernel_map  SSSSSSS\+\+\.rWW\.'
keep mapscale
said scalefrom "$base"
said scalecell "$(plus $cell 0)"
said scaletenth "$(plus $tenth 0)"
said scaleeleventh "$(plus $tenth $cell)"
said scalekb "$kb"
said scalepages $((kb / 4))
said scaleless $((kb / 4 - 1))
said scalehole $(((tenth - first) / 4096))
printf 'quit\r' >&3
stop

# First fit.
start 'malloc> '
shown 'kmem alloc 32K space nowait' "= $first, addresses alone"
shown 'kmem alloc 8K space nowait' "= $(plus $first 0x8000), "
shown 'kmem alloc 16K space nowait' "= $(plus $first 0xa000), "
shown 'kmem alloc 8K space nowait' "= $(plus $first 0xe000), "
shown 'kmem maps' '^kernel_map .* 7  wired$'
keep firstfit
shown "kmem free $first 32K" 'the map has'
shown "kmem free $(plus $first 0xa000) 16K" 'the map has'
shown 'kmem alloc 16K space nowait' "= $first, "
shown 'kmem alloc 20K space nowait' "= $(plus $first 0x10000), "
shown 'kmem alloc 16K space nowait' "= $(plus $first 0x4000), "
shown 'kmem alloc 16K space nowait' "= $(plus $first 0xa000), "
keep firstfit2
said firstfit "$first"
dies "kmem free $(plus $first 0x8000) 12K" 'kmem_free: .* partly allocated'
keep firstfit3

# A reservation is freed whole.
start 'malloc> '
shown 'kmem alloc 16K space' "= $(plus $first 0x3000), "
shown 'kmem alloc 16K space nowait' "= $(plus $first 0x7000), "
shown "kmem phys $first" "hole, $first to $(plus $first 0x3000)"
keep whole
dies "kmem free $(plus $first 0x4000) 4K" 'kmem_free: .* of a reservation'
keep whole2

# A late submap.
start 'malloc> '
shown 'kmem sub 64K' "^sub1: $first to $(plus $first 0x10000)\$"
shown 'kmem alloc 64K nowait sub1' "= $first, frames"
high=$(from)
shown "kmem free $(plus $first 0x2000) 12K sub1" '52 KB'
shown "kmem free $(plus $first 0x8000) 20K sub1" '32 KB'
shown 'kmem map sub1' '  WW\.\.\.WWW\.\.\.\.\.WWW$'
shown 'kmem maps' '^sub1 .* 64 +32 +20 +3  wired$'
set -- $(grep '^kernel_map' "$work/reply")
same "kernel_map has four entries" "$7" 4
said lateused "$5"
said latehole "$6"
keep late
type 'kmem map'
for i in kernel_map kmem_map late_map sub1; do
	row=$(sed -n "s/^$i  *\([^ ].*\)/\1/p" "$work/reply")
	said "row$i" "$(echo "$row" | sed 's/./&,/g; s/,$//')"
	said "at$i" "$(awk -v name="$i" -v row="$row" '$1 == name {
		print index($0, " " row) - 12 }' "$work/reply")"
done
shown 'kmem alloc 24K sub1' '^asleep until there is room'
shown ps ' kmem +sleeps .* kmemva$'
shown 'kmem alloc 20K nowait sub1' "= $(plus $first 0x8000), frames"
low=$(from)
shown 'kmem alloc 8K nowait sub1' "= $(plus $first 0x2000), frames"
shown "kmem free $(plus $first 0x5000) 12K sub1" '48 KB'
shown blocks 'sub1, 24576\) = asleep$'
shown 'kmem map sub1' '  WWWW\.\.\.\.WWWWWWWW$'
keep late2
said latehigh "$high"
said latelow "$low"
judge "the book: the pool gave frames back, which are lower" "$low, $high" \
    [ $((low)) -lt $((high)) ]
shown 'kmem alloc 128K sub1' 'null: it can never be met$'
shown 'kmem alloc 128K nowait sub1' 'null: it cannot be met now$'
dies "kmem free $first 8K" 'kmem_free: .* belong to a submap'
keep late3

# No row is free.
start 'malloc> '
type 'kmem frames'
free=$(frames)
shown "kmem alloc $(((free - 10) * 4))K nowait" 'frames in . runs from'
big=$(pages)
pa=$(from)
off=$((65536 - pa % 65536))
shown "kmem free $(plus $big $off) 32K" 'the map has'
shown "kmem free $(plus $big $((off + 131072))) 32K" 'the map has'
shown 'kmem frames' '^frames'
few=$(frames)
same "ten frames and two times eight are free" "$few" 26
shown 'kmem alloc 64K io1 nowait' 'null: it cannot be met now$'
shown 'kmem alloc 32K io1 nowait' "frames $(plus $pa $off) to"
shown "kmem free $(plus $big $off) 32K" 'the map has'
shown 'kmem alloc 64K nowait' 'frames in [2-9] runs from'
said norowruns "$(sed -n 's/.* in \([0-9]\) runs from .*/\1/p' "$work/reply")"
said norowpool "$(from)"
shown "kmem free $(pages) 64K" 'the map has'
keep norow
said norowfrom "$pa"
said norowone "$(plus $pa $off)"
said norowtwo "$(plus $pa $((off + 131072)))"
shown 'kmem alloc 64K io1' '^asleep until there is room'
shown ps ' kmem +sleeps .* kmempg$'
shown 'kmem frames' '^frames'
same "the pool gave eight, a stack took three" "$(frames)" $((few + 8 - 3))
shown "kmem free $(plus $big $((off + 32768))) 32K" \
    "= 0x.*, frames $(plus $pa $off) to"
shown 'kmem frames' '^frames'
same "and all but sixteen are there again" "$(frames)" "$few"
shown 'kmem alloc 68K io1' 'null: it can never be met$'
shown 'kmem alloc 68K io2 nowait' 'null: it cannot be met now$'
keep norow2
printf 'quit\r' >&3
stop

# Two names.
start 'malloc> '
shown 'kmem frames' ' 0 active'
free=$(frames)
shown 'kmem vmalloc 8K' '= 0x1000$'
shown 'kmem vmalloc 4K' '= 0x3000$'
shown 'kmem frames' " $((free - 5)) free, 3 active"
shown 'kmem mmap 0x1ffe 4' '= 0xc[0-9a-f]*ffe, frames'
f=$(pages)
shown 'kmem frames' " $((free - 5)) free, 1 active"
shown 'kmem vmfree 0x1000' '4 KB now$'
shown 'kmem frames' " $((free - 5)) free, 1 active"
shown "kmem free $f 4" 'the map has'
shown 'kmem frames' " $((free - 3)) free, 1 active"
keep names
shown 'kmem mmap 0x3000 4K' '= 0xc[0-9a-f]*000, frames'
f=$(pages)
shown 'kmem frames' " $((free - 3)) free, 0 active"
shown "kmem free $f 4K" 'the map has'
shown 'kmem frames' " $((free - 3)) free, 1 active"
shown 'kmem vmfree 0x3000' '0 KB now$'
shown 'kmem frames' " $((free - 1)) free, 0 active"
keep names2
said namesfree "$free"
said namesleft $((free - 1))
shown 'kmem vmalloc 8K' '= 0x1000$'
shown 'kmem mmap 0x2000 8K' "= 0: no room, or not this process's to write\$"
shown 'kmem mmap 0x1000 8K' '= 0xc.*, frames'
f=$(pages)
shown 'kmem mmap 0x1000 8K' '= 0xc.*, frames'
shown 'kmem frames' ' 0 active'
dies "kmem free $f 4K" "kmem_free: .* part of a process's memory"
keep names3

# Sleepers of all kinds.
start 'malloc> '
type 'kmem vmalloc 24K'
type 'limit socket 128'
type 'malloc 128 socket'
type 'malloc 100 socket'
type 'kmem sub 16K'
type 'kmem alloc 12K nowait sub1'
type 'kmem alloc 8K sub1'
shown ps '^ +[0-9]+ +main +runs +127 +24'
sed -i 1d "$work/piece"
keep ps
printf 'quit\r' >&3
stop

# The arena in the middle of a compiler's work, also as shades of grey.
options="--icount -m 16 -r docs/traces/gcc.trace"
start 'malloc> '
shown 'limit temp 500K' 'in use'
says trace 'sleeps for room under its type.s limit' "the book: trace"
shown map '^0x[0-9a-f]+  [a-vA-V_#=@+.-]{64}$'
keep arena
sed -n 's/^0x[0-9a-f]*  \(.*\)/\1/p' "$work/reply" |
    sed 's/[A-V]/90,/g; s/[a-v]/45,/g; s/[#=]/75,/g; s/[@-]/60,/g
	s/_/12,/g; s/[+.]/0,/g; s/,$//' | cat -n > "$work/shades"
while read -r i row; do
	said "arena$i" "$row"
done < "$work/shades"
judge "the book: the arena fills ten rows" "$(wc -l < "$work/shades")" \
    [ "$(wc -l < "$work/shades")" -ge 10 ]
printf 'quit\r' >&3
stop

# A short session, and the report of a double free.
options="--icount -m 16"
start 'malloc> '
tr -d '\r' < "$log" | awk '/^boot:/ && !n++ { print "$ make run"; print
	    print "..." }
	/^The tour is over/ { on = 1 }
	on && !/^malloc>/' > "$work/piece"
shown 'malloc 300' 'a block of 320 bytes$'
b=$(block)
shown ps ' main +runs '
shown bogus 'there is no such command'
cp "$work/piece" "$work/session"
keep session
echo 'malloc> quit' >> "$made/session.txt"
type "free $b"
printf '%s\r' "free $b" >&3
await 'panic> '
sed -n '/^panic: /,/^$/{/./p;}' "$work/reply" > "$made/double.txt"
shows "the book: a double free" 'called from .*, cmd_free\+0x' \
    "$made/double.txt"
sed -n "s/.*, \(cmd_free+0x[0-9a-f]*\)\$/\$ gdb -batch -ex 'info line *\1' \
build\/kernel.elf/p" "$made/double.txt" > "$made/gdb.txt"
printf 'quit\r' >&3
stop

# Reports, and what the machine says of itself.
# report NAME REGEX: the suite of that name ends the kernel with this.
report() {
	boot "$work/out" --icount -m 4 -a "test=report-$1" "$kernel"
	sed -n '/^panic: /,$p' "$work/out" | head -"$3" > "$made/$1.txt"
	shows "the book: $2" "^panic: $2" "$made/$1.txt"
	judge "and the machine stops" "exit status $status" [ "$status" -eq 1 ]
}
report stack 'stack overflow: process 1 \(main\)' 8
grep '^boot:' "$work/out" > "$made/boot.txt"
report handler 'page fault: read of address 0x5, at ' 40
boot "$work/out" --icount -m 4 -a test=fault "$kernel"
grep -m 1 '^process .* page fault: ' "$work/out" > "$made/userfault.txt"
shows "the book: a program's fault" 'read of address 0xc0100000, at 0x13b6$' \
    "$made/userfault.txt"
boot "$work/out" -m 2 "$kernel"
grep '^boot: memory found' "$work/out" > "$made/small.txt"
shows "the book: two megabytes" 'memory needed' "$made/small.txt"
boot "$made/soak.txt" --icount -m 4 -a "soak=1 ticks=10000" "$kernel"
shows "the book: the soak" '^soak: seed 1: 0 things wrong' "$made/soak.txt"
i386/run 2>&1 | head -2 > "$made/usage.txt"
shows "the book: the script's usage" '^usage: i386/run' "$made/usage.txt"

judge "no line has more than 80 columns" "$(awk 'length > 80' "$made"/*.txt)" \
    awk 'length > 80 { wide = 1 } END { exit wide }' "$made"/*.txt
rm -rf build/sessions && mkdir -p build && cp -R "$made" build/sessions
finish
