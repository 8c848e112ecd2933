# Turn docs/data/level.dat into definitions for the book, where
# \levellongest{malloc.c}{free} is then a number, \levelworst{kmem.c} that of a
# whole file, and \levelrows{kmem.c} the rows of a table: function, stretches,
# the longest, its own, who ended it, where; numbers are own, that is without
# what wakeup took.  `held' stands for malloc and free, which
# are what the bound holds for.
function commas(n)
{
	return n >= 1000 ? commas(int(n / 1000)) "," \
	    sprintf("%03d", n % 1000) : sprintf("%d", n)
}
function tt(s)
{
	gsub(/_/, "\\_", s)
	return "\\texttt{" s "}"
}
function put(f)
{
	rows[f] = rows[f] tt($2) " & " commas($3) " & " commas($4) " & " \
	    commas($5) " & " tt($6) " & " $7 "\\\\\n"
	if ($5 > worst[f] + 0)
		worst[f] = $5
}
/^#/ || $1 == "file" { next }
{
	printf "\\expandafter\\def\\csname level@%s@%s\\endcsname{%s}\n",
	    $1, $2, commas($5)
	put($1)
	if ($8 > 0)
		put("held")
}
END {
	for (f in rows) {
		printf "\\expandafter\\def\\csname level@rows@%s\\endcsname" \
		    "{%%\n%s}\n", f, rows[f]
		printf "\\expandafter\\def\\csname level@worst@%s\\endcsname" \
		    "{%s}\n", f, commas(worst[f])
	}
}
