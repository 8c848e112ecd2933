#!/bin/sh
# reports.sh [KERNEL]: what the kernel says of itself where the book shows it:
# boots, panics, processes, an arena at work, kernel_map and its submaps.
# Leaves it in build/reports, pictures as lists for TikZ in said.tex.

. tests/kernel/lib
made=$work/reports
mkdir "$made" || exit 1

# sit ARGUMENT...: type the input at the monitor; what came is in $work/out.
sit() {
	type_at --icount "$@" "$kernel"
}
# said NAME VALUE: the book's \said{NAME}.
said() {
	printf '\\expandafter\\def\\csname said@%s\\endcsname{%s}\n' "$1" "$2" \
	    >> "$made/said.tex"
}

# The arena in the middle of a compiler's work, and its pages as shades.
sit -m 16 -r docs/traces/gcc.trace <<-END
	limit temp 500K
	trace
	map
END
shows "arena: the trace sleeps at a limit" \
    'sleeps for room under its type.s limit' "$work/out"
sed -n '/^malloc> limit temp/,/^malloc> quit/p' "$work/out" |
    sed '/^malloc> trace/,/^trace: /d; $d' > "$made/arena.txt"
sed -n 's/^0x[0-9a-f]*  \([a-vA-V_#=@+.-]\{64\}\)$/\1/p' "$made/arena.txt" |
    sed 's/[A-V]/90,/g; s/[a-v]/45,/g; s/[#=]/75,/g; s/[@-]/60,/g
	s/_/12,/g; s/[+.]/0,/g; s/,$//' > "$work/shades"
n=0
while read -r row; do
	n=$((n + 1))
	said "arena$n" "$row"
done < "$work/shades"
judge "arena: it fills ten lines" "$n" [ "$n" -ge 10 ]

# kernel_map and its submaps to scale: the characters of each row, and the
# cell that it begins in.
printf '%s\n' 'kmem sub 64K' 'kmem alloc 12K nowait sub1' 'kmem map' |
    sit -m 4
for i in kernel_map kmem_map late_map sub1; do
	sed -n "s/^$i  *\([SsWwRrPpOo+.]*\)\$/\1/p" "$work/out" \
	    > "$work/row"
	row=$(cat "$work/row")
	said "row$i" "$(sed 's/./&,/g; s/,$//' "$work/row")"
	said "at$i" "$(awk -v name="$i" -v row="$row" '
	    $2 == row && index($0, name) == 1 {
		print index($0, " " row) - 12 }' "$work/out")"
	judge "map: $i has a row" "it has not" [ -n "$row" ]
done

# Processes, of which one waits for a limit and one for an address.
sit -m 4 <<-END
	kmem vmalloc 24K
	limit socket 128
	malloc 128 socket
	malloc 100 socket
	kmem sub 16K
	kmem alloc 12K nowait sub1
	kmem alloc 8K sub1
	ps
END
sed -n '/^malloc> ps/,/^malloc> quit/{/^malloc>/d;p;}' "$work/out" \
    > "$made/ps.txt"
shows "ps: main has memory of its own" '^ +1 main +runs +127 +24$' \
    "$made/ps.txt"
shows "ps: a sleeper at a limit" ' malloc +sleeps .* socket$' "$made/ps.txt"
shows "ps: a sleeper for an address" ' kmem +sleeps .* kmemva$' \
    "$made/ps.txt"

# A double free: its address is that of the same block in a machine before.
echo 'malloc 300' | sit -m 4
block=$(sed -n 's/^malloc(300, temp) = \(0x[0-9a-f]*\),.*/\1/p' "$work/out")
printf '%s\n' 'malloc 300' "free $block" "free $block" | sit -m 4
sed -n '/^panic: /,/^$/{/./p;}' "$work/out" > "$made/double.txt"
shows "double: the block, and its type" \
    "^panic: free: address $block of type temp is free already" \
    "$made/double.txt"
sed -n "s/.*, \(cmd_free+0x[0-9a-f]*\)\$/\$ gdb -batch -ex \
'info line *\1' build\/kernel.elf/p" "$made/double.txt" > "$made/gdb.txt"
judge "double: free's command called it" "$(cat "$made/double.txt")" \
    [ -s "$made/gdb.txt" ]

# panics NAME REGEX LINES: the suite of that name ends the kernel with this.
panics() {
	boot "$work/out" --icount -m 4 -a "test=report-$1" "$kernel"
	sed -n '/^panic: /,$p' "$work/out" | head -"$3" > "$made/$1.txt"
	shows "$1: a panic that nobody catches" "^panic: $2" "$made/$1.txt"
	judge "$1: the machine ends with 1" "exit status $status" \
	    [ "$status" -eq 1 ]
}
panics stack 'stack overflow: process 1 \(main\)' 8
grep '^boot:' "$work/out" > "$made/boot.txt"
panics handler 'page fault: read of address 0x5, at ' 40
shows "handler: in the idle process, at the clock's level" \
    'process 0 \(idle\), level 3, in an interrupt handler' "$made/handler.txt"

boot "$work/out" --icount -m 4 -a test=fault "$kernel"
grep -m 1 '^process .* page fault: ' "$work/out" > "$made/fault.txt"
shows "fault: a program's, at the place that the book follows" \
    'read of address 0xc0100000, at 0x13b6$' "$made/fault.txt"
boot "$work/out" -m 2 "$kernel"
grep '^boot: memory found' "$work/out" > "$made/small.txt"
shows "small: two megabytes are too little" 'memory needed' "$made/small.txt"
i386/run 2>&1 | head -2 > "$made/usage.txt"
shows "usage: of the script" '^usage: i386/run' "$made/usage.txt"

judge "80 columns are enough" "$(awk 'length > 80' "$made"/*.txt)" \
    awk 'length > 80 { wide = 1 } END { exit wide }' "$made"/*.txt
mkdir -p build/reports && cp "$made"/* build/reports
cat "$made"/*.txt > build/reports.txt
finish
