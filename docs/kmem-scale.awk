# Turn docs/data/kmem-scale.dat into definitions for the book, where
# \kmemcost{space}{random}{100}{alloc} is then a number, and the same with
# `growth' for a number of entries is how it grows from 100 to 100,000 (wired:
# to 10,000); allocmore and the like are what is above the empty map's.
function commas(n)
{
	return n >= 1000 ? commas(int(n / 1000)) "," \
	    sprintf("%03d", n % 1000) : sprintf("%d", n)
}
function define(entries, column, value)
{
	printf "\\expandafter\\def\\csname kmem@%s@%s@%s@%s\\endcsname{%s}\n",
	    $1, $2, entries, column, value
}
/^#/ { next }
!ncolumns {
	for (i = 1; i <= NF; i++)
		name[i] = $i
	ncolumns = NF
	next
}
{
	if ($2 == "empty")
		for (i = 4; i <= NF; i++)
			empty[$1, i] = $i
	for (i = 4; i <= NF; i++) {
		define($3, name[i], commas($i))
		if ($1 != "ring")
			define($3, name[i] "more", commas($i - empty[$1, i]))
		if ($3 == 100)
			small[$1, $2, i] = $i
		if ($3 == ($1 == "wired" ? 10000 : 100000))
			define("growth", name[i],
			    sprintf("%.2f", $i / small[$1, $2, i]))
	}
}
