#!/bin/sh
# sessions.sh [KERNEL]: sessions at the monitor of a machine of 4 MB, right
# after the tour, of which the book shows pieces and tells what they mean.
# Leaves the pieces in build/sessions, and holds what is told to them.

. tests/kernel/lib
pieces=$work/pieces
mkdir $pieces || exit 1

# sit: type the lines of the input.  "= NAME" opens a piece; what comes before
# the first is not shown.  Of a panic the piece has the message, and of a
# picture no legend.
sit() {
	cat > "$work/lines"
	grep -v '^=' "$work/lines" | type_at -m 4 --icount "$kernel"
	awk -v lines="$work/lines" -v dir=$pieces '
	function next_line() {
		while ((getline line < lines) > 0 && line ~ /^=/)
			piece = dir "/" substr(line, 3) ".txt"
	}
	/^malloc> / {
		next_line()
		on = $0 == "malloc> " line && piece != ""
	}
	/^(\. hole|O object)  / { next }
	on { print > piece }
	/^panic: / { exit }
	' "$work/out"
}

# plus ADDRESS BYTES
plus() {
	printf '%#x' $(($1 + $2))
}

# What the pieces are reckoned from: where kernel_map begins, the bytes of a
# cell of its picture, the lowest hole, how many frames are free, and the
# first of those that a large request is given.
sit <<-'END'
	= probe
	kmem maps
	kmem map
	kmem alloc 4K space nowait
	kmem frames
	kmem alloc 1M nowait
END
probe() {
	sed -n "$1" $pieces/probe.txt | head -1
}
map=$(probe 's/^kernel_map *\(0x[0-9a-f]*\) .*/\1/p')
cell=$(probe 's/^ *\([0-9]*\) KB.cell.*/\1/p')
base=$(probe 's/.*4096) = \(0x[0-9a-f]*\),.*/\1/p')
free=$(probe 's/^frames .*: \([0-9]*\) free,.*/\1/p')
frame=$(probe 's/.*1048576) = .*[ ms] \(0x[0-9a-f]*\).*/\1/p')
rm $pieces/probe.txt
judge "the machine is as the sessions want it" \
    "map $map, cell $cell, hole $base, $free free, from $frame" \
    [ -n "$map" -a -n "$cell" -a -n "$base" -a -n "$free" -a -n "$frame" ]
[ "$failed" -eq 0 ] || finish

# The Console: What a session looks like.
sit <<-END
	= console
	malloc 300
	ps
	bogus
END
shows "console: a block" 'malloc\(300, temp\) = 0x.*, a block of 320 bytes' \
    $pieces/console.txt

# The Monitor: What a picture to scale hides.  The lowest hole is in the
# ninth cell; what is taken ends with the tenth, and fills three more.
tenth=$(plus "$map" $((10 * cell * 1024)))
sit <<-END
	= scale
	kmem map
	kmem alloc $(((tenth - base) / 1024))K space nowait
	kmem alloc 4K space nowait
	kmem alloc $((cell - 4))K space nowait
	kmem alloc $((2 * cell))K nowait
	kmem map
	kmem free $base $(((tenth - base) / 1024))K
	kmem free $tenth 4K
	kmem map
END
judge "scale: a dot, then capitals; a plus stays, a small letter comes" \
    "$(grep ^kernel_map $pieces/scale.txt)" \
    awk '/^kernel_map  [S+]/ { row[++n] = substr($0, 13, 15) } END {
	exit !(n == 3 && row[1] ~ /^S+\+\+\.\.\.\.\.\.$/ &&
	    row[2] ~ /\+\+RRWW\.\.$/ && row[3] ~ /\+\+\.rWW\.\.$/) }' \
    $pieces/scale.txt

# The Monitor: Eight experiments, the second.  Thirty-two blocks are taken,
# then freed in that order; the pages of their class, after some of the frees.
take() {
	for i in 1 2 3 4 5 6 7 8; do
		printf 'malloc 1000\nmalloc 1000\nmalloc 1000\nmalloc 1000\n'
	done
}
{ echo '= blocks'; take; } | sit
{
	take
	echo '= blocks'
	sed -n 's/.*) = \(0x[0-9a-f]*\), a block .*/free \1/p' \
	    $pieces/blocks.txt | awk '{ print; print "map" }'
} > "$work/typed"
sit < "$work/typed"
awk '/^malloc> free/ { n++ }
/^0x/ && $2 ~ /#=/ && (n == 8 || n == 9 || n == 28 || n == 29) {
	sub(/.*#=/, "", $2)
	printf "after %2d frees  %s\n", n, substr($2, 1, 8)
}' $pieces/blocks.txt > $pieces/pages.txt
rm $pieces/blocks.txt
judge "pages: the ninth free fills one, the twenty-ninth sends two back" \
    "$(cat $pieces/pages.txt)" \
    [ "$(sed 's/.* //' $pieces/pages.txt | tr '\n' ' ')" = \
    'TTTTTTTT _tTTTTTT _____TTT ____..tT ' ]

# The Monitor: A session about address space.
sit <<-END
	= fit-1
	kmem alloc 32K space nowait
	kmem alloc 8K space nowait
	kmem alloc 16K space nowait
	kmem alloc 8K space nowait
	kmem maps
	= fit-2
	kmem free $base 32K
	kmem free $(plus "$base" 0xa000) 16K
	kmem alloc 16K space nowait
	kmem alloc 20K space nowait
	kmem alloc 16K space nowait
	kmem alloc 16K space nowait
	= fit-3
	kmem free $(plus "$base" 0x8000) 12K
END
shows "fit: the first hole, not the best" "16384\) = $base," $pieces/fit-2.txt
shows "fit: what is larger goes behind all" \
    "20480\) = $(plus "$base" 0x10000)," $pieces/fit-2.txt
shows "fit: two reservations are two" 'are partly allocated' $pieces/fit-3.txt

sit <<-END
	= whole-1
	kmem alloc 16K space
	kmem alloc 16K space nowait
	kmem phys $base
	= whole-2
	kmem free $(plus "$base" 0x4000) 4K
END
shows "whole: the asker's stack lay before it" \
    "16384\) = $(plus "$base" 0x3000)," $pieces/whole-1.txt
shows "whole: the hole is where it was" \
    "hole, $base to $(plus "$base" 0x3000)" $pieces/whole-1.txt
shows "whole: no part of a reservation" 'part of a reservation' \
    $pieces/whole-2.txt

sit <<-END
	= wait-1
	kmem sub 64K
	kmem alloc 64K nowait sub1
	kmem free $(plus "$base" 0x2000) 12K sub1
	kmem free $(plus "$base" 0x8000) 20K sub1
	kmem map sub1
	kmem maps
	= wait-2
	kmem alloc 24K sub1
	ps
	kmem alloc 20K nowait sub1
	kmem alloc 8K nowait sub1
	kmem free $(plus "$base" 0x5000) 12K sub1
	blocks
	kmem map sub1
	= wait-3
	kmem alloc 128K sub1
	kmem alloc 128K nowait sub1
	kmem free $base 8K
END
shows "wait: 32 KB are free, 20 in one piece" '^sub1 .* 64 +32 +20 +3 ' \
    $pieces/wait-1.txt
shows "wait: it sleeps for an address" 'kmem +sleeps .* kmemva$' \
    $pieces/wait-2.txt
shows "wait: woken, it sleeps again" '24576\) = asleep$' $pieces/wait-2.txt
shows "wait: a submap is not freed" 'belong to a submap' $pieces/wait-3.txt

# Two holes in the frames, each the lower half of 64 KB; ten more are free.
low=$(plus "$base" $((0x60000 - frame)))
high=$(plus "$base" $((0x80000 - frame)))
sit <<-END
	= row-1
	kmem alloc $((4 * (free - 10)))K nowait
	kmem free $low 32K
	kmem free $high 32K
	kmem frames
	kmem alloc 64K io1 nowait
	kmem alloc 32K io1 nowait
	kmem free $low 32K
	kmem alloc 64K nowait
	kmem free $(plus "$base" $((4096 * (free - 10)))) 64K
	= row-2
	kmem alloc 64K io1
	ps
	kmem frames
	kmem free $(plus "$low" 0x8000) 32K
	kmem frames
	kmem alloc 68K io1
	kmem alloc 68K io2 nowait
END
cat $pieces/row-1.txt $pieces/row-2.txt > "$work/row"
shows "row: eight are granted, in the first hole" \
    '32768\) = .*, frames 0x60000 to 0x67fff$' "$work/row"
shows "row: and sixteen that are not in one" \
    '65536\) = .*, frames in [2-9] runs from' "$work/row"
shows "row: 26 are free, 31 beside the sleeper, 26" \
    '26 31 26' - <<-END
	$(echo $(sed -n 's/^frames .*: \([0-9]*\) free,.*/\1/p' "$work/row"))
END
shows "row: it sleeps for frames" 'kmem +sleeps .* kmempg$' "$work/row"
shows "row: the upper half completes it" \
    '65536\) = .*, frames 0x60000 to 0x6ffff$' "$work/row"

sit <<-END
	= names-1
	kmem frames
	kmem vmalloc 8K
	kmem vmalloc 4K
	kmem frames
	kmem mmap 0x1ffe 4
	kmem frames
	kmem vmfree 0x1000
	kmem frames
	kmem free $(plus "$base" 0x2ffe) 4
	kmem frames
	= names-2
	kmem mmap 0x3000 4K
	kmem frames
	kmem free $(plus "$base" 0x2000) 4K
	kmem frames
	kmem vmfree 0x3000
	kmem frames
	= names-3
	kmem vmalloc 8K
	kmem mmap 0x2000 8K
	kmem mmap 0x1000 8K
	kmem mmap 0x1000 8K
	kmem frames
	kmem free $(plus "$base" 0x2000) 4K
END
judge "names: free, active and wired, step by step" \
    "$(grep -h ^frames $pieces/names-*.txt)" \
    awk '/^frames/ {
		f = $3 + 0; a = $5 + 0; w = $7 + 0
		if (n++ > 0)
			steps = steps f - of "," a - oa "," w - ow " "
		of = f; oa = a; ow = w
	} END { exit steps != "-5,3,2 0,-2,2 0,0,0 2,0,-2 0,-1,1 0,1,-1 " \
	    "2,-1,-1 -3,0,3 " }' \
    $pieces/names-1.txt $pieces/names-2.txt $pieces/names-3.txt
shows "names: half of a region is not mapped" '0x2000, 8192\) = 0: ' \
    $pieces/names-3.txt
shows "names: a region is freed whole" "part of a process's memory" \
    $pieces/names-3.txt

mkdir -p build/sessions && cp $pieces/*.txt build/sessions
cat $pieces/*.txt > build/sessions.txt
finish
